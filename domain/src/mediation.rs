//! Mediation (协调) of a conflict between two opinions on one case.
//!
//! It begins with the lead and climbs: lead, centre, the department that the government names, the head of the government
//! (牵头部门 → 政务服务中心 → 政府指定部门 → 政府负责人). Each level has so many working days, and the day after the last of them
//! it climbs by itself. The clocks of the case run on all the while. It ends settled, or with the view of the minority on
//! record; neither changes an opinion, lifts a veto, or touches what another department decides on a case of its own.

mod policy;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::actor::{Actor, Role};
use crate::code::Code as _;
use crate::coded;
use crate::conflict::ConflictKind;
use crate::event::{ABOUT_MEDIATION, EventKind, Happening};
use crate::ids::{AccountId, ApplicationId, CaseId, Id as _, MediationId, ReviewId};
use crate::rejected::{Reason, Rejected};
use crate::review::Outcome;

pub use policy::MediationPolicy;

/// The most positions of a department in one mediation.
pub const MOST_POSITIONS: usize = 25;

coded! {
    /// How high a mediation has climbed.
    pub enum MediationLevel {
        /// 牵头部门: the coordinator of the lead department; where nobody leads, who decides for the department that handles
        /// the case.
        Lead = "LEAD",
        /// 政务服务中心: the administrator of the centre.
        Centre = "CENTRE",
        /// 政府指定部门: who decides for the department that the government names.
        NamedDepartment = "NAMED_DEPARTMENT",
        /// 政府负责人: recorded by the administrator of the centre. It climbs no further.
        GovernmentHead = "GOVERNMENT_HEAD",
    }
}

impl MediationLevel {
    /// The level above, with the department that is named there; a level without a department is left out.
    pub fn above(self, named: Option<&str>) -> Option<(Self, Option<String>)> {
        match (self, named) {
            (Self::Lead, _) => Some((Self::Centre, None)),
            (Self::Centre, Some(named)) => Some((Self::NamedDepartment, Some(named.to_owned()))),
            (Self::Centre, None) | (Self::NamedDepartment, _) => Some((Self::GovernmentHead, None)),
            (Self::GovernmentHead, _) => None,
        }
    }
}

coded! {
    /// Where a mediation stands.
    pub enum MediationState {
        /// 协调中.
        Open = "OPEN",
        /// 已达成一致: settled; whose opinion changes with it is asked anew.
        Settled = "SETTLED",
        /// 保留意见: one department keeps its view, which stands on record.
        MinorityView = "MINORITY_VIEW",
        /// 已终结: the case ended, and nothing was left to settle.
        Closed = "CLOSED",
    }
}

/// How much of a mediation somebody sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Not even that it is there.
    Nothing,
    /// Where it stands, and no word of what was said.
    State,
    /// All of it.
    All,
}

/// One of the two departments that contradict each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// Its code.
    pub department: String,
    /// The review with its opinion.
    pub review: ReviewId,
}

/// A level that a mediation reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reached {
    /// Which.
    pub level: MediationLevel,
    /// The department that holds it; `None` for the centre and the head of the government.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// The day. Its days are counted from the next, or from this one where time brought it about.
    pub on: NaiveDate,
    /// Why it was passed up; `None` for the first, and for what time brought about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
}

/// What a department holds (立场).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Position {
    /// Code of the department.
    pub department: String,
    /// What it says.
    pub text: String,
    /// The account of who said it.
    pub by: Uuid,
    /// When.
    pub at: DateTime<Utc>,
}

impl Position {
    /// What somebody says for a department.
    pub fn new(department: String, text: String, by: AccountId, at: DateTime<Utc>) -> Self {
        let by = by.raw();
        Self {
            department,
            text,
            by,
            at,
        }
    }
}

/// What came of a mediation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Settled, as follows.
    Settled(String),
    /// A department keeps its view.
    Minority {
        /// Its code.
        department: String,
        /// The view.
        view: String,
    },
}

/// The mediation of one conflict (协调).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mediation {
    /// Identifier.
    pub id: MediationId,
    /// The application.
    pub application: ApplicationId,
    /// The n-th of the application, from 1.
    pub number: u32,
    /// The case.
    pub case: CaseId,
    /// Code of the department that handles it.
    pub department: String,
    /// How the opinions contradict each other.
    pub kind: ConflictKind,
    /// The categories of conditions that exclude each other.
    pub categories: Option<(String, String)>,
    /// Who contradicts whom.
    pub parties: [Party; 2],
    /// What is to be settled.
    pub question: String,
    /// Where it stands.
    pub state: MediationState,
    /// The levels that it reached, the last of which holds it.
    pub levels: Vec<Reached>,
    /// What the departments said, the first first.
    pub positions: Vec<Position>,
    /// What came of it.
    pub ending: Option<Ending>,
    /// The day on which it ended.
    pub ended_on: Option<NaiveDate>,
    /// Counts the changes.
    pub version: i64,
}

