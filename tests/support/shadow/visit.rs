//! Joint visits: what is done about them, and how they stand.

use lianshen_domain::actor::Actor;
use lianshen_domain::application::{CallVisit, Concluding, Moment};
use lianshen_domain::code::Code as _;
use lianshen_domain::event::Happening;
use lianshen_domain::ids::VisitId;
use lianshen_domain::rejected::Reason;
use lianshen_domain::review::Outcome;
use lianshen_domain::visit::{Defect, Mended, Visit, VisitPart};
use serde_json::Value;

use super::names::{nameless, number};
use super::{Refused, Shadow, of_one, text};
use crate::support::deed::{AtVisit, REASONS};

impl Shadow {
    pub(super) fn calls_visit(
        &mut self,
        call: &CallVisit,
        actor: &Actor,
        at: Moment,
    ) -> Result<Outcome<Vec<Happening>>, Refused> {
        let rules = &*self.rules.clone();
        let who = (actor.department.clone(), nameless());
        let by = (
            rules as &dyn lianshen_domain::application::Rules,
            &rules.visits,
        );
        let (visit, told) = self
            .file
            .call_visit(&self.visits, call.clone(), who, at, by)?;
        self.visits.push(visit);
        Ok(Outcome::Done(told))
    }

    pub(super) fn at_visit(
        &mut self,
        id: VisitId,
        act: &AtVisit,
        actor: &Actor,
        at: Moment,
    ) -> Result<Outcome<Vec<Happening>>, Refused> {
        let rules = &*self.rules.clone();
        let by = (
            rules as &dyn lianshen_domain::application::Rules,
            &rules.visits,
        );
        let place = self.visits.iter().position(|visit| visit.id == id);
        let place = place.ok_or(Reason::NotFound)?;
        let (file, visit) = (&mut self.file, &mut self.visits[place]);
        let own = actor.department.clone().unwrap_or_default();
        let why = REASONS.to_owned();
        match act {
            AtVisit::Move(to) => {
                let told = file.move_visit(visit, (*to, None, why), at, by)?;
                Ok(Outcome::Done(told))
            }
            AtVisit::Cancel => of_one(visit.cancel(why)?),
            AtVisit::Name(of, persons) => {
                let of = of.as_deref().unwrap_or(&own);
                of_one(visit.name_persons(of, persons.clone())?)
            }
            AtVisit::Conclude(opinion) => {
                let concluding = Concluding {
                    text: why,
                    opinion: *opinion,
                };
                Ok(file.conclude_at_visit(visit, &own, concluding, actor, at)?)
            }
            AtVisit::Record(record) => {
                let held = file.record_visit(visit, record.clone(), at, &rules.visits)?;
                Ok(Outcome::Done(vec![held]))
            }
            AtVisit::Mend(number) => {
                let mended = Mended {
                    on: at.today,
                    department: own,
                    finding: why,
                };
                of_one(visit.mend(*number, mended)?)
            }
        }
    }
}

/// A visit in words.
pub(super) fn lines(visit: &Visit) -> Vec<String> {
    let record = visit.record.is_some();
    let (kind, state) = (visit.kind.code(), visit.state.code());
    let begins = visit.begins_at.to_rfc3339();
    let mut lines = vec![format!(
        "visit {} {kind} {state} {begins} recorded {record}",
        visit.number
    )];
    lines.extend(visit.parts.iter().map(|part: &VisitPart| {
        let said = part.conclusion.as_ref();
        format!(
            "  {} {} {:?} {:?} {:?} {:?}",
            part.department,
            part.persons.join(" "),
            part.attendance.map(|attendance| attendance.code()),
            said.map(|said| said.text.as_str()),
            said.map(|said| said.signed),
            said.and_then(|said| said.opinion).map(|kind| kind.code()),
        )
    }));
    lines.extend(visit.defects.iter().map(|defect: &Defect| {
        let mended = defect.mended.as_ref();
        let mended = mended.map(|mended| format!("{} {}", mended.department, mended.on));
        format!(
            "  defect {} of {} by {} {mended:?}",
            defect.number,
            defect.departments.join(" "),
            defect.due_on,
        )
    }));
    lines
}

/// The same, as the program says it.
pub(super) fn told(node: &Value) -> Vec<String> {
    let code = |value: &Value| value.as_str().map(str::to_owned);
    let list = |value: &Value| value.as_array().unwrap().clone();
    let words = |value: &Value| {
        let words: Vec<String> = list(value).iter().map(text).collect();
        words.join(" ")
    };
    let begins = text(&node["beginsAt"]);
    let begins: chrono::DateTime<chrono::Utc> = begins.parse().unwrap();
    let mut lines = vec![format!(
        "visit {} {} {} {} recorded {}",
        number(&node["number"]),
        text(&node["kind"]),
        text(&node["state"]),
        begins.to_rfc3339(),
        !node["record"].is_null(),
    )];
    lines.extend(list(&node["parts"]).iter().map(|part| {
        format!(
            "  {} {} {:?} {:?} {:?} {:?}",
            text(&part["departmentCode"]),
            words(&part["persons"]),
            code(&part["attendance"]),
            code(&part["conclusion"]),
            part["signed"].as_bool(),
            code(&part["opinion"]),
        )
    }));
    lines.extend(list(&node["defects"]).iter().map(|defect| {
        let departments = list(&defect["departments"]);
        let departments: Vec<String> = departments.iter().map(|one| text(&one["code"])).collect();
        let mended = code(&defect["mendedOn"]);
        let mended = mended.map(|on| format!("{} {on}", text(&defect["mendedBy"]["code"])));
        format!(
            "  defect {} of {} by {} {mended:?}",
            number(&defect["number"]),
            departments.join(" "),
            text(&defect["dueOn"]),
        )
    }));
    lines
}
