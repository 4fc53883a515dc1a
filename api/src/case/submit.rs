//! Submitting: received, checked and, at a window, accepted in one act and passed to every department at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use lianshen_domain::actor::{self, Action, Actor, Role};
use lianshen_domain::applicant::Applicant;
use lianshen_domain::application::{
    Acceptance, Application, ApplicationState, Channel, Course, File, Moment, Renewal, When,
};
use lianshen_domain::bundle::{Answers, BundleVersion};
use lianshen_domain::case::{Case, CaseState};
use lianshen_domain::catalogue::CatalogueView as _;
use lianshen_domain::clock::{Conventions, LampDates};
use lianshen_domain::document::{DocumentKind, Line, LineLabel};
use lianshen_domain::event::EventKind;
use lianshen_domain::ids::{ApplicationId, BundleVersionId, CaseId, Id as _};
use lianshen_domain::item_code::case_number;
use lianshen_domain::plain_text;
use lianshen_domain::rejected::{Reason, Rejected};
use lianshen_domain::review::{Review, ReviewState};
use lianshen_domain::submission::{self, BundleChoice, Plan, SubmissionRequest};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::clocks::{clock_rows, keep_clocks};
use super::desk::next_sweep;
use super::handed_in::{HandedIn, material_faults};
use super::paper::{Paper, Papers, counted_line};
use super::rules::RuleBook;
use super::serials::{Given, Wanted};
use super::store::insert_cases;
use crate::app::App;
use crate::authority;
use crate::catalogue::{Centre, Snapshot};
use crate::db::{self, Tx, Writes};
use crate::error::AppError;
use crate::idempotency::{self, Keyed};
use crate::ledger::{self, Entry};
use crate::tally::CountedWrites;

/// What somebody files.
#[derive(Clone, Serialize)]
pub struct Submit {
    /// Chosen by the client; the same key never files twice.
    pub idempotency_key: String,
    /// Code of the bundle, if one was chosen.
    pub bundle: Option<String>,
    /// Answers to its questions: pairs of question and value.
    pub answers: Vec<(String, String)>,
    /// Codes of items.
    pub items: Vec<String>,
    /// Who applies, as typed.
    pub applicant: Applicant,
    /// The one set of materials.
    pub materials: Vec<HandedIn>,
    /// Only receive at the window, accept later.
    pub receive_only: bool,
    /// The licence that is to be renewed, if this is a renewal.
    pub renewal: Option<RenewalOf>,
}

/// The licence that is to be renewed (延续).
#[derive(Clone, Serialize)]
pub struct RenewalOf {
    /// Number of the licence.
    pub certificate: String,
    /// Its last day.
    pub expires_on: NaiveDate,
}

/// What a submission gives back, also when it is repeated.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Submitted {
    /// The application.
    pub application: Uuid,
}

/// Receives an application and, at a window, accepts it in the same act.
///
/// # Errors
/// All faults of the submission at once; nothing is written then.
pub async fn submit(app: &App, actor: &Actor, command: Submit) -> Result<ApplicationId, AppError> {
    actor::may(actor, Action::SubmitApplication)?;
    let at = app.env.moment();
    let conventions = app.config.conventions_on(at.today);
    let older = app.library.present();
    let mut draft = Draft::try_new(&command, &older, actor, at, conventions);
    let newer;
    if draft.is_err() {
        // Perhaps only by what has been replaced meanwhile.
        app.library.follow(&app.db).await?;
        newer = app.library.present();
        draft = Draft::try_new(&command, &newer, actor, at, conventions);
    }
    let keyed = Keyed {
        act: "applicationSubmit",
        key: &command.idempotency_key,
        request: &command,
    };
    let draft = match draft {
        Ok(draft) => draft,
        Err(faults) => {
            // What was filed is filed, whatever was published, or has expired, since.
            let first = idempotency::first::<_, Submitted>(app.db.reader(), actor, &keyed).await?;
            return first
                .map(|first| ApplicationId::new(first.application))
                .ok_or(faults);
        }
    };
    let result = Submitted {
        application: app.env.id::<ApplicationId>().raw(),
    };
    let query_code = query_code(app.env.secret()?);

    let submitted = db::write(&app.db, async |tx| {
        let revision = authority::hold(&tx, actor).await?;
        if let Some(first) = idempotency::claim(&tx, actor, &keyed, &result, at.now).await? {
            return Ok(first);
        }
        let id = ApplicationId::new(result.application);
        let published = app.library.at_least_within(&tx, &actor.region, revision);
        let published = published.await?;
        if Arc::ptr_eq(&published, draft.snapshot) {
            draft.write(app, &tx, id, &query_code).await?;
        } else {
            // By what was published or adopted since.
            let draft = Draft::try_new(&command, &published, actor, at, conventions)?;
            draft.write(app, &tx, id, &query_code).await?;
        }
        Ok(result.clone())
    })
    .await?;
    Ok(ApplicationId::new(submitted.application))
}

