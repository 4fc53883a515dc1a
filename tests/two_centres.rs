//! Two centres with the same departments, windows and people, in which every text that somebody wrote carries a marker
//! of its own, and a second, independent account of who may see which: written from the rules, not from the program.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lianshen::db;
use lianshen::graphql::loaders::loaders;
use lianshen::graphql::{ExecutionLimits, ServedSchema, Sheets, Transport, Viewer, schema};
use lianshen::identity;
use lianshen_domain::actor::{Actor, Role};
use lianshen_domain::case::CaseResult;
use lianshen_domain::conflict::ConflictKind;
use lianshen_domain::document::DocumentKind;
use lianshen_domain::item_code::is_credit_code;
use lianshen_domain::lang::Lang;
use lianshen_domain::mediation::{MediationLevel, MediationState};
use lianshen_domain::review::ReviewState;
use lianshen_domain::revocation::{FormerDecision, Revocation, RevocationGround, RevocationWay};
use lianshen_domain::sharing::SharingState;
use lianshen_domain::visit::{VisitKind, VisitState};
use lianshen_entity::{
    Coded, account, application, case_, correction_notice, document, event, material, mediation,
    missing_report, review, sharing_request, visit,
};
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _, Set};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::world::{input_for_bundle, input_for_items, new_key};
use crate::support::{Client, TestApp, documents, seed};

/// The centre beside the one of all tests.
pub const FAR: &str = "320998";

/// Who is asked about, one of each role, by the name of the account.
pub const PEOPLE: &[&str] = &[
    "applicant",
    "clerk",
    "reviewer-sjj",
    "decider-sjj",
    "lead-sjj",
    "administrator",
    "supervisor",
    "system",
];

pub const EVERYTHING: &[(&str, &str)] = &[
    ("Q1", "N"),
    ("Q2", "Y"),
    ("Q3", "P"),
    ("Q4", "Y"),
    ("Q5", "Y"),
    ("Q6", "Y"),
];

/// A text that only some may read.
pub struct Marker {
    pub text: String,
    /// What it is, for the report of a failed test.
    pub what: String,
    pub region: String,
    /// The application that it belongs to; none for the names of officers.
    pub application: Option<Uuid>,
    pub readers: Readers,
}

