# Runs browser.cjs beside the simulated users.

class Chromium
  def initialize(port)
    @site = "http://127.0.0.1:#{port}"
  end

  def start
    reading, @until_closed = IO.pipe
    @pid = spawn("node", File.join(__dir__, "browser.cjs"), @site, in: reading)
    reading.close
  end

  # Lets it log out. Says whether all went well.
  def finish
    @until_closed.close
    Process.wait2(@pid).last.success?
  end
end
