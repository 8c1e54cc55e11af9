# What is sent to each data centre, compressed as Cloudflare counts it.

class Size
  MOST = 200_000

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