/// Of those who may know of the application, who reads it.
#[derive(Clone, Debug)]
pub enum Readers {
    /// All.
    All,
    /// The window and the applicant.
    Window,
    /// Materials: the window, the applicant, and departments whose items want them.
    Wanting(BTreeSet<String>),
    /// Inner work of one department.
    Department(String),
    /// What one department, the first, asked of another, and what that said.
    Asked(String, String),
    /// What a department told the applicant.
    Told(String),
    /// What it will tell the applicant once a second person has confirmed it.
    ToBeTold(String),
    /// What was said where departments came together: those departments, and whether the centre called them.
    Together(BTreeSet<String>, bool),
    /// What a department missed before acceptance; `None` for what the one notice says of all of it.
    Missed(Option<String>),
    /// What is said where a conflict is mediated: the departments that it concerns, the one that was named, and whether the
    /// centre reads it.
    Mediating([&'static str; 3], Option<&'static str>, bool),
    /// The name of an officer: its owner, the system administrator, who sees the work of the account, and the colleagues of a
    /// reviewer.
    Officer(Uuid),
}

/// The two centres.
pub struct TwoCentres {
    pub app: TestApp,
    pub served: ServedSchema,
    pub applications: Vec<application::Model>,
    pub cases: Vec<case_::Model>,
    pub reviews: Vec<review::Model>,
    pub materials: Vec<material::Model>,
    pub documents: Vec<document::Model>,
    pub events: Vec<event::Model>,
    pub accounts: Vec<account::Model>,
    pub visits: Vec<visit::Model>,
    pub mediations: Vec<mediation::Model>,
    pub reports: Vec<missing_report::Model>,
    pub notices: Vec<correction_notice::Model>,
    pub requests: Vec<sharing_request::Model>,
    pub markers: Vec<Marker>,
    /// The joint application that is everybody's own, and the others by name.
    pub named: BTreeMap<&'static str, Uuid>,
}

impl TwoCentres {
    /// Builds them through the API.
    pub async fn build(app: TestApp) -> Self {
        let program = app.program();
        let mut file: Value = serde_json::from_str(&moved(seed::CATALOGUE)).unwrap();
        file["region"]["name"] = json!("远滩县");
        file["region"]["centre"] = json!("远滩县政务服务中心");
        app.publish(&file).await;

        let mut markers = Vec::new();
        name_the_officers(&app, &mut markers).await;
        let mut named = BTreeMap::new();
        for centre in ["", "far-"] {
            let own = Scene {
                app: &app,
                centre,
                clerk: "clerk",
                applicant: Some("applicant"),
            };
            let input = input_for_bundle("YJS-001", EVERYTHING);
            let joint = own.take_in(input, &mut markers).await;
            for (item, opinion, decision) in [
                ("SJJ-01-001", "AGREE", "GRANT"),
                ("CGJ-01-001", "DISAGREE", "REFUSE"),
                ("XFD-01-001", "AGREE", "GRANT"),
                ("SJJ-01-002", "DISAGREE", "REFUSE"),
            ] {
                own.finish(&joint, item, opinion, decision, &mut markers)
                    .await;
            }
            own.claim(&joint, "ZJJ-01-004").await;
            own.ask_void(&joint, "ZJJ-01-004", &mut markers).await;
            named.insert(
                if centre.is_empty() { "own" } else { "abroad" },
                uuid(&joint),
            );

            let at_window = Scene {
                applicant: None,
                ..own
            };
            let open = at_window
                .take_in(input_for_items(&["SJJ-01-002", "WJW-01-001"]), &mut markers)
                .await;
            at_window.claim(&open, "SJJ-01-002").await;
            named.insert(
                if centre.is_empty() {
                    "own, open"
                } else {
                    "abroad, open"
                },
                uuid(&open),
            );

            let closed = at_window
                .take_in(input_for_items(&["SJJ-01-004"]), &mut markers)
                .await;
            at_window
                .finish(&closed, "SJJ-01-004", "AGREE", "GRANT", &mut markers)
                .await;
            at_window.deliver(&closed, &mut markers).await;
            named.insert(
                if centre.is_empty() {
                    "own, done"
                } else {
                    "abroad, done"
                },
                uuid(&closed),
            );

            let other = Scene {
                clerk: "clerk-2",
                applicant: Some("applicant-2"),
                ..own
            };
            let elsewhere = other
                .take_in(
                    input_for_bundle("YJS-007", &[("Q1", "N"), ("Q2", "Y"), ("Q3", "Y")]),
                    &mut markers,
                )
                .await;
            other
                .finish(&elsewhere, "WJW-07-001", "AGREE", "GRANT", &mut markers)
                .await;
            other
                .finish(&elsewhere, "XFD-01-002", "AGREE", "GRANT", &mut markers)
                .await;
            other.claim(&elsewhere, "JYJ-01-001").await;
            let about = (&elsewhere, "JYJ-01-001");
            let taken_back = other.ask(about, "SJJ", &mut markers).await;
            other.ask(about, "YCJ", &mut markers).await;
            other.take_back(about, &taken_back).await;
            named.insert(
                if centre.is_empty() {
                    "elsewhere"
                } else {
                    "abroad, elsewhere"
                },
                uuid(&elsewhere),
            );

            let at_window = Scene {
                applicant: None,
                ..other
            };
            // Decided before who was asked had said anything.
            let unheard = at_window
                .take_in(input_for_items(&["WJW-01-001"]), &mut markers)
                .await;
            let about = (&unheard, "WJW-01-001");
            other.ask(about, "SJJ", &mut markers).await;
            other
                .finish(&unheard, "WJW-01-001", "AGREE", "GRANT", &mut markers)
                .await;

            let done = at_window
                .take_in(input_for_items(&["WJW-01-001"]), &mut markers)
                .await;
            let about = (&done, "WJW-01-001");
            let asked = other.ask(about, "SJJ", &mut markers).await;
            other.opine(about, "SJJ", &asked, &mut markers).await;
            other
                .finish(&done, "WJW-01-001", "AGREE", "GRANT", &mut markers)
                .await;
        }
        let visits = hold_visits(&app, &named, &mut markers).await;
        let (reports, notices) = miss_something(&app, &named, &mut markers).await;
        let mediations = mediate(&app, &named, &mut markers).await;
        let requests = ask_who_holds_it(&app, &named, &mut markers).await;
        revoke(&app, &named, &mut markers).await;
        let mut world = Self {
            visits,
            mediations,
            reports,
            notices,
            requests,
            served: schema(
                lianshen::app::App::clone(program),
                ExecutionLimits::default(),
            ),
            applications: application::Entity::find()
                .all(program.db.reader())
                .await
                .unwrap(),
            cases: case_::Entity::find()
                .all(program.db.reader())
                .await
                .unwrap(),
            reviews: review::Entity::find()
                .all(program.db.reader())
                .await
                .unwrap(),
            materials: material::Entity::find()
                .all(program.db.reader())
                .await
                .unwrap(),
            documents: document::Entity::find()
                .all(program.db.reader())
                .await
                .unwrap(),
            events: event::Entity::find()
                .all(program.db.reader())
                .await
                .unwrap(),
            accounts: account::Entity::find()
                .all(program.db.reader())
                .await
                .unwrap(),
            markers,
            named,
            app,
        };
        world.mark_what_is_numbered();
        world
    }

    /// Numbers and codes are markers too.
    fn mark_what_is_numbered(&mut self) {
        let mut add = |text: &str, what: &str, row: &application::Model, readers: Readers| {
            self.markers.push(Marker {
                text: text.to_owned(),
                what: what.to_owned(),
                region: row.region.clone(),
                application: Some(row.id),
                readers,
            });
        };
        for row in &self.applications {
            add(&row.receipt_number, "receipt number", row, Readers::All);
            add(&row.query_code, "query code", row, Readers::Window);
            for case in self
                .cases
                .iter()
                .filter(|case| case.application_id == row.id)
            {
                add(&case.case_number, "case number", row, Readers::All);
                add(&case.id.to_string(), "case id", row, Readers::All);
            }
            add(&row.id.to_string(), "application id", row, Readers::All);
            for one in self
                .materials
                .iter()
                .filter(|one| one.application_id == row.id)
            {
                let mut wanting = wanting(one);
                // The file is passed to whom the case asks, and only as long as it does, or has their answer.
                let items: Vec<String> = serde_json::from_value(one.wanted_by.clone()).unwrap();
                let of = self
                    .cases
                    .iter()
                    .filter(|case| case.application_id == row.id);
                let of: Vec<Uuid> = of
                    .filter(|case| items.contains(&case.item))
                    .map(|case| case.id)
                    .collect();
                let asked = self.reviews.iter().filter(|review| {
                    of.contains(&review.case_id)
                        && review.consultation.is_some()
                        && !matches!(
                            review.state.0,
                            ReviewState::Withdrawn | ReviewState::Cancelled
                        )
                });
                wanting.extend(asked.map(|review| review.department.clone()));
                add(
                    &one.id.to_string(),
                    "material id",
                    row,
                    Readers::Wanting(wanting.clone()),
                );
                let name = one.file_name.as_deref().unwrap();
                add(
                    name.trim_end_matches(".pdf"),
                    "file name",
                    row,
                    Readers::Wanting(wanting),
                );
            }
            for one in self
                .documents
                .iter()
                .filter(|one| one.application_id == row.id)
            {
                if let Some(department) = &one.department {
                    let readers = if is_to_be_told(one, &self.cases) {
                        Readers::ToBeTold(department.clone())
                    } else {
                        Readers::Told(department.clone())
                    };
                    add(&one.id.to_string(), "document id", row, readers);
                }
            }
        }
    }

