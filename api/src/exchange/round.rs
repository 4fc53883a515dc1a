//! Asking, round by round, for what has been due for longest; and telling operators whether anybody answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::stream::{self, StreamExt as _};
use lianshen_domain::code::Code as _;
use lianshen_domain::sharing::SharingProblem;
use tokio_util::sync::CancellationToken;

use super::Connector;
use crate::app::App;
use crate::case::{self, Brought, SharingAsk};
use crate::error::AppError;
use crate::telemetry;

/// How many requests one round asks for. Where nobody answers, each takes as long as `sharing.timeout_seconds` lets it, a
/// minute at most: then a round lasts ten minutes, and no longer.
const BATCH: u64 = 40;
/// How many are under way at the same time: the other side has departments to serve, too.
const AT_ONCE: usize = 4;

/// What may come of asking once, as it is counted.
const OUTCOMES: [&str; 5] = ["held", "not_held", "unreachable", "refused", "garbled"];

/// Whether somebody answered, or why not; `None` where nobody was asked.
type Answered = Option<Result<(), SharingProblem>>;

/// Asks for shared materials, and remembers from round to round whether anybody answers.
pub struct Asking {
    connector: Arc<dyn Connector>,
    stop: CancellationToken,
    is_failing: AtomicBool,
}

impl Asking {
    /// Asks by this connector, and nobody any more when told to stop.
    pub fn of(connector: Arc<dyn Connector>, stop: CancellationToken) -> Self {
        // An alarm wants its counter from the beginning.
        for outcome in OUTCOMES {
            metrics::counter!(telemetry::SHARING_ASKED, "outcome" => outcome).increment(0);
        }
        Self {
            connector,
            stop,
            is_failing: AtomicBool::new(false),
        }
    }

    /// Asks for shared materials that are due; the rest is for the next round. One that fails does not keep the others waiting.
    ///
    /// # Errors
    /// When nothing can be written.
    pub async fn round(&self, app: &App) -> Result<(), AppError> {
        let due = case::requests_due(app, BATCH).await?;
        let asked: Vec<(Answered, Result<(), AppError>)> = stream::iter(due)
            .map(|ask| self.one(app, ask))
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        let (answered, written): (Vec<Answered>, Vec<Result<(), AppError>>) =
            asked.into_iter().unzip();
        self.tell(&answered);
        written.into_iter().collect()
    }

    async fn one(&self, app: &App, ask: SharingAsk) -> (Answered, Result<(), AppError>) {
        if ask.cases.is_empty() {
            // What belongs to the applicant is read for a case that is open, and for nothing else.
            return (None, case::end_request(app, &ask, Brought::NotNeeded).await);
        }
        let Some(brought) = self.ask(&ask).await else {
            return (None, Ok(()));
        };
        let answered = count(&brought);
        let Err(error) = case::end_request(app, &ask, brought).await else {
            return (answered, Ok(()));
        };
        tracing::warn!(sharing_request.id = %ask.id, %error, "what came for a material could not be written down; asking again later");
        telemetry::left_out("sharing", 1);
        (answered, case::postpone_request(app, &ask).await)
    }

    /// What came of it; nothing when told to stop meanwhile. Then the same is asked again after the next start, under the same
    /// number.
    async fn ask(&self, ask: &SharingAsk) -> Option<Brought> {
        self.stop.run_until_cancelled(self.connector.ask(ask)).await
    }

    /// Tells once when a round is without any answer, and once when somebody answers again. A single answer that is none shows
    /// in the metrics, and beside the application.
    fn tell(&self, answered: &[Answered]) {
        let asked = || answered.iter().flatten();
        let problem = asked().find_map(|answer| answer.err());
        if asked().any(Result::is_ok) {
            if self.is_failing.swap(false, Ordering::Relaxed) {
                tracing::info!("the exchange answers again");
            }
        } else if let Some(problem) = problem
            && !self.is_failing.swap(true, Ordering::Relaxed)
        {
            let (problem, asked) = (problem.code(), asked().count());
            tracing::warn!(problem, asked, "the exchange does not answer; asking again");
        }
    }
}

