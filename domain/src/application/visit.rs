//! Visits of an application: calling departments to one, moving it, and what is said at it.

use chrono::{DateTime, Utc};

use super::{ApplicationState, File, Moment, Rules, wrong_state};
use crate::actor::{Action, Actor, may};
use crate::calendar::local_date;
use crate::case::Case;
use crate::code::Code as _;
use crate::event::{EventKind, Happening};
use crate::ids::{ReviewId, VisitId};
use crate::rejected::{Reason, Rejected, because};
use crate::review::{Opinion, OpinionKind, Outcome};
use crate::visit::{
    Conclusion, MOST_DEPARTMENTS, Record, Visit, VisitKind, VisitPart, VisitPolicy, VisitState,
    expect_persons, expect_within,
};

/// A department that is to be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called {
    /// Code of the department.
    pub department: String,
    /// Who comes for it; none while it is to name them itself.
    pub persons: Vec<String>,
    /// Why it must see the site once more.
    pub again_because: Option<String>,
}

/// A visit about to be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallVisit {
    /// At the site, or at a table.
    pub kind: VisitKind,
    /// When it begins.
    pub begins_at: DateTime<Utc>,
    /// Where.
    pub place: String,
    /// Whom.
    pub departments: Vec<Called>,
}

/// What a department concludes at a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concluding {
    /// The line in the record.
    pub text: String,
    /// The review of which it is the opinion, and which.
    pub opinion: Option<(ReviewId, OpinionKind)>,
}

impl File {
    /// Calls departments to a joint site visit or a joint meeting (联合踏勘, 联审会议), in time before it.
    ///
    /// `former` are the visits of the application so far; who calls it has no department if it is the centre.
    ///
    /// # Errors
    /// `WrongState` unless the application is under review; `VisitInPast`, `VisitNoticeShort`, `DateOutOfRange`;
    /// `DepartmentsTooFew`, `ListTooLong`; for each department `DepartmentTwice`, `DepartmentTakesNoPart`, `VisitOpen`,
    /// `PersonTwice`, `TwoPersonsNeeded` where only one is named, and `ReasonsRequired` where it has seen the site before.
    pub fn call_visit(
        &mut self,
        former: &[Visit],
        call: CallVisit,
        (convener, id): (Option<String>, VisitId),
        at: Moment,
        (rules, policy): (&dyn Rules, &VisitPolicy),
    ) -> Result<(Visit, Vec<Happening>), Rejected> {
        self.expect_told_in_time(call.begins_at, at, (rules, policy))?;
        let called = &call.departments;
        if called.len() < 2 {
            return Err(Reason::DepartmentsTooFew.at("departments"));
        }
        if called.len() > MOST_DEPARTMENTS {
            let max = MOST_DEPARTMENTS;
            return Err(Reason::ListTooLong { max }.at("departments"));
        }
        for (at, one) in called.iter().enumerate() {
            let place = |field: &str| format!("departments.{at}.{field}");
            let department = one.department.clone();
            let mut before = called[..at].iter();
            if before.any(|other| other.department == department) {
                return Err(Reason::DepartmentTwice { department }.at(&place("departmentCode")));
            }
            if !self.takes_part(&department) {
                let reason = Reason::DepartmentTakesNoPart { department };
                return Err(reason.at(&place("departmentCode")));
            }
            // Who names nobody leaves it to the department.
            let least = if one.persons.is_empty() {
                0
            } else {
                call.kind.least_persons()
            };
            expect_persons(&department, &one.persons, least, &place("persons"))?;
            let of_kind = former.iter().filter(|visit| visit.kind == call.kind);
            for visit in of_kind {
                expect_new(visit, one, &place)?;
            }
        }
        let number = former.iter().map(|visit| visit.number).max().unwrap_or(0) + 1;
        let parts = call.departments.into_iter().map(|one| VisitPart {
            department: one.department,
            persons: one.persons,
            again_because: one.again_because,
            attendance: None,
            conclusion: None,
        });
        let visit = Visit {
            id,
            application: self.application.id,
            number,
            kind: call.kind,
            state: VisitState::Called,
            begins_at: call.begins_at,
            place: call.place,
            convener,
            parts: parts.collect(),
            because: None,
            record: None,
            defects: Vec::new(),
            version: 1,
        };
        self.application.version += 1;
        let happenings = visit.told(EventKind::VisitCalled);
        Ok((visit, happenings))
    }

    /// Moves a visit to another time, and to another place if one is given; the departments are told anew, in time.
    ///
    /// # Errors
    /// As [`call_visit`](Self::call_visit) for the time; as [`Visit::cancel`] for the state.
    pub fn move_visit(
        &self,
        visit: &mut Visit,
        (begins_at, place, because): (DateTime<Utc>, Option<String>, String),
        at: Moment,
        (rules, policy): (&dyn Rules, &VisitPolicy),
    ) -> Result<Vec<Happening>, Rejected> {
        let mut moved = visit.clone();
        let happenings = moved.move_to(begins_at, place, because)?;
        self.expect_told_in_time(begins_at, at, (rules, policy))?;
        *visit = moved;
        Ok(happenings)
    }