    /// Somebody as the program knows them after they signed in.
    pub async fn actor(&self, account: &str) -> Actor {
        let token = self.app.as_(account).token().await.unwrap();
        identity::authenticate_until(self.app.program(), &token)
            .await
            .unwrap()
            .0
    }

    /// Asks without a wire between; as the transport does it.
    pub async fn ask(&self, actor: Option<&Actor>, document: &str) -> async_graphql::Response {
        self.served
            .execute(self.request(actor, document, Transport::Post))
            .await
    }

    /// The request of somebody.
    pub fn request(
        &self,
        actor: Option<&Actor>,
        document: &str,
        by: Transport,
    ) -> async_graphql::Request {
        async_graphql::Request::new(document)
            .data(loaders(self.app.program(), actor))
            .data(Viewer {
                actor: actor.cloned(),
                lang: Lang::default(),
                request_id: Uuid::nil(),
                peer: None,
                sheets: Sheets::default(),
            })
            .data(by)
    }

    /// Whether somebody may know of an application: the rules, told a second time.
    pub fn knows(&self, actor: &Actor, application: &application::Model) -> bool {
        let concerned = || {
            let own = |case: &&case_::Model| {
                case.application_id == application.id
                    && Some(&case.department) == actor.department.as_ref()
            };
            let asked = |review: &&review::Model| {
                review.application_id == application.id
                    && review.consultation.is_some()
                    && review.state.0 != ReviewState::Withdrawn
                    && Some(&review.department) == actor.department.as_ref()
            };
            self.cases.iter().any(|case| own(&case)) || self.reviews.iter().any(|one| asked(&one))
        };
        let leads = || {
            application.lead_department.is_some() && application.lead_department == actor.department
        };
        application.region == actor.region
            && match actor.role {
                Role::Applicant => application
                    .applicant_account
                    .is_some_and(|id| Actor::account_is(actor, id)),
                Role::WindowClerk => {
                    application.window.is_none() || application.window == actor.window
                }
                Role::Reviewer | Role::Decider => concerned(),
                Role::LeadCoordinator => concerned() || leads(),
                Role::CentreAdministrator | Role::Supervisor => true,
                Role::SystemAdministrator => false,
            }
    }

    /// Whether somebody may read the inner work of a department on an application.
    fn reads_work(&self, actor: &Actor, of: &application::Model, department: &str) -> bool {
        let own = actor.department.as_deref() == Some(department);
        let leads = of.lead_department.is_some() && of.lead_department == actor.department;
        self.knows(actor, of)
            && match actor.role {
                Role::Supervisor => true,
                Role::Reviewer | Role::Decider => own,
                Role::LeadCoordinator => own || leads,
                _ => false,
            }
    }

    /// Whether somebody may read a paper; it names its signer.
    fn reads_paper(&self, actor: &Actor, of: &application::Model, paper: &document::Model) -> bool {
        let own = paper.department.is_some() && paper.department == actor.department;
        let leads = of.lead_department.is_some() && of.lead_department == actor.department;
        self.knows(actor, of)
            && match actor.role {
                Role::Applicant => !is_to_be_told(paper, &self.cases),
                Role::WindowClerk | Role::Supervisor => true,
                Role::Reviewer | Role::Decider => own,
                Role::LeadCoordinator => own || leads,
                Role::CentreAdministrator | Role::SystemAdministrator => false,
            }
    }

