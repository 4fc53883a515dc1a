//! Stands for `lianshen::server` until it lands.
use std::net::SocketAddr;
pub struct Server;
pub struct Running {
    pub addr: SocketAddr,
}
pub struct Builder;
impl Server {
    pub fn builder(_: lianshen::config::Config) -> Builder {
        Builder
    }
}
impl Running {
    pub async fn stop(self) {}
}
impl Builder {
    pub fn env(self, _: lianshen::env::Env) -> Self {
        self
    }
    pub fn observer(self, _: lianshen::db::Observer) -> Self {
        self
    }
    pub fn jobs(self, _: bool) -> Self {
        self
    }
    pub async fn start(self) -> Result<Running, lianshen::error::AppError> {
        Err(lianshen::error::AppError::internal("no server yet"))
    }
}
