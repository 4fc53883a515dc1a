//! Materials that come after the receipt: what the applicant adds, and what others share.

use chrono::{DateTime, NaiveDate, Utc};

use super::when::counting;
use super::{Course, Entry, File, Rules, When};
use crate::calendar::local_date;
use crate::case::Case;
use crate::clock::ClockKind;
use crate::event::{EventKind, Happening};
use crate::ids::CaseId;
use crate::rejected::{Reason, Rejected};
use crate::sharing::SharingState;

impl File {
    /// Takes a listed material that was not there (补充提供); what was said without it stays said.
    ///
    /// # Errors
    /// `AlreadyDecided` and the like when no case that wants it is open any more.
    pub fn add_material(
        &mut self,
        code: &str,
        wanted_by: &[String],
        when: When,
    ) -> Result<Vec<Happening>, Rejected> {
        self.open_wanting(wanted_by)?;
        self.application.version += 1;
        let added = Happening::of_application(EventKind::MaterialAdded).with("material", code);
        Ok(vec![added.dated(when.on)])
    }

    /// Notes what came of asking for a shared material: it lies with the others now, or it will not come. For which items it
    /// was asked stands in the event, because whoever is asked for what belongs to a person is told why.
    pub fn end_sharing(
        &mut self,
        code: &str,
        wanted_by: &[String],
        state: SharingState,
    ) -> Happening {
        self.application.version += 1;
        let kind = if state == SharingState::Fetched {
            EventKind::MaterialFetched
        } else {
            EventKind::MaterialNotFetched
        };
        Happening::of_application(kind)
            .with("material", code)
            .with("items", wanted_by.join(" "))
    }

    /// Ends the next wait for material that nothing is left of; to be asked after every act until there is none. A conditional
    /// acceptance waits for nothing more when each material lies with the others, or no open case wants it; a case that asked for
    /// material after acceptance, when all of it came. It ended on the day on which the last of this came about.
    pub fn end_of_waiting(&mut self, rules: &dyn Rules) -> Option<Happening> {
        self.end_of_condition(rules)
            .or_else(|| self.end_of_asking(rules))
    }

    /// Material that was asked for after acceptance; what came after closing time counts as received on the next day.
    fn end_of_asking(&mut self, rules: &dyn Rules) -> Option<Happening> {
        let under_way = self.cases.iter().filter(|case| case.state.is_under_way());
        let mut came =
            under_way.filter_map(|case| Some((case.id, self.course.asked_material_came(case.id)?)));
        let (id, (on, at)) = came.next()?;
        let subject = self.case_mut(id).ok()?;
        subject.version += 1;
        let received = subject.happening(EventKind::MaterialReceived).dated(on);
        let is_its_day = local_date(at) == on;
        let counts_on = rules.conventions().counts_on(at);
        Some(if is_its_day {
            counting(received, on, counts_on)
        } else {
            received
        })
    }

    /// What a conditional acceptance waits for; the other wait is ended by acts alone, and never by time.
    pub(super) fn end_of_condition(&mut self, rules: &dyn Rules) -> Option<Happening> {
        self.course.missing().next()?;
        self.open_clock(None, ClockKind::ConditionalSupplement, rules)?;
        let settled = |code: &str| {
            if let Some(entry) = self.course.brought_in(code) {
                return Some((EventKind::MissingMaterialReceived, entry.on));
            }
            let on = self.needless_since(code, rules)?;
            Some((EventKind::MissingMaterialNotNeeded, on))
        };
        let settled: Option<Vec<(EventKind, NaiveDate)>> =
            self.course.missing().map(settled).collect();
        let settled = settled?;
        let not_needed = EventKind::MissingMaterialNotNeeded;
        let kind = if settled.iter().any(|(kind, _)| *kind == not_needed) {
            not_needed
        } else {
            EventKind::MissingMaterialReceived
        };
        let on = settled.iter().map(|(_, on)| *on).max()?;
        self.application.version += 1;
        Some(Happening::of_application(kind).dated(on))
    }