    /// Whether somebody may read a marker.
    pub fn may_read(&self, actor: &Actor, marker: &Marker) -> bool {
        if actor.region != marker.region {
            return false;
        }
        let own = |department: &str| actor.department.as_deref() == Some(department);
        if let Readers::Officer(account) = &marker.readers {
            let claimed = |one: &review::Model| {
                let of = self
                    .applications
                    .iter()
                    .find(|row| row.id == one.application_id)
                    .unwrap();
                // Who asked for an opinion reads whose it is.
                let case = self
                    .cases
                    .iter()
                    .find(|case| case.id == one.case_id)
                    .unwrap();
                let reads = |department: &str| self.reads_work(actor, of, department);
                let asked = one.consultation.is_some() && reads(&case.department);
                one.claimed_by == Some(*account) && (reads(&one.department) || asked)
            };
            let signed = |one: &document::Model| {
                let of = self
                    .applications
                    .iter()
                    .find(|row| row.id == one.application_id)
                    .unwrap();
                one.issued_by == Some(*account) && self.reads_paper(actor, of, one)
            };
            // Who shares the work of a department knows who reviews there.
            let colleague = |row: &account::Model| {
                row.id == *account
                    && row.role.0 == Role::Reviewer
                    && row.department == actor.department
            };
            let shares = matches!(actor.role, Role::Reviewer | Role::Decider);
            return Actor::account_is(actor, *account)
                || (shares && self.accounts.iter().any(colleague))
                || self.documents.iter().any(signed)
                || self.reviews.iter().any(claimed)
                || actor.role == Role::SystemAdministrator;
        }
        let row = self
            .applications
            .iter()
            .find(|row| Some(row.id) == marker.application)
            .unwrap();
        if !self.knows(actor, row) {
            return false;
        }
        let leads = actor.role == Role::LeadCoordinator && row.lead_department == actor.department;
        let staff = matches!(
            actor.role,
            Role::Reviewer | Role::Decider | Role::LeadCoordinator
        );
        let outside = matches!(actor.role, Role::Applicant | Role::WindowClerk);
        match &marker.readers {
            Readers::All => true,
            Readers::Window => outside,
            Readers::Wanting(departments) => {
                outside
                    || actor.role == Role::Supervisor
                    || leads
                    || (staff && departments.iter().any(|one| own(one)))
            }
            Readers::Department(department) => self.reads_work(actor, row, department),
            Readers::Asked(by, of) => {
                self.reads_work(actor, row, by) || self.reads_work(actor, row, of)
            }
            Readers::Told(department) => {
                outside || actor.role == Role::Supervisor || leads || (staff && own(department))
            }
            Readers::ToBeTold(department) => {
                let reads = matches!(actor.role, Role::WindowClerk | Role::Supervisor);
                reads || leads || (staff && own(department))
            }
            Readers::Together(departments, by_centre) => match actor.role {
                Role::Supervisor => true,
                Role::WindowClerk => row.window.is_some() && row.window == actor.window,
                Role::CentreAdministrator => *by_centre,
                _ => leads || (staff && departments.iter().any(|one| own(one))),
            },
            Readers::Missed(department) => match actor.role {
                Role::Supervisor | Role::WindowClerk => true,
                _ => leads || (staff && department.as_deref().is_some_and(own)),
            },
            Readers::Mediating(concerned, named, by_centre) => match actor.role {
                Role::Supervisor => true,
                Role::CentreAdministrator => *by_centre,
                Role::Decider => concerned.iter().chain(named).any(|one| own(one)),
                Role::Reviewer => concerned.iter().any(|one| own(one)),
                Role::LeadCoordinator => leads || concerned.iter().any(|one| own(one)),
                _ => false,
            },
            Readers::Officer(..) => false,
        }
    }
}

trait AccountIs {
    fn account_is(&self, id: Uuid) -> bool;
}

impl AccountIs for Actor {
    fn account_is(&self, id: Uuid) -> bool {
        use lianshen_domain::ids::Id as _;
        self.account.raw() == id
    }
}

/// Whether a paper says that a record is to be void, which nobody has confirmed.
fn is_to_be_told(paper: &document::Model, cases: &[case_::Model]) -> bool {
    let void = Some(CaseResult::Void);
    let mut of = cases.iter().filter(|case| Some(case.id) == paper.case_id);
    paper.kind.0 == DocumentKind::VoidRecord
        && !of.any(|case| case.result.map(|result| result.0) == void)
}

/// The departments whose items want a material.
pub fn wanting(row: &material::Model) -> BTreeSet<String> {
    let items: Vec<String> = serde_json::from_value(row.wanted_by.clone()).unwrap();
    items
        .iter()
        .map(|item| item.split('-').next().unwrap().to_owned())
        .collect()
}

/// A catalogue with the codes of the other division: those of items hold it, and case numbers hold those.
fn moved(catalogue: &str) -> String {
    let near = &seed::catalogue_file().region.code;
    let mut moved = catalogue.replace(near, FAR);
    let places: Vec<usize> = moved
        .match_indices(&format!("11{FAR}"))
        .map(|(at, _)| at)
        .collect();
    for at in places {
        let body = moved[at..at + 17].to_owned();
        let codes = "0123456789ABCDEFGHJKLMNPQRTUWXY"
            .chars()
            .map(|check| format!("{body}{check}"));
        let code = codes.into_iter().find(|code| is_credit_code(code)).unwrap();
        moved.replace_range(at..at + 18, &code);
    }
    moved
}

/// A marker that stands nowhere else.
fn next_marker(count: usize) -> String {
    format!("mk{count:04}z")
}

/// Every account gets a twin in the other centre, and every one a name that can be told.
async fn name_the_officers(app: &TestApp, markers: &mut Vec<Marker>) {
    let program = app.program();
    let near = account::Entity::find()
        .all(program.db.reader())
        .await
        .unwrap();
    let mut twins = Vec::new();
    for row in near {
        let twin = account::Model {
            id: program.env.uuid(),
            region: FAR.to_owned(),
            name: format!("far-{}", row.name),
            ..row.clone()
        };
        for mut row in [row, twin] {
            let text = next_marker(markers.len());
            row.display_name = format!("员{text}");
            markers.push(Marker {
                what: format!("name of {}", row.name),
                region: row.region.clone(),
                application: None,
                readers: Readers::Officer(row.id),
                text,
            });
            twins.push(row);
        }
    }
    let twins = Arc::new(twins);
    db::write(&program.db, async |tx| {
        for row in twins.iter() {
            let row = row.clone();
            if row.region == FAR {
                account::Entity::insert(row.into_active_model())
                    .exec_without_returning(&**tx)
                    .await?;
            } else {
                account::Entity::update(row.into_active_model().reset_all())
                    .exec(&**tx)
                    .await?;
            }
        }
        Ok(())
    })
    .await
    .unwrap();
}

/// Departments came together, and each text of it is marked. The rows are laid in as an act would write them, because time
/// stands still here.
async fn hold_visits(
    app: &TestApp,
    named: &BTreeMap<&'static str, Uuid>,
    markers: &mut Vec<Marker>,
) -> Vec<visit::Model> {
    let program = app.program();
    let far = |name: &str| name.starts_with("abroad");
    let mut rows = Vec::new();
    for (name, number, departments, convener) in [
        ("own", 1, ["SJJ", "CGJ"], Some("SJJ")),
        ("own", 2, ["ZJJ", "XFD"], None),
        ("elsewhere", 1, ["WJW", "JYJ"], Some("JYJ")),
        ("abroad", 1, ["SJJ", "CGJ"], Some("SJJ")),
        ("abroad, elsewhere", 1, ["WJW", "JYJ"], None),
    ] {
        let region = if far(name) {
            FAR.to_owned()
        } else {
            seed::catalogue_file().region.code.clone()
        };
        let id = program.env.uuid();
        let mut mark = |text: String, what: &str, readers: Readers| {
            markers.push(Marker {
                text: text.clone(),
                what: format!("{what} of visit {number} of {name}"),
                region: region.clone(),
                application: Some(named[name]),
                readers,
            });
            text
        };
        let mut counted = 9_000 + rows.len() * 100;
        let together = || {
            let of = departments.iter().chain(&convener);
            Readers::Together(
                of.map(|code| (*code).to_owned()).collect(),
                convener.is_none(),
            )
        };
        let mut said = |what: &str, readers: Readers| {
            counted += 1;
            mark(next_marker(counted), what, readers)
        };
        let parts: Vec<Value> = departments
            .iter()
            .map(|code| {
                json!({ "department": code, "attendance": "PRESENT",
                    "persons": [said("person", together()), said("person", together())],
                    "againBecause": said("reason", together()),
                    "conclusion": { "text": said("conclusion", together()), "signed": true, "opinion": "AGREE" } })
            })
            .collect();
        let defects = json!([{ "number": 1, "text": said("defect", together()), "departments": departments,
            "dueOn": "2026-03-09",
            "mended": { "on": "2026-03-04", "department": departments[0], "finding": said("finding", together()) } }]);
        let row = visit::Model {
            id,
            application_id: named[name],
            region: region.clone(),
            number,
            kind: Coded(VisitKind::SiteVisit),
            state: Coded(VisitState::Held),
            begins_at: crate::support::clock::ManualClock::start(),
            place: said("place", Readers::All),
            convener: convener.map(str::to_owned),
            parts: json!(parts),
            because: Some(said("move", together())),
            record: Some(said("record", together())),
            defects,
            version: 1,
        };
        mark(id.to_string(), "id", Readers::All);
        rows.push(row);
    }
    db::write(&program.db, async |tx| {
        for row in &rows {
            visit::Entity::insert(row.clone().into_active_model())
                .exec_without_returning(&**tx)
                .await?;
        }
        Ok(())
    })
    .await
    .unwrap();
    rows
}

/// Each department missed something before acceptance, and one notice told it; each text is marked. The rows are laid in, as
/// those of visits.
async fn miss_something(
    app: &TestApp,
    named: &BTreeMap<&'static str, Uuid>,
    markers: &mut Vec<Marker>,
) -> (Vec<missing_report::Model>, Vec<correction_notice::Model>) {
    let program = app.program();
    let cases = case_::Entity::find()
        .all(program.db.reader())
        .await
        .unwrap();
    let mut counted = 9_600;
    let (mut reports, mut notices) = (Vec::new(), Vec::new());
    for name in ["own", "elsewhere", "abroad"] {
        let application = named[name];
        let of: Vec<_> = cases
            .iter()
            .filter(|case| case.application_id == application)
            .collect();
        let region = of[0].region.clone();
        let mut said = |what: &str, readers: Readers| {
            counted += 1;
            let text = next_marker(counted);
            markers.push(Marker {
                text: text.clone(),
                what: format!("{what} of {name}"),
                region: region.clone(),
                application: Some(application),
                readers,
            });
            text
        };
        for case in &of {
            let readers = || Readers::Missed(Some(case.department.clone()));
            let points = json!([{ "text": said("what is missing", readers()), "basis": said("its basis", readers()),
                "wantedBy": [{ "department": case.department, "item": case.item }] }]);
            reports.push(missing_report::Model {
                case_id: case.id,
                round: 1,
                application_id: application,
                region: region.clone(),
                department: case.department.clone(),
                points,
                reported_at: crate::support::clock::ManualClock::start(),
                due_on: "2026-03-05".parse().unwrap(),
            });
        }
        let points = json!([{ "text": said("what was told", Readers::Missed(None)), "basis": said("its basis", Readers::Missed(None)),
            "material": "M-APP", "wantedBy": [{ "department": of[0].department, "item": of[0].item }] }]);
        notices.push(correction_notice::Model {
            application_id: application,
            region: region.clone(),
            points,
        });
    }
    db::write(&program.db, async |tx| {
        for row in &reports {
            missing_report::Entity::insert(row.clone().into_active_model())
                .exec_without_returning(&**tx)
                .await?;
        }
        for row in &notices {
            correction_notice::Entity::insert(row.clone().into_active_model())
                .exec_without_returning(&**tx)
                .await?;
        }
        Ok(())
    })
    .await
    .unwrap();
    (reports, notices)
}

/// Former refusals were revoked, and each text of it is marked. They are laid in, because what is asked here is who reads them.
async fn revoke(app: &TestApp, named: &BTreeMap<&'static str, Uuid>, markers: &mut Vec<Marker>) {
    let program = app.program();
    let cases = case_::Entity::find()
        .all(program.db.reader())
        .await
        .unwrap();
    let mut counted = 9_800;
    let mut rows = Vec::new();
    for (name, item) in [
        ("own", "SJJ-01-002"),
        ("own", "CGJ-01-001"),
        ("elsewhere", "WJW-07-001"),
        ("abroad", "SJJ-01-002"),
    ] {
        let mut found = cases.iter();
        let case = found.find(|case| case.application_id == named[name] && case.item == item);
        let case = case.unwrap();
        let mut said = |what: &str| {
            counted += 1;
            let text = next_marker(counted);
            markers.push(Marker {
                text: text.clone(),
                what: format!("{what} of {name}"),
                region: case.region.clone(),
                application: Some(case.application_id),
                readers: Readers::Told(case.department.clone()),
            });
            text
        };
        let on = "2026-03-02".parse().unwrap();
        let former = FormerDecision {
            result: CaseResult::Refused,
            reasons: Some(said("former reasons")),
            decided_by: None,
            decided_at: crate::support::clock::ManualClock::start(),
            decided_on: on,
            revocation: Revocation {
                body: said("who revoked it"),
                document_number: said("the document that revoked it"),
                way: RevocationWay::Court,
                ground: RevocationGround::Procedure,
                decided_on: on,
                within_days: Some(10),
                note: Some(said("a note on it")),
            },
            received_on: on,
            reopened_at: crate::support::clock::ManualClock::start(),
        };
        rows.push(case_::ActiveModel {
            id: Set(case.id),
            former_decisions: Set(Some(json!([former]))),
            ..Default::default()
        });
    }
    db::write(&program.db, async |tx| {
        for row in &rows {
            case_::Entity::update(row.clone()).exec(&**tx).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
}

/// Whoever holds something was asked for it, and what it is called is marked. The rows are laid in, as those of visits.
async fn ask_who_holds_it(
    app: &TestApp,
    named: &BTreeMap<&'static str, Uuid>,
    markers: &mut Vec<Marker>,
) -> Vec<sharing_request::Model> {
    let program = app.program();
    let cases = case_::Entity::find()
        .all(program.db.reader())
        .await
        .unwrap();
    let now = crate::support::clock::ManualClock::start();
    let mut requests = Vec::new();
    for name in ["own", "elsewhere", "abroad"] {
        let application = named[name];
        let of = cases
            .iter()
            .filter(|case| case.application_id == application);
        for (ordinal, case) in (0..).zip(of) {
            let text = next_marker(9_900 + requests.len());
            markers.push(Marker {
                text: text.clone(),
                what: format!("what is shared of {name}"),
                region: case.region.clone(),
                application: Some(application),
                readers: Readers::Wanting([case.department.clone()].into()),
            });
            requests.push(sharing_request::Model {
                id: program.env.uuid(),
                application_id: application,
                region: case.region.clone(),
                ordinal,
                code: format!("M-S{ordinal}"),
                name: text,
                asked_of: Some("SJJ".to_owned()),
                wanted_by: json!([case.item]),
                readers: format!(",{},", case.department),
                state: Coded(SharingState::NotHeld),
                attempts: 1,
                next_at: None,
                problem: None,
                ended_at: Some(now),
                material_id: None,
            });
        }
    }
    db::write(&program.db, async |tx| {
        for row in &requests {
            sharing_request::Entity::insert(row.clone().into_active_model())
                .exec_without_returning(&**tx)
                .await?;
        }
        Ok(())
    })
    .await
    .unwrap();
    requests
}

/// Conflicts are mediated, and each text of it is marked. The rows are laid in as an act would write them, because what is
/// asked here is who reads them.
async fn mediate(
    app: &TestApp,
    named: &BTreeMap<&'static str, Uuid>,
    markers: &mut Vec<Marker>,
) -> Vec<mediation::Model> {
    let program = app.program();
    let cases = case_::Entity::find()
        .all(program.db.reader())
        .await
        .unwrap();
    let far = |name: &str| name.starts_with("abroad");
    let mut rows = Vec::new();
    for (name, number, item, [first, second, handled_by], then) in [
        ("own", 1, "SJJ-01-002", ["SJJ", "CGJ", "SJJ"], None),
        ("own", 2, "ZJJ-01-004", ["ZJJ", "XFD", "ZJJ"], Some("CGJ")),
        (
            "elsewhere",
            1,
            "WJW-07-001",
            ["WJW", "XFD", "WJW"],
            Some("JYJ"),
        ),
        ("abroad", 1, "SJJ-01-002", ["SJJ", "CGJ", "SJJ"], None),
        (
            "abroad, elsewhere",
            1,
            "WJW-07-001",
            ["WJW", "XFD", "WJW"],
            None,
        ),
    ] {
        let region = if far(name) {
            FAR.to_owned()
        } else {
            seed::catalogue_file().region.code.clone()
        };
        let id = program.env.uuid();
        let case = cases
            .iter()
            .find(|case| case.application_id == named[name] && case.item == item)
            .unwrap();
        assert_eq!(case.department, handled_by);
        let mut counted = 12_000 + rows.len() * 30;
        let mut said = |what: &str, by_centre: bool, text: Option<String>| {
            counted += 1;
            let text = text.unwrap_or_else(|| next_marker(counted));
            markers.push(Marker {
                text: text.clone(),
                what: format!("{what} of mediation {number} of {name}"),
                region: region.clone(),
                application: Some(named[name]),
                readers: Readers::Mediating([first, second, handled_by], then, by_centre),
            });
            text
        };
        said("id", true, Some(id.to_string()));
        let high = then.is_some();
        let mut text = |what: &str| said(what, high, None);
        let leads = if item.starts_with("WJW") {
            "JYJ"
        } else {
            "SJJ"
        };
        let mut levels = vec![json!({ "level": "LEAD", "department": leads, "on": "2026-03-02" })];
        if let Some(then) = then {
            levels
                .push(json!({ "level": "CENTRE", "on": "2026-03-02", "because": text("reason") }));
            levels.push(json!({ "level": "NAMED_DEPARTMENT", "department": then, "on": "2026-03-02", "because": text("reason") }));
        }
        let positions: Vec<Value> = [first, second]
            .iter()
            .map(|code| {
                json!({ "department": code, "text": text("position"), "by": program.env.uuid(), "at": "2026-03-02T02:00:00Z" })
            })
            .collect();
        rows.push(mediation::Model {
            id,
            application_id: named[name],
            case_id: case.id,
            region: region.clone(),
            department: handled_by.to_owned(),
            number,
            kind: Coded(ConflictKind::Conditions),
            first_review: program.env.uuid(),
            first_department: first.to_owned(),
            second_review: program.env.uuid(),
            second_department: second.to_owned(),
            first_category: Some(text("category")),
            second_category: Some(text("category")),
            question: text("question"),
            state: Coded(if high {
                MediationState::MinorityView
            } else {
                MediationState::Settled
            }),
            level: Coded(if high {
                MediationLevel::NamedDepartment
            } else {
                MediationLevel::Lead
            }),
            named_department: then.map(str::to_owned),
            levels: json!(levels),
            positions: json!(positions),
            settlement: (!high).then(|| text("settlement")),
            minority_department: high.then(|| second.to_owned()),
            minority_view: high.then(|| text("view")),
            ended_on: Some("2026-03-02".parse().unwrap()),
            version: 1,
        });
    }
    db::write(&program.db, async |tx| {
        for row in &rows {
            mediation::Entity::insert(row.clone().into_active_model())
                .exec_without_returning(&**tx)
                .await?;
        }
        Ok(())
    })
    .await
    .unwrap();
    rows
}

/// Where something happens and who does it.
#[derive(Clone, Copy)]
struct Scene<'a> {
    app: &'a TestApp,
    /// What the names of accounts begin with.
    centre: &'a str,
    clerk: &'a str,
    applicant: Option<&'a str>,
}

impl Scene<'_> {
    fn person(&self, name: &str) -> Client {
        self.app.as_(&format!("{}{name}", self.centre))
    }

    fn officer(&self, word: &str, department: &str) -> Client {
        self.person(&format!("{word}-{}", department.to_lowercase()))
    }

    fn region(&self) -> String {
        if self.centre.is_empty() {
            seed::catalogue_file().region.code.clone()
        } else {
            FAR.to_owned()
        }
    }

    /// Submits and accepts; every text is marked.
    async fn take_in(&self, mut input: Value, markers: &mut Vec<Marker>) -> Value {
        let name = next_marker(markers.len());
        input["applicant"]["name"] = json!(format!("滨澜县{name}餐饮有限公司"));
        let from = markers.len() + 5_000;
        for (place, material) in input["materials"]
            .as_array_mut()
            .unwrap()
            .iter_mut()
            .enumerate()
        {
            material["fileName"] = json!(format!("f{}{place:02}z.pdf", from));
        }
        let by = self.person(self.applicant.unwrap_or(self.clerk));
        let answer = by.act(&documents::SUBMIT, input).await.done();
        let mut taken = answer.data("applicationSubmit.application").clone();
        markers.push(Marker {
            text: name,
            what: "name of an applicant".to_owned(),
            region: self.region(),
            application: Some(uuid(&taken)),
            readers: Readers::All,
        });
        if self.applicant.is_some() {
            let accept = json!({ "idempotencyKey": new_key(), "applicationId": taken["id"] });
            let answer = self
                .person(self.clerk)
                .act(&documents::ACCEPT, accept)
                .await
                .done();
            taken = answer.data("applicationAccept.application").clone();
        }
        taken
    }

    async fn claim(&self, application: &Value, item: &str) {
        let case = case_of(application, item);
        let review = json!({ "reviewId": case["reviews"][0]["id"] });
        self.officer("reviewer", code(case))
            .act(&documents::CLAIM, review)
            .await
            .done();
    }

    /// The department of a case asks another one, in words that can be told; answers the review.
    async fn ask(
        &self,
        (application, item): (&Value, &str),
        whom: &str,
        markers: &mut Vec<Marker>,
    ) -> Value {
        let case = case_of(application, item);
        let text = next_marker(markers.len());
        let input = json!({
            "idempotencyKey": new_key(), "caseId": case["id"], "question": format!("问{text}"), "rule": "ALL",
            "opinions": [{ "departmentCode": whom, "part": "ADVISORY" }],
        });
        let document =
            "mutation Ask($input: CaseAskOpinionsInput!) { caseAskOpinions(input: $input) {
          case { reviews { id department { code } } } userErrors { code message field } } }";
        let answer = self
            .officer("reviewer", code(case))
            .act(document, input)
            .await
            .done();
        markers.push(self.of_asking(application, (code(case), whom), ("question", text)));
        let reviews = answer.list("caseAskOpinions.case.reviews");
        reviews
            .iter()
            .rfind(|review| review["department"]["code"] == whom)
            .unwrap()["id"]
            .clone()
    }

