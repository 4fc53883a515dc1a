//! How an application stands, in words: by the core, and by what the program says.

use std::collections::BTreeMap;

use lianshen_domain::application::{File, FileClock, period_of_decision};
use lianshen_domain::case::Case;
use lianshen_domain::clock::ClockKind;
use lianshen_domain::code::Code as _;
use lianshen_domain::conflict::Conflict;
use lianshen_domain::consultation::awaited;
use lianshen_domain::ids::{ApplicationId, Id as _};
use lianshen_domain::review::Review;
use serde_json::{Value, json};

use super::{Shadow, day, material, mediation, missing, text, visit};
use crate::support::{Answer, TestApp};

/// What the program says of an application: states, versions, due dates, who said what.
const STANDING: &str = "query Standing($id: ID!) { application(id: $id) {
  id state outcome version window channel receivedOn acceptedOn jointPromised { dueOn } jointStatutory { dueOn }
  materials(includeReplaced: true) { id code version receivedAt sha256 wantedBy replacedAt }
  missingPoints { text wantedBy { departmentCode } }
  visits { id number version kind state beginsAt record
    parts { departmentCode persons attendance conclusion signed opinion }
    defects { number departments { code } dueOn mendedOn mendedBy { code } } }
  cases {
    id state result version item { code } department { code } predecessors { id }
    promised { dueOn } statutory { dueOn } awaitedOpinions { code } missingReport { state reportedAt points { text } }
    conflicts { kind between { id } }
    mediations { id number version state level heldBy { code } dueOn minority { code } endedOn parties { departmentCode }
      levels { level department { code } reachedOn because } positions { departmentCode text } }
    reviews { id state opinion version promisedDueOn claimedBy setAsideBecause department { code } consultation { number }
      conditions { category } }
  } } }";

/// What the program says of an application now, as the supervisor sees it.
pub async fn standing(app: &TestApp, id: ApplicationId) -> Answer {
    let variables = json!({ "id": id.wire() });
    app.supervisor().query(STANDING, variables).await.ok()
}

impl Shadow {
    /// Fails unless the program says of the application what its shadow does.
    pub fn assert_same(&self, seen: &Answer) {
        let own = self.told(&self.file.clocks(&*self.rules));
        let told = told_by_program(seen.data("application"));
        assert_eq!(told, own, "left the program, right the core");
    }

    /// The same, and it has counted what changed since this was asked last: a
    /// version grows by one with what the core counts, at most by one with dates that move by themselves, and never
    /// by what was not done.
    pub fn assert_like(&mut self, seen: &Answer, has_changed: bool) {
        self.assert_same(seen);
        let now = self.versions();
        let kept = versions_of_rows(seen.data("application"));
        for (id, row) in &kept {
            let Some((before, counted)) = self.counted.get(id) else {
                continue;
            };
            let grew = row - before;
            let least = i64::from(now[id] > *counted);
            let most = i64::from(has_changed);
            assert!(
                (least..=most).contains(&grew),
                "the version of {id} grew by {grew}, not by {least} to {most}"
            );
        }
        let rows = kept.into_iter();
        self.counted = rows
            .map(|(id, row)| (id.clone(), (row, now[&id])))
            .collect();
    }

    fn told(&self, clocks: &[FileClock]) -> Vec<String> {
        let file = &self.file;
        let due = |kind: ClockKind| {
            let mut of_the_whole = clocks.iter().filter(|clock| clock.case.is_none());
            let found = of_the_whole.find(|clock| clock.running.kind == kind);
            day(found.and_then(FileClock::due_on))
        };
        let application = &file.application;
        let mut lines = vec![format!(
            "{} {:?} accepted {} joint {} {}",
            application.state.code(),
            application.outcome.map(|outcome| outcome.code()),
            day(application.accepted_on),
            due(ClockKind::JointPromised),
            due(ClockKind::Joint),
        )];
        lines.extend(material::lines(&self.materials));
        lines.extend(self.missing_lines());
        lines.extend(self.visits.iter().flat_map(visit::lines));
        for case in &file.cases {
            lines.extend(self.told_of(case, clocks));
        }
        lines
    }

    fn told_of(&self, case: &Case, clocks: &[FileClock]) -> Vec<String> {
        let reviews = || {
            let all = self.file.reviews.iter();
            all.filter(|review| review.case == case.id)
        };
        let awaited = awaited(reviews()).into_iter();
        let awaited: Vec<&str> = awaited.map(|review| review.department.as_str()).collect();
        let decided_by = |kind| {
            let clock = period_of_decision(clocks, case.id, kind);
            day(clock.and_then(FileClock::due_on))
        };
        let mut lines = vec![format!(
            "{} {} {:?} due {} {} awaits {}",
            case.item,
            case.state.code(),
            case.ending.as_ref().map(|ending| ending.result.code()),
            decided_by(ClockKind::Promised),
            decided_by(ClockKind::Statutory),
            awaited.join(" "),
        )];
        lines.extend(self.report_line(case.id));
        // The examinations stand first.
        let mut reviews: Vec<&Review> = reviews().collect();
        reviews.sort_by_key(|review| review.consultation.as_ref().map(|asked| asked.number));
        lines.extend(
            reviews
                .into_iter()
                .map(|review| self.told_of_review(review)),
        );
        let conflicts = self.conflicts(case.id).into_iter();
        lines.extend(conflicts.map(|Conflict { kind, between, .. }| {
            let (one, other) = between;
            format!("  {} {} {}", kind.code(), one.wire(), other.wire())
        }));
        let mediations = self.mediations.iter();
        let mediations = mediations.filter(|mediation| mediation.case == case.id);
        lines.extend(mediations.flat_map(|mediation| self.mediation_lines(mediation, clocks)));
        lines
    }

