//! Measures what an adopted notice costs: open clocks are counted anew, against writing their rows twice.
//!
//! `cargo run --release -p lianshen-tests --bin lianshen-reprojection -- [APPLICATIONS] [DATABASE_URL]`
//!
//! Each application has one case and five clocks. Without a database it makes one in a temporary folder. The figure that
//! counts is the ratio, taken in one run on one machine.

use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, Days, NaiveDate, TimeZone as _, Utc};
use lianshen::app::App;
use lianshen::catalogue::file::CatalogueFile;
use lianshen::config::Config;
use lianshen::db::{self, Tx};
use lianshen::env::{Clock, Env};
use lianshen::error::AppError;
use lianshen::{calendar, case, catalogue, server};
use lianshen_domain::applicant::ApplicantKind;
use lianshen_domain::application::{ApplicationState, Channel};
use lianshen_domain::calendar::{Notice, NoticeDay, NoticeDayKind, Scope, start_of};
use lianshen_domain::case::CaseState;
use lianshen_domain::event::EventKind;
use lianshen_domain::ids::Id as _;
use lianshen_domain::review::ReviewState;
use lianshen_entity::{Coded, application, case_, clock, event, review};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Iterable as _};
use uuid::Uuid;

const CATALOGUE: &str = include_str!("../api/data/sample-catalogue.json");
const HOLIDAYS: &str = include_str!("../api/data/holidays-cn.json");
const ITEM: &str = "SJJ-01-002";

/// Monday, 2 March 2026, nine o'clock in Shanghai.
struct Standing(DateTime<Utc>);