    /// Who was asked answers, in words that can be told.
    async fn opine(
        &self,
        (application, item): (&Value, &str),
        whom: &str,
        review: &Value,
        markers: &mut Vec<Marker>,
    ) {
        let text = next_marker(markers.len());
        let input = json!({
            "idempotencyKey": new_key(), "reviewId": review, "opinion": "AGREE", "reasons": format!("理由{text}"),
        });
        self.officer("reviewer", whom)
            .act(&documents::GIVE_OPINION, input)
            .await
            .done();
        let by = code(case_of(application, item));
        markers.push(self.of_asking(application, (by, whom), ("answer", text)));
    }

    /// Somebody asks for a record to be void, in words that can be told, and nobody confirms it.
    async fn ask_void(&self, application: &Value, item: &str, markers: &mut Vec<Marker>) {
        let case = case_of(application, item);
        let text = next_marker(markers.len());
        self.officer("decider", code(case))
            .does(
                "caseAskVoid",
                case["id"].as_str().unwrap(),
                json!({ "reasons": format!("理由{text}") }),
            )
            .await
            .done();
        markers.push(Marker {
            text,
            what: format!("why {item} is to be void"),
            region: self.region(),
            application: Some(uuid(application)),
            readers: Readers::ToBeTold(code(case).to_owned()),
        });
    }

