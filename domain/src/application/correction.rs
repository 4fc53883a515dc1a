//! Before acceptance: what is missing is told once, corrected, and supplemented; or it is not accepted at all.

use chrono::NaiveDate;

use super::material::wants;
use super::{ApplicationState, Course, File, Rules, When, wrong_state};
use crate::case::{CaseResult, CaseState, Ending};
use crate::clock::{Anchor, ClockKind, Limit, Unit};
use crate::code::Code as _;
use crate::coded;
use crate::event::{EventKind, Happening};
use crate::ids::{AccountId, CaseId};
use crate::item::Necessity;
use crate::rejected::{Reason, Rejected};

coded! {
    /// How an application was accepted.
    #[derive(Default)]
    pub enum AcceptanceKind {
        /// 一般受理.
        #[default]
        Normal = "NORMAL",
        /// 容缺受理: a secondary material follows.
        Conditional = "CONDITIONAL",
        /// 视为受理: by silence, as of the day of receipt (行政许可法 第三十二条).
        Deemed = "DEEMED",
        /// 告知承诺受理: on the applicant's written promise.
        Promise = "PROMISE",
    }
}

/// The most days that any period may have.
pub const LONGEST: u32 = 3_650;

/// An acceptance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acceptance {
    /// How.
    pub kind: AcceptanceKind,
    /// Codes of the materials that a conditional acceptance waits for.
    pub missing: Vec<String>,
    /// How long it waits for them.
    pub within: Option<Limit>,
    /// For acceptance by silence: the day at whose beginning it was established.
    pub established_on: Option<NaiveDate>,
}

/// A material that is not there, and whether it may follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingMaterial {
    /// Its code.
    pub code: String,
    /// Its necessity; `None` if no item of the application lists it.
    pub necessity: Option<Necessity>,
    /// Whether it lies with the application all the same.
    pub is_there: bool,
}

impl Acceptance {
    /// An acceptance that waits for nothing: on the applicant's promise where all that is left is granted on it.
    pub fn unconditional(file: &File, rules: &dyn Rules) -> Self {
        let on_promise = file.open_cases().all(|case| {
            let item = rules.item(case);
            item.is_some_and(|item| item.notification_and_promise)
        });
        let kind = if on_promise {
            AcceptanceKind::Promise
        } else {
            AcceptanceKind::Normal
        };
        Self {
            kind,
            ..Self::default()
        }
    }

    /// An acceptance of a day that waits for materials (容缺受理). It waits as long as the convention says, and never
    /// longer than the promise that ends first, whatever its unit, of the cases that want one of them and begin now.
    ///
    /// # Errors
    /// `NothingMissing`; `MaterialNotListed` and `MaterialNotDeferrable` for each material that may not follow, and
    /// `MaterialThere` for each that need not.
    pub fn conditional(
        missing: Vec<MissingMaterial>,
        on: NaiveDate,
        file: &File,
        rules: &dyn Rules,
    ) -> Result<Self, Vec<Rejected>> {
        if missing.is_empty() {
            return Err(vec![Reason::NothingMissing.at("missingMaterials")]);
        }
        let faults: Vec<Rejected> = missing
            .iter()
            .enumerate()
            .filter_map(|(at, material)| {
                let material_code = material.code.clone();
                let reason = match material.necessity {
                    Some(Necessity::MayFollow) if material.is_there => Reason::MaterialThere {
                        material: material_code,
                    },
                    Some(Necessity::MayFollow) => return None,
                    Some(_) => Reason::MaterialNotDeferrable {
                        material: material_code,
                    },
                    None => Reason::MaterialNotListed {
                        material: material_code,
                    },
                };
                Some(reason.at(&format!("missingMaterials.{at}")))
            })
            .collect();
        if !faults.is_empty() {
            return Err(faults);
        }
        let conventions = rules.conventions();
        let convention = Limit::workdays(conventions.conditional_supplement_days);
        let calendar = rules.calendar(None);
        let complete_on = file.complete_on();
        // A promise that runs from the receipt has begun already: what is left of it, in the working days of the centre.
        let left = |promised: Limit| {
            let ends_on = conventions.clock(complete_on, promised).due_on(calendar);
            let left = ends_on.map(|ends_on| calendar.workdays_between(on, ends_on).max(0));
            Limit::workdays(left.and_then(|left| u32::try_from(left).ok()).unwrap_or(0))
        };
        let begin_without = file.open_cases().filter(|case| {
            let lacks = |material: &MissingMaterial| wants(case, &material.code, rules);
            case.predecessors.is_empty() && missing.iter().any(lacks)
        });
        let promises = begin_without.filter_map(|case| {
            let item = rules.item(case)?;
            let anchor = item.statutory.as_ref().map(|statutory| statutory.anchor);
            let from_receipt = anchor == Some(Anchor::Received) && item.promised.n > 0;
            Some(if from_receipt {
                left(item.promised)
            } else {
                item.promised
            })
        });
        // Where two end on one day, the convention and the working days are the plainer words.
        let within = [convention]
            .into_iter()
            .chain(promises)
            .min_by_key(|limit| {
                let ends_on = conventions.clock(on, *limit).due_on(calendar);
                (ends_on, limit.unit != Unit::Workday, limit.n)
            });
        Ok(Self {
            kind: AcceptanceKind::Conditional,
            missing: missing.into_iter().map(|material| material.code).collect(),
            within,
            established_on: None,
        })
    }

