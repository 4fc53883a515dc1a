//! The program in a process of its own: started, killed, paused, woken.

use std::fs::{File, OpenOptions};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// How long the program may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// How to start it.
#[derive(Clone)]
pub struct Recipe {
    /// The program itself; none for the one that this harness was linked with.
    pub program: Option<PathBuf>,
    pub url: String,
    pub log: PathBuf,
    /// Whether its clock takes orders; then it is the real server behind another command line.
    pub with_clock: bool,
    /// The most bytes that a file of its may hold; more is refused as on a full disk.
    pub is_limited: bool,
}

/// One life of it.
pub struct Program {
    child: Child,
    pub address: SocketAddr,
    orders: Option<(ChildStdin, Lines<BufReader<ChildStdout>>)>,
}

impl Program {
    /// Starts it and waits until it answers.
    pub async fn start(recipe: &Recipe, at: Option<SocketAddr>) -> Self {
        if recipe.with_clock {
            return Self::start_with_clock(recipe).await;
        }
        let address = at.unwrap_or_else(free_address);
        let me = std::env::current_exe().unwrap();
        let mut command = match &recipe.program {
            Some(program) => Command::new(program),
            None => {
                let mut command = Command::new(me);
                command.arg("program");
                command
            }
        };
        command.arg("serve");
        if recipe.is_limited {
            // Beyond its limit a file is refused to whoever does not listen to the signal, and ends who does.
            let mut shell = Command::new("sh");
            shell.args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"]);
            shell
                .arg(command.as_std().get_program())
                .args(command.as_std().get_args());
            command = shell;
        }
        let child = command
            .env_clear()
            .env("LIANSHEN_DATABASE_URL", &recipe.url)
            .env("LIANSHEN_LISTEN", address.to_string())
            .env("LIANSHEN_SWEEP_SECONDS", "1")
            .env("LIANSHEN_ACCESS_TOKEN_MINUTES", "60")
            .env("LIANSHEN_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(log(&recipe.log))
            .stderr(log(&recipe.log))
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut program = Self {
            child,
            address,
            orders: None,
        };
        program.wait().await;
        program
    }

    async fn start_with_clock(recipe: &Recipe) -> Self {
        let me = std::env::current_exe().unwrap();
        let mut child = Command::new(me.with_file_name("lianshen-under-test"))
            .args([&recipe.url, "now"])
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log(&recipe.log))
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let orders = child.stdin.take().unwrap();
        let mut answers = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = tokio::time::timeout(PATIENCE, answers.next_line()).await;
        let first = first.expect("the program does not start").unwrap();
        let address = first
            .expect("the program died at its start")
            .parse()
            .unwrap();
        Self {
            child,
            address,
            orders: Some((orders, answers)),
        }
    }

    async fn wait(&mut self) {
        let began = Instant::now();
        while tokio::net::TcpStream::connect(self.address).await.is_err() {
            assert!(self.is_alive(), "the program died at its start");
            assert!(began.elapsed() < PATIENCE, "the program does not start");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Whether it has not ended of itself.
    pub fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// By `kill -9`; answers when there is nothing left of it.
    pub async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    /// By SIGTERM, in good order.
    pub async fn end(mut self) {
        self.signal("TERM").await;
        let ended = tokio::time::timeout(Duration::from_secs(15), self.child.wait()).await;
        ended.expect("the program does not end").unwrap();
    }

    /// Sends a signal such as STOP or CONT.
    pub async fn signal(&self, name: &str) {
        run("kill", &[&format!("-{name}"), &self.pid()]).await;
    }

    /// Bounds every file of it, or lets them grow again.
    pub async fn limit_files(&self, bytes: Option<u64>) {
        let bytes = bytes.map_or_else(|| "unlimited".to_owned(), |bytes| bytes.to_string());
        run(
            "prlimit",
            &["--pid", &self.pid(), &format!("--fsize={bytes}:unlimited")],
        )
        .await;
    }

    /// What it answers to an order.
    pub async fn order(&mut self, order: &str) -> String {
        let (orders, answers) = self.orders.as_mut().expect("it takes no orders");
        orders
            .write_all(format!("{order}\n").as_bytes())
            .await
            .unwrap();
        let answer = tokio::time::timeout(Duration::from_secs(30), answers.next_line()).await;
        answer
            .expect("the program does not answer")
            .unwrap()
            .expect("the program died")
    }

    fn pid(&self) -> String {
        self.child.id().expect("the program has ended").to_string()
    }
}

/// Runs a command of the system to its end.
pub async fn run(command: &str, arguments: &[&str]) -> String {
    let ran = Command::new(command)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .await;
    let output = ran.unwrap_or_else(|error| panic!("{command} cannot be run: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command} {arguments:?}: {said}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn log(file: &Path) -> File {
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(file)
        .unwrap()
}

/// Below the ports that the system hands out itself: a client that asks such a one before anybody listens may be connected
/// to itself.
fn free_address() -> SocketAddr {
    loop {
        let address = SocketAddr::from(([127, 0, 0, 1], rand::random_range(20_000..32_000)));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}
