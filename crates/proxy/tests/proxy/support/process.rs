//! The proxy, as a process of its own.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use std::{fs, process, thread};

use super::raw::Client;

pub(crate) struct Proxy {
    child: Child,
    folder: PathBuf,
    log: Arc<Mutex<Vec<String>>>,
}

static COUNT: AtomicU32 = AtomicU32::new(0);

impl Proxy {
    /// Starts it with this configuration, and waits until it listens.
    pub(crate) async fn start(config: &str) -> Self {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("railjar-proxy-{}-{number}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("proxy.toml");
        fs::write(&file, config).unwrap();
        let mut child = Self::command(&file).stdout(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Mutex::new(Vec::new()));
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let kept = Arc::clone(&log);
        thread::spawn(move || {
            lines.map_while(Result::ok).for_each(|line| kept.lock().unwrap().push(line));
        });
        let proxy = Self { child, folder, log };
        let listeners = config.matches("listen = ").count() + config.matches("admin = ").count();
        proxy.wait_for(listeners, "\"listening\"").await;
        proxy
    }

    pub(crate) fn command(file: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_railjar-proxy"));
        command.arg(file).env("RAILJAR_TEST_SECRET", super::SECRET);
        command
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.join("proxy.toml")
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn http(&self) -> SocketAddr {
        self.address("Plain")
    }

    pub(crate) fn tls(&self) -> SocketAddr {
        self.address("Tls")
    }

    pub(crate) fn admin(&self) -> SocketAddr {
        self.address("Admin")
    }

    fn address(&self, kind: &str) -> SocketAddr {
        let lines = self.lines(&format!("\"kind\":\"{kind}\""));
        let line = lines.last().unwrap();
        let address = line.split("\"address\":\"").nth(1).unwrap();
        address.split('"').next().unwrap().parse().unwrap()
    }

    /// A connection to it.
    pub(crate) async fn client(&self) -> Client {
        Client::connect(self.http()).await
    }

    /// One request's reply, over a connection of its own.
    pub(crate) async fn get(&self, path: &str) -> super::Reply {
        self.client().await.get(path).await
    }

    /// The metrics, as text.
    pub(crate) async fn metrics(&self) -> String {
        Client::connect(self.admin()).await.get("/metrics").await.body
    }

    /// The lines of the log that hold `text`.
    pub(crate) fn lines(&self, text: &str) -> Vec<String> {
        let lines = self.log.lock().unwrap();
        lines.iter().filter(|line| line.contains(text)).cloned().collect()
    }

    /// Waits until so many lines hold `text`.
    pub(crate) async fn wait_for(&self, count: usize, text: &str) {
        let start = Instant::now();
        while self.lines(text).len() < count {
            if start.elapsed() > Duration::from_secs(5) {
                let log = self.log.lock().unwrap().join("\n");
                panic!("{count} lines with {text} did not come:\n{log}");
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub(crate) fn signal(&self, name: &str) {
        let done = Command::new("kill").args([name, &self.pid().to_string()]).status().unwrap();
        assert!(done.success());
    }

    /// Writes another configuration and has it read.
    pub(crate) async fn reload(&self, config: &str) {
        let before = self.lines("reloaded").len();
        fs::write(self.file(), config).unwrap();
        self.signal("-HUP");
        self.wait_for(before + 1, "reloaded").await;
    }

    /// Waits for its end.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(start.elapsed() < Duration::from_secs(5), "it does not end");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}