/// A submission that was checked, with everything that stands around it.
pub(super) struct Draft<'a> {
    pub(super) command: &'a Submit,
    pub(super) applicant: Applicant,
    pub(super) plan: Plan,
    pub(super) bundle: Option<&'a BundleVersion>,
    pub(super) centre: &'a Centre,
    pub(super) snapshot: &'a Arc<Snapshot>,
    pub(super) actor: &'a Actor,
    pub(super) at: Moment,
    renewal: Option<Renewal>,
}

impl<'a> Draft<'a> {
    fn try_new(
        command: &'a Submit,
        snapshot: &'a Arc<Snapshot>,
        actor: &'a Actor,
        at: Moment,
        conventions: &Conventions,
    ) -> Result<Self, AppError> {
        let centre = snapshot.centre(&actor.region).ok_or(Reason::NotFound)?;
        let materials = command.materials.iter().enumerate();
        let mut faults: Vec<Rejected> = materials
            .flat_map(|(at, material)| material_faults(material, &format!("materials.{at}.")))
            .collect();
        let applicant = Applicant::try_new(command.applicant.clone(), at.today);
        let answers = Answers(command.answers.clone());
        let request = SubmissionRequest {
            bundle: command
                .bundle
                .clone()
                .map(|bundle| BundleChoice { bundle, answers }),
            items: command.items.clone(),
            applicant_kind: command.applicant.kind,
            materials: command
                .materials
                .iter()
                .map(|material| material.code.clone())
                .collect(),
        };
        let plan = submission::check(&request, &centre.catalogue);
        let bundle = command
            .bundle
            .as_deref()
            .and_then(|code| centre.catalogue.bundle(code));
        let items = plan.as_ref().map_or(&[][..], |plan| &plan.items);
        // One that is renewed is alone.
        let renewed = items.first();
        let renewed = renewed.and_then(|planned| centre.catalogue.item(&planned.item));
        let calendar = snapshot.calendar(&centre.region, None);
        let renewal = command.renewal.as_ref().map(|renewal| {
            let certificate =
                plain_text::checked(&renewal.certificate, 100, "renewal.certificate")?;
            let expires_on = renewal.expires_on;
            let of_item = renewed.and_then(|item| item.renewal_apply);
            let apply_by = conventions.renewal_apply_by(of_item, expires_on, calendar);
            Renewal::try_new(certificate, expires_on, items.len(), at.today, apply_by)
        });
        let renewal = renewal.transpose().unwrap_or_else(|fault| {
            faults.push(fault);
            None
        });
        match (applicant, plan) {
            (Ok(applicant), Ok(plan)) if faults.is_empty() => Ok(Self {
                command,
                applicant,
                plan,
                bundle,
                centre,
                snapshot,
                actor,
                at,
                renewal,
            }),
            (applicant, plan) => {
                faults.extend(applicant.err().into_iter().flatten());
                faults.extend(plan.err().into_iter().flatten());
                Err(faults.into())
            }
        }
    }