    async fn take_back(&self, (application, item): (&Value, &str), review: &Value) {
        let input = json!({ "idempotencyKey": new_key(), "reviewId": review, "reasons": "误送" });
        let document =
            "mutation Withdraw($input: ReviewWithdrawInput!) { reviewWithdraw(input: $input) {
          review { id } userErrors { code message field } } }";
        let by = code(case_of(application, item));
        self.officer("reviewer", by)
            .act(document, input)
            .await
            .done();
    }

    fn of_asking(
        &self,
        application: &Value,
        (by, of): (&str, &str),
        (what, text): (&str, String),
    ) -> Marker {
        Marker {
            text,
            what: format!("{what} of {by} and {of}"),
            region: self.region(),
            application: Some(uuid(application)),
            readers: Readers::Asked(by.to_owned(), of.to_owned()),
        }
    }

    async fn deliver(&self, application: &Value, markers: &mut Vec<Marker>) {
        let text = next_marker(markers.len());
        let input = json!({ "idempotencyKey": new_key(), "applicationId": application["id"], "receivedBy": format!("收{text}") });
        self.person(self.clerk)
            .act(&documents::DELIVER, input)
            .await
            .done();
        markers.push(Marker {
            text,
            what: "who took the results".to_owned(),
            region: self.region(),
            application: Some(uuid(application)),
            readers: Readers::Told("CENTRE".to_owned()),
        });
    }

    async fn finish(
        &self,
        application: &Value,
        item: &str,
        opinion: &str,
        decision: &str,
        markers: &mut Vec<Marker>,
    ) {
        let case = case_of(application, item);
        let department = code(case);
        let mut mark = |what: &str, readers: Readers| {
            let text = next_marker(markers.len());
            let what = format!("{what} of {item}");
            let application = Some(uuid(application));
            markers.push(Marker {
                text: text.clone(),
                what,
                region: self.region(),
                application,
                readers,
            });
            format!("理由{text}")
        };
        let opinion = json!({
            "idempotencyKey": new_key(), "reviewId": case["reviews"][0]["id"], "opinion": opinion,
            "reasons": mark("opinion", Readers::Department(department.to_owned())),
        });
        let reviewer = self.officer("reviewer", department);
        reviewer
            .act(
                &documents::CLAIM,
                json!({ "reviewId": opinion["reviewId"] }),
            )
            .await
            .done();
        reviewer.act(&documents::GIVE_OPINION, opinion).await.done();
        let decision = json!({
            "idempotencyKey": new_key(), "caseId": case["id"], "decision": decision,
            "reasons": mark("decision", Readers::Told(department.to_owned())),
        });
        self.officer("decider", department)
            .act(&documents::DECIDE, decision)
            .await
            .done();
    }
}

fn case_of<'a>(application: &'a Value, item: &str) -> &'a Value {
    let cases = application["cases"].as_array().unwrap();
    cases
        .iter()
        .find(|case| case["item"]["code"] == item)
        .unwrap()
}

fn code(case: &Value) -> &str {
    case["department"]["code"].as_str().unwrap()
}

/// The identifier of an object without its kind.
pub fn uuid(object: &Value) -> Uuid {
    object["id"]
        .as_str()
        .unwrap()
        .split_once(':')
        .unwrap()
        .1
        .parse()
        .unwrap()
}
