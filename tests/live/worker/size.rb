# What is sent to each data centre, compressed as Cloudflare counts it.

class Size
  # What it has, and little more: it grows by what the library learns, and each figure in
  # docs/worker.md is to be true.
  MOST = 245_000

  def initialize(stage)
    @stage = stage
  end

  def run
    sizes = @stage.modules.map { |path| [File.size(path), `gzip -9c #{path}`.bytesize] }
    plain, gzipped = sizes.transpose.map(&:sum)
    puts format("size: %d KB, %d KB gzipped", plain / 1000, gzipped / 1000)
    @stage.checks.same?("size: under #{MOST / 1000} KB", true, gzipped < MOST, gzipped)
  end
end