    /// Gives the conclusion of a department at a visit. Where it names a review, it is the opinion of that review, by the
    /// rules of every opinion.
    ///
    /// # Errors
    /// As [`Visit::conclude`] and [`File::give_opinion`]; `Forbidden` for who may not give opinions; `NotYours` for a review
    /// of another department; `NotFound` for one of another application.
    pub fn conclude_at_visit(
        &mut self,
        visit: &mut Visit,
        department: &str,
        concluding: Concluding,
        actor: &Actor,
        at: Moment,
    ) -> Result<Outcome<Vec<Happening>>, Rejected> {
        let mut concluded = visit.clone();
        let conclusion = Conclusion {
            text: concluding.text.clone(),
            signed: true,
            opinion: concluding.opinion.map(|(_, kind)| kind),
        };
        let Outcome::Done(said) = concluded.conclude(department, conclusion, at.now)? else {
            return Ok(Outcome::Unchanged);
        };
        let mut happenings = vec![said];
        if let Some((review, kind)) = concluding.opinion {
            may(actor, Action::Review).map_err(|reason| reason.at("position"))?;
            let known = self.reviews.iter().find(|one| one.id == review);
            let place = "position.reviewId";
            let known = known.ok_or_else(|| Reason::NotFound.at(place))?;
            if known.department != department {
                let departments = known.department.clone();
                return Err(Reason::NotYours { departments }.at(place));
            }
            let opinion = Opinion::try_new(kind, Some(concluding.text))?;
            if let Outcome::Done(given) = self.give_opinion(review, actor, opinion, at)? {
                happenings.extend(given);
            }
        }
        *visit = concluded;
        Ok(Outcome::Done(happenings))
    }

    /// Makes the one record of a visit.
    ///
    /// # Errors
    /// As [`Visit::hold`].
    pub fn record_visit(
        &self,
        visit: &mut Visit,
        record: Record,
        at: Moment,
        policy: &VisitPolicy,
    ) -> Result<Happening, Rejected> {
        visit.hold(record, policy, (at.now, at.today), |code| {
            self.takes_part(code)
        })
    }

    /// Whether a department handles an open case, or is asked for its opinion on one.
    pub fn takes_part(&self, department: &str) -> bool {
        let is_asked = |case: &Case| {
            let mut reviews = self.reviews.iter();
            reviews.any(|review| {
                review.case == case.id
                    && review.consultation.is_some()
                    && review.department == department
                    && !review.state.is_dropped()
            })
        };
        self.open_cases()
            .any(|case| case.department == department || is_asked(case))
    }

    /// The departments that must visit the site, where the bundle wants them to go together and nobody has called them:
    /// none unless there are two of them.
    pub fn unvisited(&self, rules: &dyn Rules) -> Vec<&str> {
        let together = rules.bundle().is_some_and(|bundle| bundle.joint_site_visit);
        let visiting = self.cases.iter().filter(|case| {
            case.state.is_under_way() && rules.item(case).is_some_and(|item| item.site_visit)
        });
        let mut departments: Vec<&str> = visiting
            .map(|case| case.department.as_str())
            .filter(|department| together && !self.was_called(department))
            .collect();
        departments.sort_unstable();
        departments.dedup();
        if departments.len() < 2 {
            departments.clear();
        }
        departments
    }

    /// Whether a department was called to a site visit that was not cancelled.
    fn was_called(&self, department: &str) -> bool {
        let cancelled = |number: &str| {
            let mut all = self.course.all(EventKind::VisitCancelled);
            all.any(|entry| entry.word("visit") == number)
        };
        self.course.all(EventKind::VisitTold).any(|told| {
            told.word("department") == department
                && told.word("kind") == VisitKind::SiteVisit.code()
                && !cancelled(told.word("visit"))
        })
    }

    fn expect_told_in_time(
        &self,
        begins_at: DateTime<Utc>,
        at: Moment,
        (rules, policy): (&dyn Rules, &VisitPolicy),
    ) -> Result<(), Rejected> {
        if self.application.state != ApplicationState::InReview {
            return Err(wrong_state(self.application.state));
        }
        if begins_at < at.now {
            return Err(Reason::VisitInPast.at("beginsAt"));
        }
        let days = policy.notice_workdays;
        // So many whole working days lie between: who is told on a day off learns it on the next working day.
        let calendar = rules.calendar(None);
        let told_on = calendar.next_workday_on_or_after(at.today);
        let earliest = calendar.add_workdays(told_on, days);
        let on = local_date(begins_at);
        if on < earliest {
            let earliest = earliest.to_string();
            return Err(Reason::VisitNoticeShort { days, earliest }.at("beginsAt"));
        }
        expect_within(on, at.today, "beginsAt")
    }
}

/// A department goes to one visit of a kind at a time, and to the site a second time only for a reason.
fn expect_new(
    former: &Visit,
    called: &Called,
    place: &dyn Fn(&str) -> String,
) -> Result<(), Rejected> {
    let Some(part) = former.part(&called.department) else {
        return Ok(());
    };
    let department = called.department.clone();
    match former.state {
        VisitState::Called => {
            let on = former.on().to_string();
            Err(Reason::VisitOpen { department, on }.at(&place("departmentCode")))
        }
        VisitState::Held
            if former.kind == VisitKind::SiteVisit
                && part.came()
                && called.again_because.is_none() =>
        {
            let because = because::VISITED_AGAIN;
            Err(Reason::ReasonsRequired { because }.at(&place("reasons")))
        }
        VisitState::Held | VisitState::Cancelled => Ok(()),
    }
}