    pub(super) fn happening(&self) -> Happening {
        let accepted = Happening::of_application(EventKind::ApplicationAccepted);
        let mut accepted = accepted.with("kind", self.kind.code());
        if !self.missing.is_empty() {
            accepted = accepted.with(MISSING, self.missing.join(","));
        }
        if let Some(within) = self.within {
            accepted = naming(accepted, within);
        }
        if let Some(day) = self.established_on {
            accepted = accepted.with("establishedOn", day.to_string());
        }
        accepted
    }
}

/// The word of the acceptance that names what it waits for.
const MISSING: &str = "missing";

impl Course {
    /// Codes of the materials that a conditional acceptance waits for.
    pub(super) fn missing(&self) -> impl Iterator<Item = &str> {
        let accepted = self.acceptance().map(|(_, accepted)| accepted);
        let codes = accepted.map_or("", |accepted| accepted.word(MISSING));
        codes.split(',').filter(|code| !code.is_empty())
    }
}

/// A period in the words of an event.
pub(super) fn naming(happening: Happening, limit: Limit) -> Happening {
    happening
        .with("days", limit.n.to_string())
        .with("unit", limit.unit.code())
}

/// The one notice of everything that is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Correction {
    /// How many points it names.
    pub points: usize,
    /// The working days for the supplement; those of the convention if absent.
    pub days: Option<u32>,
}

/// A case that is not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAccepted {
    /// `NotRequired` or `NotCompetent`.
    pub result: CaseResult,
    /// Why.
    pub reasons: String,
    /// Who says so.
    pub by: AccountId,
}

impl File {
    /// Tells everything that is missing, once (一次性告知). The check of the acceptance stops.
    ///
    /// # Errors
    /// `CorrectionEmpty`; `CorrectionTwice`; `DeemedAccepted` when silence has accepted already; `WrongState`.
    pub fn notice_correction(
        &mut self,
        correction: &Correction,
        when: When,
        rules: &dyn Rules,
    ) -> Result<Vec<Happening>, Rejected> {
        // Whoever sends a second one is told what is wrong about it, and not where the application stands.
        if self.application.state == ApplicationState::Correction {
            return Err(Reason::CorrectionTwice.into());
        }
        self.expect_not_deemed()?;
        self.expect_in_order(None, when.on)?;
        if correction.points == 0 {
            return Err(Reason::CorrectionEmpty.at("points"));
        }
        if self.course.has(EventKind::CorrectionNoticed) {
            return Err(Reason::CorrectionTwice.into());
        }
        let days = correction
            .days
            .unwrap_or(rules.conventions().supplement_days);
        expect_days(days, "supplementDays")?;
        self.set_waiting(ApplicationState::Correction, CaseState::Correction);
        let noticed = Happening::of_application(EventKind::CorrectionNoticed)
            .with("points", correction.points.to_string());
        Ok(vec![naming(noticed, Limit::workdays(days)).dated(when.on)])
    }

    /// Gives the applicant more time for the supplement, once.
    ///
    /// # Errors
    /// `SupplementLate`; `SupplementExtendedTwice`; `ActOutOfOrder`; `WrongState` unless a supplement is awaited.
    pub fn extend_supplement(
        &mut self,
        days: u32,
        when: When,
        rules: &dyn Rules,
    ) -> Result<Vec<Happening>, Rejected> {
        self.expect_not_lapsed(rules)?;
        self.expect_state(ApplicationState::Correction)?;
        if self.course.has(EventKind::SupplementExtended) {
            return Err(Reason::SupplementExtendedTwice.into());
        }
        expect_days(days, "days")?;
        self.expect_in_order(None, when.on)?;
        self.application.version += 1;
        let extended = Happening::of_application(EventKind::SupplementExtended);
        Ok(vec![naming(extended, Limit::workdays(days)).dated(when.on)])
    }