    fn told_of_review(&self, review: &Review) -> String {
        let asked = review.consultation.as_ref();
        let given = review.given.as_ref().map(|given| &given.opinion);
        let conditions = given.into_iter().flat_map(|opinion| &opinion.conditions);
        let conditions: Vec<&str> = conditions.map(|one| one.category.as_str()).collect();
        let claimed_by = review.claimed_by.map(|account| {
            let name = self.people.get(&account);
            name.map_or("a stranger", String::as_str)
        });
        format!(
            "  {} {} {} by {claimed_by:?} {:?} on {} due {} aside {:?}",
            review.id.wire(),
            review.department,
            review.state.code(),
            given.map(|opinion| opinion.kind.code()),
            conditions.join(" "),
            day(asked.and_then(|asked| asked.lamp.promised_due_on)),
            review.set_aside_because.as_deref(),
        )
    }

    fn versions(&self) -> BTreeMap<String, i64> {
        let File {
            application,
            cases,
            reviews,
            ..
        } = &self.file;
        let cases = cases.iter().map(|case| (case.id.wire(), case.version));
        let reviews = reviews.iter();
        let reviews = reviews.map(|review| (review.id.wire(), review.version));
        let visits = self.visits.iter();
        let visits = visits.map(|visit| (visit.id.wire(), visit.version));
        let mediations = self.mediations.iter();
        let mediations = mediations.map(|one| (one.id.wire(), one.version));
        let beside = reviews.chain(visits).chain(mediations);
        cases
            .chain(beside)
            .chain([(application.id.wire(), application.version)])
            .collect()
    }
}

/// The same lines as the shadow's, by what the program says.
fn told_by_program(node: &Value) -> Vec<String> {
    let mut lines = vec![format!(
        "{} {:?} accepted {} joint {} {}",
        text(&node["state"]),
        code(&node["outcome"]),
        node["acceptedOn"].as_str().unwrap_or("-"),
        due_by_program(&node["jointPromised"]),
        due_by_program(&node["jointStatutory"]),
    )];
    lines.extend(material::lines(&material::read_all(node)));
    lines.extend(missing::told_missing(node));
    lines.extend(list(node, "visits").flat_map(visit::told));
    for case in list(node, "cases") {
        let awaited: Vec<String> = list(case, "awaitedOpinions")
            .map(|department| text(&department["code"]))
            .collect();
        lines.push(format!(
            "{} {} {:?} due {} {} awaits {}",
            text(&case["item"]["code"]),
            text(&case["state"]),
            code(&case["result"]),
            due_by_program(&case["promised"]),
            due_by_program(&case["statutory"]),
            awaited.join(" "),
        ));
        lines.extend(missing::told_of_report(case));
        lines.extend(list(case, "reviews").map(review_by_program));
        lines.extend(list(case, "conflicts").map(|conflict| {
            let between: Vec<String> = list(conflict, "between")
                .map(|review| text(&review["id"]))
                .collect();
            format!("  {} {}", text(&conflict["kind"]), between.join(" "))
        }));
        lines.extend(list(case, "mediations").flat_map(mediation::told));
    }
    lines
}

fn review_by_program(review: &Value) -> String {
    let asked = review["consultation"].is_object();
    let due = review["promisedDueOn"].as_str().filter(|_| asked);
    let conditions: Vec<String> = list(review, "conditions")
        .map(|condition| text(&condition["category"]))
        .collect();
    format!(
        "  {} {} {} by {:?} {:?} on {} due {} aside {:?}",
        text(&review["id"]),
        text(&review["department"]["code"]),
        text(&review["state"]),
        review["claimedBy"].as_str(),
        code(&review["opinion"]),
        conditions.join(" "),
        due.unwrap_or("-"),
        review["setAsideBecause"].as_str(),
    )
}

fn due_by_program(clock: &Value) -> String {
    clock["dueOn"].as_str().unwrap_or("-").to_owned()
}

fn code(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn list<'a>(node: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    let found = node[name].as_array();
    found.unwrap_or_else(|| panic!("no {name}: {node}")).iter()
}

fn versions_of_rows(node: &Value) -> BTreeMap<String, i64> {
    let version = |node: &Value| (text(&node["id"]), node["version"].as_i64().unwrap());
    let mut all = BTreeMap::from([version(node)]);
    all.extend(list(node, "visits").map(version));
    for case in list(node, "cases") {
        all.extend([version(case)]);
        all.extend(list(case, "reviews").map(version));
        all.extend(list(case, "mediations").map(version));
    }
    all
}
