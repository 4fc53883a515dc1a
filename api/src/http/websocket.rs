//! `graphql-transport-ws` over a WebSocket, driven here and not by the library, which knows few of its close codes.
//!
//! Queries and subscriptions run here; a mutation is refused (see [`Transport::Socket`]). Who speaks is asked again before
//! each operation, which is given what is known of them then, and every few seconds; the socket ends with its authority.

mod end;
mod starting;

use std::{
    collections::HashMap, future::ready, panic::AssertUnwindSafe, pin::pin, sync::Arc, task::Poll,
    time::Duration,
};

use async_graphql::{Executor, Request, Response as Answer, ServerError};
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use chrono::{DateTime, Utc};
use futures_util::{
    FutureExt, StreamExt,
    future::BoxFuture,
    stream::{self, BoxStream, SelectAll},
};
use lianshen_domain::code::Code as _;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use self::end::End;
use self::starting::Starting;
use super::{
    AuthRefusal, CallHeaders,
    authenticate::{bearer, not_a_bearer},
    call::Call,
    envelope,
    graphql::Door,
    outcome,
};
use crate::graphql::fault::FaultCode;
use crate::graphql::{Progress, Stage, Transport};

/// The one sub-protocol that we speak.
pub(super) const PROTOCOL: &str = "graphql-transport-ws";

/// Speaks with one client until the socket is closed.
pub(super) async fn converse<E: Executor>(
    socket: WebSocket,
    door: &Door<E>,
    bearer: Option<SecretString>,
    call: Call,
) {
    let known = socket
        .protocol()
        .is_some_and(|protocol| protocol == PROTOCOL);
    let mut conversation = Conversation {
        socket,
        door,
        call,
        bearer,
        standing: Standing::Waiting,
        answers: SelectAll::new(),
        running: HashMap::new(),
        begun: 0,
        starting: Starting::default(),
    };
    let end = if known {
        conversation.run().await
    } else {
        End::new(4406, "Subprotocol not acceptable")
    };
    tracing::debug!(request_id = %call.request_id, code = end.code, "a socket ends");
    conversation.close(end).await;
}

/// What one operation has to say.
enum Said {
    /// The socket may not go on: who opened it is not known any more.
    Forbidden,
    /// Nobody can say just now who speaks.
    Refused(AuthRefusal),
    /// It runs: whoever listens hears from now on.
    Begun,
    Answer(Box<Answer>, Progress),
    Panicked,
    Finished,
}

impl Said {
    fn of(refusal: AuthRefusal) -> Self {
        if refusal.code == FaultCode::Busy {
            Self::Refused(refusal)
        } else {
            Self::Forbidden
        }
    }
}

/// Where a socket stands.
enum Standing {
    /// For `connection_init`.
    Waiting,
    /// For the word of [`super::Authenticate`].
    Asking(BoxFuture<'static, Result<Known, AuthRefusal>>),
    /// Acknowledged.
    Known(Known),
}

struct Known {
    /// What the socket showed when it introduced itself.
    shown: Arc<CallHeaders>,
    expires_at: Option<DateTime<Utc>>,
}

struct Running {
    number: u64,
    stop: CancellationToken,
}

struct Conversation<'a, E> {
    socket: WebSocket,
    door: &'a Door<E>,
    call: Call,
    bearer: Option<SecretString>,
    standing: Standing,
    answers: SelectAll<BoxStream<'static, (String, u64, Said)>>,
    running: HashMap<String, Running>,
    /// Operations begun so far: a number tells two with the same id apart.
    begun: u64,
    starting: Starting,
}

#[derive(Deserialize)]
struct Frame {
    #[serde(rename = "type")]
    kind: String,
    id: Option<String>,
    payload: Option<Value>,
}