/// A mediation as far as the ledger tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The n-th of the application.
    pub number: u32,
    /// The case.
    pub case: CaseId,
    /// Code of the department that handles it.
    pub handled_by: String,
    /// Codes of the two that contradict each other.
    pub parties: [String; 2],
    /// How high it is.
    pub level: MediationLevel,
    /// The department that holds the level.
    pub held_by: Option<String>,
    /// The day on which it came there.
    pub since: NaiveDate,
}

impl Standing {
    /// The department that may be named for it: none that is a party, or handles the case.
    pub fn may_name<'a>(&self, named: &'a str) -> Option<&'a str> {
        let concerned = self.handled_by == named || self.parties.iter().any(|party| party == named);
        (!concerned).then_some(named)
    }

    /// What happened to it, and that everybody else whom it concerns was told.
    pub fn told(&self, kind: EventKind) -> Vec<Happening> {
        let of = |kind: EventKind, department: &str| Happening {
            case: Some(self.case),
            department: Some(department.to_owned()),
            ..Happening::of_application(kind)
                .with(ABOUT_MEDIATION, self.number.to_string())
                .with("level", self.level.code())
        };
        let mut main = of(kind, &self.handled_by)
            .with("first", &*self.parties[0])
            .with("second", &*self.parties[1]);
        if let Some(department) = &self.held_by {
            main = main.with("heldBy", &**department);
        }
        let mut happenings = vec![main];
        let mut known = vec![self.handled_by.as_str()];
        for department in self.parties.iter().chain(&self.held_by) {
            if known.contains(&department.as_str()) {
                continue;
            }
            known.push(department);
            let told = of(EventKind::MediationTold, department).with("of", kind.code());
            happenings.push(told);
        }
        happenings
    }
}

impl Mediation {
    /// The level that holds it.
    pub fn level(&self) -> MediationLevel {
        self.levels
            .last()
            .map_or(MediationLevel::Lead, |reached| reached.level)
    }

    /// The department that holds it; `None` for the centre and the head of the government.
    pub fn held_by(&self) -> Option<&str> {
        self.levels.last()?.department.as_deref()
    }

    /// Whether it is about the opinions in these two reviews.
    pub fn is_between(&self, one: ReviewId, other: ReviewId) -> bool {
        let [first, second] = &self.parties;
        let pair = (first.review, second.review);
        pair == (one, other) || pair == (other, one)
    }

    /// Whether a department is one of the two.
    pub fn is_party(&self, department: &str) -> bool {
        let mut parties = self.parties.iter();
        parties.any(|party| party.department == department)
    }

    /// The same as the ledger tells it.
    pub fn standing(&self) -> Standing {
        let [first, second] = &self.parties;
        Standing {
            number: self.number,
            case: self.case,
            handled_by: self.department.clone(),
            parties: [first.department.clone(), second.department.clone()],
            level: self.level(),
            held_by: self.held_by().map(str::to_owned),
            since: self
                .levels
                .last()
                .map_or(NaiveDate::MAX, |reached| reached.on),
        }
    }

    /// What somebody sees of it, where `lead` leads the application. The two departments, the one that handles the case, the
    /// lead and the supervisor see all; who decides for a department that was named, from then on; the administrator of the
    /// centre where it stands, and all once it has come to the centre. It is inner work: applicants and windows see nothing.
    pub fn shown_to(&self, actor: &Actor, lead: Option<&str>) -> Shown {
        let own = actor.department.as_deref();
        let concerned = own.is_some_and(|own| self.department == own || self.is_party(own));
        let named = || {
            let mut reached = self.levels.iter();
            reached.any(|reached| {
                reached.level == MediationLevel::NamedDepartment
                    && own.is_some()
                    && reached.department.as_deref() == own
            })
        };
        let all = match actor.role {
            Role::Reviewer => concerned,
            Role::Decider => concerned || named(),
            Role::LeadCoordinator => concerned || (own.is_some() && own == lead),
            Role::CentreAdministrator if self.level() == MediationLevel::Lead => {
                return Shown::State;
            }
            Role::CentreAdministrator | Role::Supervisor => true,
            Role::Applicant | Role::WindowClerk | Role::SystemAdministrator => false,
        };
        if all { Shown::All } else { Shown::Nothing }
    }

    /// Whether somebody holds its level.
    pub fn is_held_by(&self, actor: &Actor, lead: Option<&str>) -> bool {
        let role = match self.level() {
            MediationLevel::Lead if lead.is_some() => Role::LeadCoordinator,
            MediationLevel::Lead | MediationLevel::NamedDepartment => Role::Decider,
            MediationLevel::Centre | MediationLevel::GovernmentHead => Role::CentreAdministrator,
        };
        actor.role == role && self.held_by() == actor.department.as_deref()
    }