    /// Whether the act also accepts: at a window, unless told otherwise.
    fn accepts(&self) -> bool {
        self.actor.role == Role::WindowClerk && !self.command.receive_only
    }

    async fn write(
        &self,
        app: &App,
        tx: &Tx,
        id: ApplicationId,
        query_code: &str,
    ) -> Result<(), AppError> {
        let mut papers = Papers::new(
            &app.env,
            self.snapshot,
            self.centre,
            Some(self.actor),
            self.at,
        );
        let kind = if self.accepts() {
            DocumentKind::AcceptanceNotice
        } else {
            DocumentKind::Receipt
        };
        let mut file = self.file(app, id)?;
        let rules = RuleBook::new(
            &app.config,
            self.snapshot.clone(),
            (&self.centre.region, self.at.today),
            self.bundle_id(),
        );
        let when = When::now(self.at);
        let mut happenings = vec![file.receive(when, &rules)];
        if self.accepts() {
            let acceptance = Acceptance::unconditional(&file, &rules);
            happenings.extend(file.accept(self.actor, when, &acceptance)?);
        }
        let by = Some(self.actor.account);
        file.course.add(&happenings, by, self.at);
        let clocks = file.wind(&rules, self.at.today);
        let materials = self.material_rows(app, id);
        let names: Vec<String> = materials.iter().map(|row| row.name.clone()).collect();
        let mut beside = Writes::default();
        beside.insert(materials);
        beside.insert(self.sharing_rows(app, id));
        let kept = clock_rows(&file, &self.actor.region, &clocks, self.at.today);
        keep_clocks(&mut beside, kept);
        let entry = Entry {
            region: &self.actor.region,
            application: Some(id),
            actor: Some(self.actor),
            happened_at: self.at.now,
        };
        ledger::add(&mut beside, &app.env, &[(entry, &happenings)]);
        // What is due today is, too: a promise of no or of one day is near from its beginning.
        let yesterday = self.at.today.pred_opt().unwrap_or(self.at.today);
        let sweep_on = next_sweep(&file, &clocks, &rules, yesterday);
        let beside = beside.send_ahead(tx).await?;

        // From here to the commit all other submissions of the centre wait for their numbers: what holds none, or follows
        // from none, is before it.
        let mut given = self.numbers(tx, &papers, kind).await?;
        self.number(&mut file, &mut given)?;
        let mut row = self.application_row(&file.application, query_code, &mut given)?;
        row.swept_through = Some(yesterday);
        row.sweep_on = sweep_on;
        let lines = if self.accepts() {
            papers.acceptance_lines(&file.cases, &names, query_code)
        } else {
            let mut lines = counted_line(&file, EventKind::ApplicationReceived);
            lines.extend(
                names
                    .iter()
                    .map(|name| Line::new(LineLabel::Material, name)),
            );
            lines.push(Line::new(LineLabel::QueryCode, query_code));
            lines
        };
        papers.add(
            &row,
            Paper {
                kind,
                case: None,
                lines,
                on: self.at.today,
            },
            &mut given,
            false,
        )?;
        let cases = self.case_rows(&file)?;
        let reviews = Self::review_rows(&file, &row);
        let mut writes = CountedWrites::default();
        writes.insert([row]);
        insert_cases(&mut writes, cases);
        writes.insert(reviews);
        writes.append(beside);
        papers.write(&mut writes);
        writes.send(tx).await
    }

    async fn numbers(
        &self,
        tx: &Tx,
        papers: &Papers<'_>,
        kind: DocumentKind,
    ) -> Result<Given, AppError> {
        let mut wanted = Wanted::default();
        wanted.one(self.receipt_series());
        papers.want(&mut wanted, kind, None, self.at.today);
        for item in &self.plan.items {
            wanted.one(self.case_series(&item.item));
            if self.accepts() {
                wanted.one(accepted_series(self.centre, &item.item));
            }
        }
        wanted.take(tx).await
    }