    /// The day on which the last case ended that wanted a material; `None` as long as one is open.
    fn needless_since(&self, code: &str, rules: &dyn Rules) -> Option<NaiveDate> {
        let cases = self.cases.iter();
        let wanting = cases.filter(|case| wants(case, code, rules));
        let ends: Option<Vec<NaiveDate>> =
            wanting.map(|case| Some(case.ending.as_ref()?.on)).collect();
        ends?.into_iter().max()
    }

    /// The open cases that still want something that a conditional acceptance waits for. It is told of no case that wants
    /// what is named, and then all of them do.
    pub(super) fn waiting_in_vain(&self, rules: &dyn Rules) -> Vec<CaseId> {
        let missing = self.course.missing();
        let missing: Vec<&str> = missing
            .filter(|code| self.course.brought_in(code).is_none())
            .collect();
        let is_wanting = |case: &&Case| missing.iter().any(|code| wants(case, code, rules));
        let ids = |cases: &mut dyn Iterator<Item = &Case>| cases.map(|case| case.id).collect();
        let wanting: Vec<CaseId> = ids(&mut self.open_cases().filter(is_wanting));
        if wanting.is_empty() {
            return ids(&mut self.open_cases());
        }
        wanting
    }

    /// Whether nothing is to be decided any more, so that nobody needs what belongs to the applicant.
    pub fn needs_nothing_more(&self, wanted_by: &[String]) -> bool {
        self.open_wanting(wanted_by).is_err()
    }

    /// The open cases that want a material.
    ///
    /// # Errors
    /// What [`Case::refusal`] says of one that has ended, when none is open.
    pub(super) fn open_wanting(&self, wanted_by: &[String]) -> Result<Vec<CaseId>, Rejected> {
        let wanting = || {
            let cases = self.cases.iter();
            cases.filter(|case| wanted_by.contains(&case.item))
        };
        let open: Vec<CaseId> = wanting()
            .filter(|case| !case.state.has_ended())
            .map(|case| case.id)
            .collect();
        if open.is_empty() {
            let ended = wanting().next();
            return Err(ended.map_or(Reason::NotFound, Case::refusal).into());
        }
        Ok(open)
    }
}

/// Whether the item of a case lists a material.
pub(super) fn wants(case: &Case, code: &str, rules: &dyn Rules) -> bool {
    let item = rules.item(case);
    item.is_some_and(|item| item.materials.iter().any(|listed| listed == code))
}

impl Course {
    /// What brought a material to the file after the receipt.
    fn brought_in(&self, code: &str) -> Option<&Entry> {
        let mut brought = self.0.iter().filter(|entry| {
            matches!(
                entry.kind,
                EventKind::MaterialAdded | EventKind::MaterialFetched
            )
        });
        brought.find(|entry| entry.word("material") == code)
    }

    /// The day on which the last of the material came that was asked for after acceptance, and when that was entered, if all of
    /// it lies with the file and nobody has said so.
    fn asked_material_came(&self, case: CaseId) -> Option<(NaiveDate, DateTime<Utc>)> {
        if !self.awaits_material(case) {
            return None;
        }
        let is_asking =
            |entry: &Entry| entry.kind == EventKind::MaterialAsked && entry.case == Some(case);
        let place = self.0.iter().rposition(is_asking)?;
        let (asking, since) = self.0[place..].split_first()?;
        let brought = |code: &str| {
            let mut brought = since.iter().filter(|entry| entry.brings_material());
            brought.find(|entry| entry.word("material") == code)
        };
        let codes = asking.word("materials").split(',');
        let all: Option<Vec<&Entry>> = codes.map(brought).collect();
        let last = all?
            .into_iter()
            .max_by_key(|entry| (entry.on, entry.entered_at))?;
        Some((last.on.max(asking.on), last.entered_at))
    }
}

impl Entry {
    /// Whether a material came to the file by it, after the receipt.
    fn brings_material(&self) -> bool {
        matches!(
            self.kind,
            EventKind::MaterialAdded | EventKind::MaterialFetched | EventKind::MaterialReplaced
        )
    }
}