    /// States what a department holds; the same again changes nothing.
    ///
    /// # Errors
    /// `WrongState` once it ended; `NotAParty`; `ListTooLong`.
    pub fn take_position(
        &mut self,
        position: Position,
    ) -> Result<Outcome<Vec<Happening>>, Rejected> {
        let department = position.department.clone();
        if !self.is_party(&department) {
            return Err(Reason::NotAParty { department }.into());
        }
        let own = || {
            let all = self.positions.iter();
            all.filter(|position| position.department == department)
        };
        if own()
            .next_back()
            .is_some_and(|former| former.text == position.text)
        {
            return Ok(Outcome::Unchanged);
        }
        self.expect_open()?;
        if own().count() >= MOST_POSITIONS {
            let max = MOST_POSITIONS;
            return Err(Reason::ListTooLong { max }.at("position"));
        }
        self.positions.push(position);
        self.version += 1;
        let told = Happening {
            case: Some(self.case),
            department: Some(department),
            ..Happening::of_application(EventKind::MediationPositionTaken)
        };
        let told = told.with(ABOUT_MEDIATION, self.number.to_string());
        Ok(Outcome::Done(vec![told]))
    }

    /// Ends it at its level: settled, or with the view of the minority on record.
    ///
    /// # Errors
    /// `WrongState` once it ended otherwise; `MediationElsewhere` for who does not hold its level; `NotAParty` for the view
    /// of another department.
    pub fn end(
        &mut self,
        ending: Ending,
        (actor, lead): (&Actor, Option<&str>),
        today: NaiveDate,
    ) -> Result<Outcome<Vec<Happening>>, Rejected> {
        if self.ending.as_ref() == Some(&ending) {
            return Ok(Outcome::Unchanged);
        }
        self.expect_held_by(actor, lead)?;
        let (state, kind) = match &ending {
            Ending::Settled(_) => (MediationState::Settled, EventKind::MediationSettled),
            Ending::Minority { department, .. } => {
                if !self.is_party(department) {
                    let department = department.clone();
                    return Err(Reason::NotAParty { department }.at("departmentCode"));
                }
                (
                    MediationState::MinorityView,
                    EventKind::MediationMinorityRecorded,
                )
            }
        };
        self.state = state;
        self.ending = Some(ending);
        self.ended_on = Some(today);
        self.version += 1;
        Ok(Outcome::Done(self.standing().told(kind)))
    }

    /// Passes it up before its time. From the centre to the department that is `named`, if one is.
    ///
    /// # Errors
    /// As [`end`](Self::end); `MediationAtTop`; `NotToBeNamed` for a department at any other step, and for one that is a
    /// party or handles the case.
    pub fn pass_up(
        &mut self,
        (named, usual): (Option<&str>, Option<&str>),
        because: String,
        (actor, lead): (&Actor, Option<&str>),
        today: NaiveDate,
    ) -> Result<Vec<Happening>, Rejected> {
        self.expect_held_by(actor, lead)?;
        let standing = self.standing();
        if let Some(department) = named {
            let is_allowed =
                self.level() == MediationLevel::Centre && standing.may_name(department).is_some();
            if !is_allowed {
                let department = department.to_owned();
                return Err(Reason::NotToBeNamed { department }.at("departmentCode"));
            }
        }
        let usual = usual.and_then(|usual| standing.may_name(usual));
        let (level, department) = self
            .level()
            .above(named.or(usual))
            .ok_or(Reason::MediationAtTop)?;
        self.reach(Reached {
            level,
            department,
            on: today,
            because: Some(because),
        });
        Ok(self.standing().told(EventKind::MediationClimbed))
    }

    /// Notes that it came to a level.
    pub fn reach(&mut self, reached: Reached) {
        self.levels.push(reached);
        self.version += 1;
    }

    /// Notes that the case ended, which left nothing to settle.
    pub fn close(&mut self, on: NaiveDate) {
        self.state = MediationState::Closed;
        self.ended_on = Some(on);
        self.version += 1;
    }

    fn expect_open(&self) -> Result<(), Rejected> {
        if self.state == MediationState::Open {
            return Ok(());
        }
        let state = self.state.into();
        Err(Reason::WrongState { state }.into())
    }

    fn expect_held_by(&self, actor: &Actor, lead: Option<&str>) -> Result<(), Rejected> {
        self.expect_open()?;
        if self.is_held_by(actor, lead) {
            return Ok(());
        }
        let level = self.level().into();
        Err(Reason::MediationElsewhere { level }.into())
    }
}
