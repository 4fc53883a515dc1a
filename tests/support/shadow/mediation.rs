//! Mediations: what is done in them, how they climb, and how they stand.

use chrono::NaiveDate;
use lianshen_domain::actor::Actor;
use lianshen_domain::application::{FileClock, Moment, OpenMediation};
use lianshen_domain::clock::ClockKind;
use lianshen_domain::code::Code as _;
use lianshen_domain::event::Happening;
use lianshen_domain::ids::{CaseId, MediationId, ReviewId};
use lianshen_domain::mediation::{Ending, Mediation, MediationState, Position, Reached, Standing};
use lianshen_domain::rejected::Reason;
use lianshen_domain::review::Outcome;
use serde_json::Value;

use super::names::{nameless, number};
use super::{Refused, Shadow, day, text};
use crate::support::deed::{InMediation, REASONS};

impl Shadow {
    pub(super) fn opens_mediation(
        &mut self,
        case: CaseId,
        between: [ReviewId; 2],
        at: Moment,
    ) -> Result<Outcome<Vec<Happening>>, Refused> {
        let rules = &*self.rules.clone();
        let wanted = OpenMediation {
            case,
            between: between.to_vec(),
            question: REASONS.to_owned(),
        };
        let (former, by) = (&self.mediations, (at, rules as _));
        let opened = self
            .file
            .open_mediation(former, wanted, nameless(), by, &rules.opposed);
        let (mediation, told) = opened?;
        self.mediations.push(mediation);
        Ok(Outcome::Done(told))
    }

    pub(super) fn in_mediation(
        &mut self,
        id: MediationId,
        act: &InMediation,
        actor: &Actor,
        at: Moment,
    ) -> Result<Outcome<Vec<Happening>>, Refused> {
        let rules = &*self.rules.clone();
        let lead = self.lead().map(str::to_owned);
        let who = (actor, lead.as_deref());
        let found = self.mediations.iter_mut().find(|one| one.id == id);
        let mediation = found.ok_or(Reason::NotFound)?;
        let why = REASONS.to_owned();
        Ok(match act {
            InMediation::TakePosition(said) => {
                let own = actor.department.clone().unwrap_or_default();
                let said = (*said).to_owned();
                mediation.take_position(Position::new(own, said, actor.account, at.now))?
            }
            InMediation::Settle => mediation.end(Ending::Settled(why), who, at.today)?,
            InMediation::Minority(department) => {
                let department = department.clone();
                let ending = Ending::Minority {
                    department,
                    view: why,
                };
                mediation.end(ending, who, at.today)?
            }
            InMediation::Climb(named) => {
                if let Some(department) = named.clone().filter(|code| !rules.has_department(code)) {
                    let unknown = Reason::DepartmentUnknown { department };
                    return Err(unknown.at("departmentCode").into());
                }
                let by = (at, rules as _);
                let told =
                    self.file
                        .pass_mediation_up(mediation, named.as_deref(), why, who, by)?;
                Outcome::Done(told)
            }
        })
    }

    /// A mediation whose level let its days pass.
    pub(super) fn climbs(&mut self, standing: Standing) {
        let mut all = self.mediations.iter_mut();
        let found = all.find(|mediation| mediation.number == standing.number);
        found.expect("it was opened").reach(Reached {
            level: standing.level,
            department: standing.held_by,
            on: standing.since,
            because: None,
        });
    }

    /// Closes those of cases that have ended; answers what that tells.
    pub(super) fn closes_moot(&mut self) -> Vec<Happening> {
        let mut all = Vec::new();
        for (number, on, told) in self.file.close_moot_mediations() {
            let mut mediations = self.mediations.iter_mut();
            let found = mediations.find(|mediation| mediation.number == number);
            found.expect("it was opened").close(on);
            all.extend(told);
        }
        all
    }

    /// A mediation in words, by these clocks.
    pub(super) fn mediation_lines(
        &self,
        mediation: &Mediation,
        clocks: &[FileClock],
    ) -> Vec<String> {
        let ordinal = self
            .file
            .course
            .mediation_clock(mediation.case, mediation.number);
        let mut own = clocks.iter().filter(|clock| {
            (clock.case, clock.running.kind) == (Some(mediation.case), ClockKind::Mediation)
                && Some(clock.running.ordinal) == ordinal
        });
        let is_open = mediation.state == MediationState::Open;
        let due = own.next().and_then(FileClock::due_on).filter(|_| is_open);
        let minority = match &mediation.ending {
            Some(Ending::Minority { department, .. }) => Some(department.as_str()),
            _ => None,
        };
        let [first, second] = &mediation.parties;
        let mut lines = vec![format!(
            "  mediation {} {} {} of {} {} held by {} due {} {minority:?} ended {}",
            mediation.number,
            mediation.state.code(),
            mediation.level().code(),
            first.department,
            second.department,
            mediation.held_by().unwrap_or("-"),
            day(due),
            day(mediation.ended_on),
        )];
        lines.extend(mediation.levels.iter().map(|reached| {
            let of = reached.department.as_deref().unwrap_or("-");
            let passed_up = reached.because.is_some();
            format!(
                "    {} {of} {} {passed_up}",
                reached.level.code(),
                reached.on
            )
        }));
        let positions = mediation.positions.iter();
        lines.extend(positions.map(|said| format!("    {}: {}", said.department, said.text)));
        lines
    }
}

/// The same, as the program says it.
pub(super) fn told(node: &Value) -> Vec<String> {
    let list = |name: &str| node[name].as_array().unwrap().iter();
    let code = |value: &Value| value["code"].as_str().map(str::to_owned);
    let on = |value: &Value| day(value.as_str().map(|day| day.parse::<NaiveDate>().unwrap()));
    let parties: Vec<String> = list("parties")
        .map(|one| text(&one["departmentCode"]))
        .collect();
    let mut lines = vec![format!(
        "  mediation {} {} {} of {} held by {} due {} {:?} ended {}",
        number(&node["number"]),
        text(&node["state"]),
        text(&node["level"]),
        parties.join(" "),
        code(&node["heldBy"]).unwrap_or("-".to_owned()),
        on(&node["dueOn"]),
        code(&node["minority"]),
        on(&node["endedOn"]),
    )];
    lines.extend(list("levels").map(|step| {
        let of = code(&step["department"]).unwrap_or("-".to_owned());
        let passed_up = !step["because"].is_null();
        let (level, since) = (text(&step["level"]), text(&step["reachedOn"]));
        format!("    {level} {of} {since} {passed_up}")
    }));
    lines.extend(list("positions").map(|said| {
        format!(
            "    {}: {}",
            text(&said["departmentCode"]),
            text(&said["text"])
        )
    }));
    lines
}