/// Counts what came of asking once.
fn count(brought: &Brought) -> Answered {
    let (outcome, answered) = match brought {
        Brought::Held(_) => ("held", Ok(())),
        Brought::NotHeld => ("not_held", Ok(())),
        Brought::Failed(problem) => {
            let outcome = match problem {
                SharingProblem::Unreachable => "unreachable",
                SharingProblem::Refused => "refused",
                SharingProblem::Garbled => "garbled",
            };
            (outcome, Err(*problem))
        }
        Brought::NotNeeded => return None,
    };
    metrics::counter!(telemetry::SHARING_ASKED, "outcome" => outcome).increment(1);
    Some(answered)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Duration;

    use async_trait::async_trait;
    use lianshen_domain::applicant::ApplicantKind;
    use lianshen_domain::ids::{ApplicationId, Id as _};
    use tracing::field::{Field, Visit};
    use tracing::{Event, Level, Subscriber};
    use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
    use uuid::Uuid;

    use super::*;
    use crate::case::SharingCase;

    /// An exchange that takes a question and never answers.
    struct Hanging;

    #[async_trait]
    impl Connector for Hanging {
        async fn ask(&self, _: &SharingAsk) -> Brought {
            std::future::pending().await
        }
    }

    fn asking(stop: &CancellationToken) -> Asking {
        Asking::of(Arc::new(Hanging), stop.clone())
    }

    fn an_ask() -> SharingAsk {
        SharingAsk {
            id: Uuid::from_u128(7),
            application: ApplicationId::new(Uuid::from_u128(8)),
            region: "330100".to_owned(),
            code: "M-BL".to_owned(),
            name: "营业执照".to_owned(),
            asked_of: None,
            wanted_by: vec!["SJJ-01-002".to_owned()],
            attempts: 0,
            receipt_number: "1".to_owned(),
            cases: vec![SharingCase {
                case_number: "2".to_owned(),
                item: "SJJ-01-002".to_owned(),
                item_name: "食品经营许可".to_owned(),
            }],
            applicant_kind: ApplicantKind::Enterprise,
            applicant_name: "小明餐饮".to_owned(),
            applicant_number: "3".to_owned(),
        }
    }

    /// Keeps level and message of each line.
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<String>>>);

    impl<S: Subscriber> Layer<S> for Lines {
        fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
            let mut line = Line(event.metadata().level().to_string());
            event.record(&mut line);
            self.0.lock().unwrap().push(line.0);
        }
    }

    struct Line(String);

    impl Visit for Line {
        fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
            self.0 = format!("{} {field}={value:?}", self.0);
        }
    }

    #[tokio::test]
    async fn nobody_waits_for_an_answer_who_is_told_to_stop() {
        let stop = CancellationToken::new();
        let (asking, ask) = (asking(&stop), an_ask());
        let told = async {
            tokio::task::yield_now().await;
            stop.cancel();
        };
        let asked = async { futures_util::future::join(asking.ask(&ask), told).await.0 };
        let asked = tokio::time::timeout(Duration::from_secs(5), asked).await;
        assert!(asked.expect("it waits on").is_none());
        // What was about to be asked is not asked any more.
        let late = tokio::time::timeout(Duration::from_secs(5), asking.ask(&ask)).await;
        assert!(late.expect("it asks on").is_none());
    }

    #[test]
    fn an_exchange_that_fails_is_told_once_and_once_that_it_answers_again() {
        let lines = Lines::default();
        let log = tracing_subscriber::registry().with(lines.clone());
        let asking = asking(&CancellationToken::new());
        let (fails, answers) = (
            Some(Err(SharingProblem::Unreachable)),
            Some(Ok::<(), SharingProblem>(())),
        );
        tracing::subscriber::with_default(log, || {
            for round in [
                &[answers][..],
                &[fails, answers],
                &[fails, fails, None],
                &[fails],
                &[None],
                &[],
                &[fails, answers],
                &[answers],
                &[fails],
            ] {
                asking.tell(round);
            }
        });
        let lines = lines.0.lock().unwrap().clone();
        let levels: Vec<&str> = lines
            .iter()
            .filter_map(|line| line.split(' ').next())
            .collect();
        assert_eq!(
            levels,
            [
                Level::WARN.as_str(),
                Level::INFO.as_str(),
                Level::WARN.as_str()
            ],
            "{lines:#?}"
        );
        assert!(
            lines[0].contains("UNREACHABLE") && lines[0].contains("asked=2"),
            "{lines:#?}"
        );
    }

    #[test]
    fn what_came_of_asking_is_counted_by_outcome() {
        let handle = telemetry::metrics().unwrap();
        assert_eq!(count(&Brought::NotNeeded), None);
        assert_eq!(count(&Brought::NotHeld), Some(Ok(())));
        for problem in SharingProblem::ALL {
            assert_eq!(count(&Brought::Failed(*problem)), Some(Err(*problem)));
        }
        let text = handle.render();
        for outcome in ["not_held", "unreachable", "refused", "garbled"] {
            let line = format!("lianshen_sharing_asked_total{{outcome=\"{outcome}\"}} 1");
            assert!(text.contains(&line), "{line}: {text}");
        }
        assert!(!text.contains("not_needed"), "{text}");
    }
}