    /// Takes the supplement; the check of the acceptance begins anew, as of this day, or of the next after closing time.
    ///
    /// # Errors
    /// `SupplementLate`; `ActOutOfOrder`; `WrongState` unless a supplement is awaited.
    pub fn supplement(
        &mut self,
        when: When,
        rules: &dyn Rules,
    ) -> Result<Vec<Happening>, Rejected> {
        self.expect_not_lapsed(rules)?;
        self.expect_state(ApplicationState::Correction)?;
        self.expect_in_order(None, when.on)?;
        self.set_waiting(ApplicationState::Received, CaseState::Received);
        let supplemented = Happening::of_application(EventKind::Supplemented);
        Ok(vec![when.brought_in(supplemented, rules)])
    }

    /// Records that an error was corrected on the spot; that is no correction notice (行政许可法 第三十二条第一款第三项).
    ///
    /// # Errors
    /// `DeemedAccepted`, `ActOutOfOrder`, `WrongState`.
    pub fn correct_on_the_spot(&self, when: When) -> Result<Vec<Happening>, Rejected> {
        self.expect_not_deemed()?;
        self.expect_in_order(None, when.on)?;
        let corrected = Happening::of_application(EventKind::CorrectedOnTheSpot);
        Ok(vec![corrected.dated(when.on)])
    }

    /// Does not accept one case: no approval is needed, or another agency is competent.
    ///
    /// # Errors
    /// `DeemedAccepted`, `ActOutOfOrder`, `WrongState`, `NotFound`.
    pub fn refuse_acceptance(
        &mut self,
        case: CaseId,
        refusal: NotAccepted,
        when: When,
    ) -> Result<Vec<Happening>, Rejected> {
        self.expect_not_deemed()?;
        let subject = self.case_mut(case)?;
        if subject.state.has_ended() {
            return Err(subject.refusal().into());
        }
        self.expect_in_order(Some(case), when.on)?;
        let ending = Ending {
            result: refusal.result,
            reasons: Some(refusal.reasons),
            by: Some(refusal.by),
            at: when.at.now,
            on: when.on,
        };
        let ended = self.case_mut(case)?.end(ending);
        let mut happenings = vec![ended.dated(when.on)];
        self.cancel_reviews(case);
        happenings.extend(self.after_ending(case, when));
        Ok(happenings)
    }

    /// Takes the material that a conditional acceptance waits for, as the window says that all of it came. What comes by
    /// the file is counted by [`end_of_waiting`](Self::end_of_waiting).
    ///
    /// # Errors
    /// `MaterialNotAsked` when none is waited for; `WrongState` unless it is under review.
    pub fn hand_in_missing(
        &mut self,
        when: When,
        rules: &dyn Rules,
    ) -> Result<Vec<Happening>, Rejected> {
        self.expect_state(ApplicationState::InReview)?;
        let waiting = self.open_clock(None, ClockKind::ConditionalSupplement, rules);
        let Some(waiting) = waiting else {
            return Err(Reason::MaterialNotAsked.into());
        };
        super::when::expect_after(when.on, waiting.running.clock.anchor)?;
        self.application.version += 1;
        let received = Happening::of_application(EventKind::MissingMaterialReceived);
        Ok(vec![received.dated(when.on)])
    }

    /// Only received, and nothing was deemed.
    pub(super) fn expect_not_deemed(&self) -> Result<(), Rejected> {
        if let Some((AcceptanceKind::Deemed, accepted)) = self.course.acceptance() {
            let since = accepted.on.to_string();
            return Err(Reason::DeemedAccepted { since }.into());
        }
        self.expect_state(ApplicationState::Received)
    }

    /// Time has not ended the waiting for the supplement.
    fn expect_not_lapsed(&self, rules: &dyn Rules) -> Result<(), Rejected> {
        let mut clocks = self.clocks_of_the_whole(rules).into_iter();
        let waiting = clocks.rfind(|clock| clock.running.kind == ClockKind::Supplement);
        let lapsed = waiting
            .filter(|_| self.application.state != ApplicationState::Received)
            .and_then(|clock| {
                let due = clock.due_on()?;
                (clock.running.clock.stopped_on? > due).then_some(due)
            });
        match lapsed {
            Some(due) => {
                let due = due.to_string();
                Err(Reason::SupplementLate { due }.into())
            }
            None => Ok(()),
        }
    }

    fn expect_state(&self, wanted: ApplicationState) -> Result<(), Rejected> {
        match self.application.state {
            state if state == wanted => Ok(()),
            state => Err(wrong_state(state)),
        }
    }

    fn set_waiting(&mut self, whole: ApplicationState, each: CaseState) {
        self.application.state = whole;
        self.application.version += 1;
        for case in self.cases.iter_mut().filter(|case| !case.state.has_ended()) {
            case.state = each;
            case.version += 1;
        }
    }
}

pub(super) fn expect_days(days: u32, field: &str) -> Result<(), Rejected> {
    if (1..=LONGEST).contains(&days) {
        return Ok(());
    }
    let (min, max) = (1, i64::from(LONGEST));
    Err(Reason::NumberOutOfRange { min, max }.at(field))
}
