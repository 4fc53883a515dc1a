//! Materials that come after the receipt: what the applicant adds, and what others share.

use super::{File, When};
use crate::case::Case;
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