impl<E: Executor> Conversation<'_, E> {
    async fn run(&mut self) -> End {
        match self.listen().await {
            Ok(never) => never,
            Err(end) => end,
        }
    }

    async fn listen(&mut self) -> Result<End, End> {
        let limits = self.door.config.socket;
        let shutdown = self.door.config.shutdown.clone();
        let opened = Instant::now();
        let mut heard = opened;
        let mut pulse = interval_at(opened + limits.ping, limits.ping);
        pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let ends = self.ends(opened + limits.init);
            tokio::select! {
                () = shutdown.cancelled() => return Ok(End::new(1001, "Going away")),
                () = sleep_until(ends) => match self.standing {
                    Standing::Waiting => return Ok(End::new(4408, "Connection initialisation timeout")),
                    Standing::Asking(_) => return Ok(End::later()),
                    Standing::Known(_) => self.still_authorised()?,
                },
                verdict = verdict(&mut self.standing) => self.welcome(verdict).await?,
                message = self.socket.recv() => {
                    heard = Instant::now();
                    self.hear(message).await?;
                }
                Some((id, number, said)) = self.answers.next() => self.say(id, number, said).await?,
                _ = pulse.tick() => {
                    if heard.elapsed() > limits.ping * 3 {
                        return Ok(End::new(3008, "Timeout"));
                    }
                    self.still_authorised()?;
                    self.send(Message::Ping(bytes::Bytes::new())).await?;
                }
            }
        }
    }

    /// When the present standing ends by itself.
    fn ends(&self, init: Instant) -> Instant {
        // Long, but not so long that the timer overflows; the pulse looks at the clock in between.
        const NEVER: Duration = Duration::from_hours(24);
        match &self.standing {
            Standing::Waiting => init,
            Standing::Asking(_) => init + self.door.config.body_timeout,
            Standing::Known(known) => {
                let left = known
                    .expires_at
                    .map(|at| (at - (self.door.config.now)()).to_std().unwrap_or_default());
                Instant::now() + left.unwrap_or(NEVER).min(NEVER)
            }
        }
    }

    fn still_authorised(&self) -> Result<(), End> {
        let Standing::Known(known) = &self.standing else {
            return Ok(());
        };
        let expired = known
            .expires_at
            .is_some_and(|at| at <= (self.door.config.now)());
        if expired {
            Err(End::forbidden())
        } else {
            Ok(())
        }
    }

    async fn welcome(&mut self, verdict: Result<Known, AuthRefusal>) -> Result<(), End> {
        let known = verdict.map_err(|refusal| End::of(&refusal))?;
        let shown = known.shown.clone();
        self.standing = Standing::Known(known);
        self.still_authorised()?;
        self.watch(shown);
        self.tell(&json!({"type": "connection_ack"})).await
    }

    async fn hear(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        let text = match message {
            Some(Ok(Message::Text(text))) => text,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => return Ok(()),
            Some(Ok(Message::Binary(_))) => {
                return Err(End::garbage("Only text messages are understood"));
            }
            Some(Ok(Message::Close(_))) | None => return Err(End::gone()),
            Some(Err(error)) => {
                let too_long = error.to_string().to_ascii_lowercase().contains("too long");
                return Err(if too_long {
                    End::new(1009, "Message too big")
                } else {
                    End::gone()
                });
            }
        };
        let frame: Frame =
            serde_json::from_str(text.as_str()).map_err(|_| End::garbage("Invalid message"))?;
        match frame.kind.as_str() {
            "connection_init" => self.initialise(frame.payload),
            "ping" if self.starting.ping(self.begun) => self.pong().await,
            // A ping that waits is answered when what came before it has begun.
            "ping" | "pong" => Ok(()),
            "subscribe" => self.subscribe(frame).await,
            "complete" => {
                let id = frame
                    .id
                    .ok_or_else(|| End::garbage("Invalid message: id is missing"))?;
                if let Some(running) = self.running.remove(&id) {
                    running.stop.cancel();
                }
                Ok(())
            }
            _ => Err(End::garbage("Invalid message type")),
        }
    }

    fn initialise(&mut self, payload: Option<Value>) -> Result<(), End> {
        if !matches!(self.standing, Standing::Waiting) {
            return Err(End::new(4429, "Too many initialisation requests"));
        }
        let token = match payload {
            None | Some(Value::Null) => None,
            Some(Value::Object(mut members)) => members
                .remove("authorization")
                .or_else(|| members.remove("Authorization")),
            Some(_) => return Err(End::garbage("Invalid message: payload must be an object")),
        };
        let token = match token {
            // A program that isn't a browser may have sent its token with the upgrade.
            None | Some(Value::Null) => self.bearer.take(),
            Some(Value::String(text)) => {
                Some(bearer(&text).ok_or_else(|| End::of(&not_a_bearer(self.call.lang)))?)
            }
            Some(_) => return Err(End::of(&not_a_bearer(self.call.lang))),
        };
        let shown = Arc::new(CallHeaders::of_socket(token, self.call));
        let authenticate = self.door.authenticate.clone();
        self.standing = Standing::Asking(Box::pin(async move {
            let identity = authenticate.authenticate(&shown).await?;
            let expires_at = identity.expires_at;
            Ok(Known { shown, expires_at })
        }));
        Ok(())
    }

    async fn subscribe(&mut self, frame: Frame) -> Result<(), End> {
        let Standing::Known(known) = &self.standing else {
            return Err(End::new(4401, "Unauthorized"));
        };
        let shown = known.shown.clone();
        self.still_authorised()?;
        let id = frame.id.filter(|id| (1..=128).contains(&id.len()));
        let id = id.ok_or_else(|| End::garbage("Invalid message: id must have 1 to 128 bytes"))?;
        if self.running.contains_key(&id) {
            return Err(End::new(
                4409,
                format!(
                    "Subscriber for {} already exists",
                    id.chars().take(24).collect::<String>()
                ),
            ));
        }
        let request = envelope::from_json(frame.payload.unwrap_or_default())
            .map_err(|refusal| End::garbage(format!("Invalid message: {}", refusal.code.code())))?;
        let limit = self.door.config.socket.subscriptions;
        if self.running.len() >= limit {
            let message = self.call.lang.pick(
                format!("每个连接最多同时进行 {limit} 个操作，请先结束一个"),
                format!("At most {limit} operations run on one socket: complete one first."),
            );
            return self
                .error(
                    &id,
                    &[outcome::coded(FaultCode::TooManySubscriptions, message)],
                )
                .await;
        }
        self.begin(id, shown, request);
        Ok(())
    }

    /// Asks who speaks, and lets the operation run with what is known of them now.
    fn begin(&mut self, id: String, shown: Arc<CallHeaders>, request: Request) {
        let (progress, stop) = (Progress::default(), CancellationToken::new());
        self.begun += 1;
        let number = self.begun;
        self.starting.begins(number);
        self.running.insert(
            id.clone(),
            Running {
                number,
                stop: stop.clone(),
            },
        );
        let request = request.data(progress.clone()).data(Transport::Socket);
        let (authenticate, executor) = (self.door.authenticate.clone(), self.door.executor.clone());
        let call = self.call;
        let answers = async move {
            let mut data = match authenticate.authenticate(&shown).await {
                Ok(identity) => identity.data,
                Err(refusal) => return stream::once(ready(Said::of(refusal))).boxed(),
            };
            data.insert(call);
            data.insert(call.lang);
            let answers = executor.execute_stream(request, Some(Arc::new(data)));
            let answers = AssertUnwindSafe(answers).catch_unwind();
            let said = answers.map(move |answer| match answer {
                Ok(answer) => Said::Answer(Box::new(answer), progress.clone()),
                Err(_) => Said::Panicked,
            });
            begun(said.boxed()).await
        };
        let answers = answers.flatten_stream().take_until(stop.cancelled_owned());
        let finished = stream::once(ready(Said::Finished));
        self.answers.push(
            answers
                .chain(finished)
                .map(move |said| (id.clone(), number, said))
                .boxed(),
        );
    }

    /// Asks again and again who speaks, and says something once that is over.
    fn watch(&mut self, shown: Arc<CallHeaders>) {
        if shown.bearer.is_none() {
            return;
        }
        let authenticate = self.door.authenticate.clone();
        let every = self.door.config.socket.recheck;
        let over = async move {
            loop {
                sleep(every).await;
                let refused = authenticate.authenticate(&shown).await.err();
                if let Some(Said::Forbidden) = refused.map(Said::of) {
                    return (String::new(), 0, Said::Forbidden);
                }
            }
        };
        self.answers.push(over.into_stream().boxed());
    }

    async fn say(&mut self, id: String, number: u64, said: Said) -> Result<(), End> {
        for _ in 0..self.starting.has_begun(number) {
            self.pong().await?;
        }
        // What was completed by the client has nothing more to say, unless that all is over.
        let is_over = matches!(said, Said::Forbidden);
        if !is_over
            && self
                .running
                .get(&id)
                .is_none_or(|running| running.number != number)
        {
            return Ok(());
        }
        self.still_authorised()?;
        match said {
            Said::Answer(mut answer, progress) => {
                outcome::complete(&mut answer, &progress, self.call);
                if progress.stage() == Stage::Executing {
                    return self
                        .tell(&json!({"type": "next", "id": id, "payload": &*answer}))
                        .await;
                }
                self.forget(&id);
                self.error(&id, &answer.errors).await
            }
            Said::Begun => Ok(()),
            Said::Forbidden => Err(End::forbidden()),
            Said::Refused(refusal) => {
                self.forget(&id);
                self.error(&id, &[outcome::coded(refusal.code, refusal.message)])
                    .await
            }
            Said::Panicked => {
                tracing::error!(request_id = %self.call.request_id, "a resolver panicked");
                self.forget(&id);
                self.error(&id, &[outcome::internal(self.call)]).await
            }
            Said::Finished => {
                self.forget(&id);
                self.tell(&json!({"type": "complete", "id": id})).await
            }
        }
    }

    fn forget(&mut self, id: &str) {
        if let Some(running) = self.running.remove(id) {
            running.stop.cancel();
        }
    }

    async fn error(&mut self, id: &str, errors: &[ServerError]) -> Result<(), End> {
        self.tell(&json!({"type": "error", "id": id, "payload": errors}))
            .await
    }

    async fn pong(&mut self) -> Result<(), End> {
        self.tell(&json!({"type": "pong"})).await
    }

    async fn tell(&mut self, message: &Value) -> Result<(), End> {
        self.send(Message::text(message.to_string())).await
    }

    /// A client that doesn't take what it asked for is given up: it would hold its whole backlog in our memory.
    async fn send(&mut self, message: Message) -> Result<(), End> {
        match timeout(self.door.config.socket.send, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(End::gone()),
        }
    }

    async fn close(mut self, end: End) {
        const LINGER: Duration = Duration::from_secs(1);
        self.answers.clear();
        if end.code != 0 {
            // A close frame holds 123 bytes of reason.
            let within = end.reason.char_indices().take_while(|(at, _)| *at < 120);
            let reason: String = within.map(|(_, letter)| letter).collect();
            let frame = CloseFrame {
                code: end.code,
                reason: reason.into(),
            };
            if self.send(Message::Close(Some(frame))).await.is_err() {
                return;
            }
        }
        // Read to the end: that sends the answer to a client's own close frame, and cutting the line before the client
        // has answered ours could cost it the frame.
        let mut farewell = pin!(async { while let Some(Ok(_)) = self.socket.recv().await {} });
        drop(timeout(LINGER, &mut farewell).await);
    }
}

/// Asks an operation once, so that it has begun, and says so before anything that it says.
async fn begun(mut said: BoxStream<'static, Said>) -> BoxStream<'static, Said> {
    let begun = stream::once(ready(Said::Begun));
    match futures_util::poll!(said.next()) {
        Poll::Ready(first) => begun.chain(stream::iter(first)).chain(said).boxed(),
        Poll::Pending => begun.chain(said).boxed(),
    }
}

/// The word on who speaks, while it's waited for.
async fn verdict(standing: &mut Standing) -> Result<Known, AuthRefusal> {
    match standing {
        Standing::Asking(asking) => asking.await,
        _ => std::future::pending().await,
    }
}