    /// Gives the cases their numbers, and where they are accepted, their places in the order of acceptance.
    fn number(&self, file: &mut File, given: &mut Given) -> Result<(), AppError> {
        for case in &mut file.cases {
            let item = self.centre.catalogue.item(&case.item);
            let item = item.ok_or(Reason::NotFound)?;
            let serial = given.next(&self.case_series(&case.item))?;
            let serial = u32::try_from(serial).map_err(AppError::internal)?;
            case.case_number = case_number(&item.implementation_code, self.at.today, serial)
                .ok_or_else(|| AppError::internal("no case number left for the day"))?;
            if self.accepts() {
                case.accepted_seq = Some(given.next(&accepted_series(self.centre, &case.item))?);
            }
        }
        Ok(())
    }

    /// The application as received, not yet numbered: one case and one review an item.
    fn file(&self, app: &App, id: ApplicationId) -> Result<File, AppError> {
        let ids: BTreeMap<&str, CaseId> = self
            .plan
            .items
            .iter()
            .map(|item| (item.item.as_str(), app.env.id()))
            .collect();
        let mut cases = Vec::new();
        let mut reviews = Vec::new();
        for (ordinal, planned) in self.plan.items.iter().enumerate() {
            let published = self
                .centre
                .catalogue
                .item(&planned.item)
                .zip(self.centre.item_ids.get(&planned.item));
            let (item, version) = published.ok_or(Reason::ItemNotPublished {
                item: planned.item.clone(),
            })?;
            let case = Case {
                id: *ids.get(planned.item.as_str()).ok_or(Reason::NotFound)?,
                application: id,
                item_version: *version,
                item: item.code.clone(),
                item_name: item.name.clone(),
                department: item.department.clone(),
                ordinal: i32::try_from(ordinal).map_err(AppError::internal)?,
                predecessors: planned
                    .predecessors
                    .iter()
                    .filter_map(|code| ids.get(code.as_str()).copied())
                    .collect(),
                case_number: String::new(),
                accepted_seq: None,
                state: CaseState::Received,
                dates: None,
                ending: None,
                asked: 0,
                former: Vec::new(),
                version: 1,
            };
            let (review, department) = (app.env.id(), case.department.clone());
            let waiting = ReviewState::Waiting;
            reviews.push(Review::new(review, case.id, department, waiting));
            cases.push(case);
        }
        let online = self.actor.role == Role::Applicant;
        let application = Application {
            id,
            state: ApplicationState::Received,
            outcome: None,
            channel: if online {
                Channel::Online
            } else {
                Channel::Window
            },
            window: self.actor.window.clone(),
            received_on: self.at.today,
            accepted_on: None,
            accepted_by: None,
            joint: LampDates::default(),
            eventful: false,
            renewal: self.renewal.clone(),
            concluded_at: None,
            closed_at: None,
            version: 1,
        };
        Ok(File {
            application,
            cases,
            reviews,
            course: Course::default(),
        })
    }

    pub(super) fn bundle_id(&self) -> Option<BundleVersionId> {
        let code = &self.bundle?.code;
        self.centre.bundle_ids.get(code).copied()
    }

    pub(super) fn receipt_series(&self) -> String {
        format!("receipt:{}:{}", self.centre.region, self.at.today)
    }

    fn case_series(&self, item: &str) -> String {
        format!("case:{}:{item}:{}", self.centre.region, self.at.today)
    }
}

/// The order of acceptance within an item (行政许可法 第五十七条).
pub(super) fn accepted_series(centre: &Centre, item: &str) -> String {
    format!("accepted:{}:{item}", centre.region)
}

/// Ten characters that nobody confuses, about 50 bits.
fn query_code(secret: [u8; 10]) -> String {
    const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    secret
        .iter()
        .map(|byte| char::from(LETTERS[usize::from(byte % 32)]))
        .collect()
}