impl Clock for Standing {
    fn now(&self) -> DateTime<Utc> {
        self.0
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let applications: usize = arguments.next().map_or(Ok(40_000), |text| text.parse())?;
    let folder = std::env::temp_dir().join(format!("lianshen-reprojection-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let url = arguments
        .next()
        .unwrap_or_else(|| format!("sqlite:{}", folder.join("measured.db").display()));

    let app = opened(&url).await?;
    Rows::make(&app, applications)?.write(&app).await?;
    // The first count makes the clocks of all of them, as a sweep after an upgrade does.
    case::reproject(&app).await?;
    let kept = Rows::read(&app).await?;
    let clocks = kept.clocks.len();
    let began = Instant::now();
    kept.write(&app).await?;
    let once = began.elapsed();
    println!(
        "{applications} applications, {clocks} clocks on {:?}",
        app.db.engine()
    );
    println!("writing their rows once          {once:>10.2?}");

    // Two days of March are off after all, so nearly every clock moves.
    calendar::adopt(&app.db, &app.env, &[typhoon()?]).await?;
    let began = Instant::now();
    let counted = case::reproject(&app).await?;
    let anew = began.elapsed();
    println!(
        "counting them anew               {anew:>10.2?}   {} moved, {} failed",
        counted.moved, counted.failed
    );
    let ratio = anew.as_secs_f64() / (2.0 * once.as_secs_f64());
    println!("against writing their rows twice {ratio:>10.2}");
    let began = Instant::now();
    let found = case::recount(
        &app.db,
        &app.library.present(),
        &app.config,
        app.env.moment().today,
    )
    .await?;
    println!(
        "counting all of them again       {:>10.2?}   {} clocks, {} faults",
        began.elapsed(),
        found.clocks,
        found.faults.len()
    );
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

async fn opened(url: &str) -> Result<App, Box<dyn Error>> {
    let mut config = Config::defaults()?;
    config.database_url = url.into();
    let db = server::open_database(&config, None, true).await?;
    let founding = Utc.with_ymd_and_hms(2022, 12, 1, 1, 0, 0).single();
    let founding = Env::new(Arc::new(Standing(founding.unwrap_or_default())));
    let file: CatalogueFile = catalogue::file::parse(CATALOGUE)?;
    catalogue::publish(&db, &founding, &file).await?;
    calendar::adopt(&db, &founding, &calendar::parse(HOLIDAYS)?).await?;
    let now = Utc.with_ymd_and_hms(2026, 3, 2, 1, 0, 0).single();
    let env = Env::new(Arc::new(Standing(now.unwrap_or_default())));
    Ok(server::open_app(config, env, db).await?)
}

fn typhoon() -> Result<Notice, Box<dyn Error>> {
    let day = |date: &str| -> Result<NoticeDay, Box<dyn Error>> {
        Ok(NoticeDay {
            date: date.parse()?,
            holiday: "防汛".to_owned(),
            kind: NoticeDayKind::Off,
        })
    };
    Ok(Notice {
        number: "滨政办〔2026〕1号".to_owned(),
        issuer: "滨澜县人民政府办公室".to_owned(),
        issued_on: "2026-03-01".parse()?,
        year: 2026,
        scope: Scope::Region {
            region: "320999".to_owned(),
        },
        replaces: None,
        days: vec![day("2026-03-03")?, day("2026-03-04")?],
    })
}

/// The rows of many applications under way.
struct Rows {
    applications: Vec<application::Model>,
    cases: Vec<case_::Model>,
    reviews: Vec<review::Model>,
    clocks: Vec<clock::Model>,
    events: Vec<event::Model>,
}

impl Rows {
    fn make(app: &App, count: usize) -> Result<Self, Box<dyn Error>> {
        let mut rows = Self {
            applications: Vec::new(),
            cases: Vec::new(),
            reviews: Vec::new(),
            clocks: Vec::new(),
            events: Vec::new(),
        };
        let snapshot = app.library.present();
        let centre = snapshot.centre("320999").ok_or("the sample centre")?;
        let version = centre.item_ids.get(ITEM).ok_or("the sample item")?.raw();
        let today = app.env.moment().today;
        for number in 0..count {
            let received_on = today - Days::new(u64::try_from(number % 3)?);
            rows.add(app, version, number, received_on);
        }
        Ok(rows)
    }

    fn add(&mut self, app: &App, item_version: Uuid, number: usize, on: NaiveDate) {
        let (id, case) = (app.env.uuid(), app.env.uuid());
        let at = start_of(on);
        self.applications.push(application::Model {
            id,
            region: "320999".to_owned(),
            receipt_number: format!("{number:021}"),
            query_code: "2345678923".to_owned(),
            state: Coded(ApplicationState::InReview),
            outcome: None,
            channel: Coded(Channel::Window),
            window: Some("A01".to_owned()),
            bundle_version_id: None,
            bundle: None,
            lead_department: None,
            answers: serde_json::json!([]),
            applicant_kind: Coded(ApplicantKind::Enterprise),
            applicant_name: "测试".to_owned(),
            applicant_number: "91320999MA1ABCDE03".to_owned(),
            applicant_phone: "13812345678".to_owned(),
            agent: None,
            applicant_account: None,
            submitted_by: Uuid::nil(),
            accepted_by: None,
            received_at: at,
            received_on: on,
            accepted_on: Some(on),
            joint_promised_due_on: None,
            joint_statutory_due_on: None,
            joint_alert_on: None,
            renewal_certificate: None,
            renewal_expires_on: None,
            renewal_in_time: false,
            concluded_at: None,
            closed_at: None,
            eventful: false,
            swept_through: Some(on),
            sweep_on: Some(on),
            version: 2,
        });
        self.cases.push(case_::Model {
            id: case,
            application_id: id,
            region: "320999".to_owned(),
            ordinal: 0,
            item_version_id: item_version,
            item: ITEM.to_owned(),
            item_name: "食品经营许可".to_owned(),
            department: "SJJ".to_owned(),
            predecessors: serde_json::json!([]),
            case_number: format!("{number:044}"),
            accepted_seq: None,
            state: Coded(CaseState::InReview),
            started_on: Some(on),
            promised_due_on: Some(on),
            statutory_due_on: Some(on),
            alert_on: None,
            provisional: false,
            stopped_on: None,
            eventful: false,
            result: None,
            result_reasons: None,
            result_by: None,
            result_at: None,
            result_on: None,
            version: 2,
            asked: 0,
            former_decisions: None,
            standing_unsuspended: None,
        });
        self.reviews.push(review::Model {
            id: app.env.uuid(),
            case_id: case,
            application_id: id,
            region: "320999".to_owned(),
            department: "SJJ".to_owned(),
            state: Coded(ReviewState::Open),
            claimed_by: None,
            claimed_at: None,
            opinion: None,
            reasons: None,
            given_by: None,
            given_at: None,
            item: ITEM.to_owned(),
            bundle: None,
            sort_on: on,
            promised_due_on: Some(on),
            statutory_due_on: Some(on),
            alert_on: None,
            search_text: "测试".to_owned(),
            version: 2,
            consultation: None,
            conditions: None,
            relied_on: None,
            draft: None,
            set_aside_because: None,
        });
        for (kind, case_id) in [
            (EventKind::ApplicationReceived, None),
            (EventKind::ApplicationAccepted, None),
            (EventKind::CaseStarted, Some(case)),
        ] {
            self.events.push(event::Model {
                id: app.env.uuid(),
                application_id: Some(id),
                case_id,
                review_id: None,
                region: "320999".to_owned(),
                kind: Coded(kind),
                department: None,
                public: true,
                happened_at: at,
                entered_at: at,
                actor: Some(Uuid::nil()),
                actor_role: None,
                detail: serde_json::json!({}),
                position: None,
                hash: None,
            });
        }
    }

    async fn read(app: &App) -> Result<Self, Box<dyn Error>> {
        let reader = app.db.reader();
        Ok(Self {
            applications: application::Entity::find().all(reader).await?,
            cases: case_::Entity::find().all(reader).await?,
            reviews: review::Entity::find().all(reader).await?,
            clocks: clock::Entity::find().all(reader).await?,
            events: Vec::new(),
        })
    }

    /// Writes every row, a hundred applications' worth a transaction; one that is there is written over.
    async fn write(&self, app: &App) -> Result<(), Box<dyn Error>> {
        for part in 0..self.applications.len().div_ceil(PART) {
            let (applications, cases) = (
                part_of(&self.applications, part, 1),
                part_of(&self.cases, part, 1),
            );
            let (reviews, clocks) = (
                part_of(&self.reviews, part, 1),
                part_of(&self.clocks, part, self.clocks_each()),
            );
            let events = part_of(&self.events, part, 3);
            db::write(&app.db, async |tx| {
                put::<application::Entity, _>(&tx, applications, [application::Column::Id]).await?;
                put::<case_::Entity, _>(&tx, cases, [case_::Column::Id]).await?;
                put::<review::Entity, _>(&tx, reviews, [review::Column::Id]).await?;
                let key = [
                    clock::Column::SubjectId,
                    clock::Column::Kind,
                    clock::Column::Ordinal,
                ];
                put::<clock::Entity, _>(&tx, clocks, key).await?;
                put::<event::Entity, _>(&tx, events, [event::Column::Id]).await
            })
            .await?;
        }
        Ok(())
    }

    fn clocks_each(&self) -> usize {
        self.clocks.len() / self.applications.len().max(1)
    }
}

/// How many applications are written in one transaction.
const PART: usize = 100;

fn part_of<T>(rows: &[T], part: usize, each: usize) -> &[T] {
    let first = (part * PART * each).min(rows.len());
    let last = (first + PART * each).min(rows.len());
    &rows[first..last]
}

async fn put<E, A>(
    tx: &Tx,
    rows: &[E::Model],
    key: impl IntoIterator<Item = E::Column>,
) -> Result<(), AppError>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<A> + Clone,
    A: ActiveModelTrait<Entity = E> + Send,
{
    if rows.is_empty() {
        return Ok(());
    }
    let mut over = OnConflict::columns(key);
    over.update_columns(E::Column::iter());
    E::insert_many(rows.iter().cloned().map(IntoActiveModel::into_active_model))
        .on_conflict(over)
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}
