//! What a row of the table of clocks says.

use super::{ActKind, Limit};
use crate::coded;

/// A short text in both languages of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phrase {
    /// Chinese.
    pub zh: &'static str,
    /// English.
    pub en: &'static str,
}

coded! {
    /// Whether the period runs from its event or up to it.
    pub enum Direction {
        /// The act is due so long after the event ([`Clock`](super::Clock)).
        After = "AFTER",
        /// The act is due so long before the event ([`Limit::latest_before`]).
        Before = "BEFORE",
    }
}

coded! {
    /// What pauses a clock. Waiting for payment, for a missing colleague or for the applicant never does.
    pub enum Pauses {
        /// Nothing.
        Never = "NEVER",
        /// The procedures required by law that 行政许可法 Art. 45 lists.
        Procedures = "PROCEDURES",
        /// The same, and once a supplement asked for after acceptance: that may pause a promise but no statutory period.
        ProceduresAndSupplement = "PROCEDURES_AND_SUPPLEMENT",
        /// Whatever pauses the case.
        WithCase = "WITH_CASE",
        /// Suspended components, by [`JointPolicy`](super::JointPolicy).
        WithComponents = "WITH_COMPONENTS",
        /// Asking third parties and other agencies (政府信息公开条例(2019) Art. 33(3)).
        OtherOpinions = "OTHER_OPINIONS",
    }
}

coded! {
    /// Who may extend a clock.
    pub enum Approver {
        /// The clerk at the window.
        Clerk = "CLERK",
        /// The head of the agency (行政许可法 Art. 42(1)).
        AgencyHead = "AGENCY_HEAD",
        /// The head of the local government (行政许可法 Art. 42(2)).
        GovernmentHead = "LOCAL_GOVERNMENT_HEAD",
        /// The head of the disclosure office (政府信息公开条例(2019) Art. 33(2)).
        DisclosureOfficeHead = "DISCLOSURE_OFFICE_HEAD",
        /// The head of the unit that answers.
        UnitHead = "UNIT_HEAD",
        /// The supervisor.
        Supervisor = "SUPERVISOR",
        /// Nobody by rank: a new written notice to the applicant.
        Notice = "NEW_NOTICE",
    }
}

/// The one extension that a clock admits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extending {
    /// The most days, in the unit of the clock; `None` if no rule bounds them.
    pub days: Option<u32>,
    /// Who approves it.
    pub approver: Approver,
}

impl Extending {
    pub(super) const fn at_most(days: u32, approver: Approver) -> Self {
        Self {
            days: Some(days),
            approver,
        }
    }

    pub(super) const fn by(approver: Approver) -> Self {
        Self {
            days: None,
            approver,
        }
    }
}

coded! {
    /// What it means that a clock lapsed.
    pub enum Lapse {
        /// The act is late; nothing is deemed granted.
        Overdue = "OVERDUE",
        /// Accepted as of the day of receipt.
        DeemedAccepted = "DEEMED_ACCEPTED",
        /// Treated as withdrawn by the applicant.
        TreatedAsWithdrawn = "TREATED_AS_WITHDRAWN",
        /// The acceptance is withdrawn.
        AcceptanceWithdrawn = "ACCEPTANCE_WITHDRAWN",
        /// The step is late although the case may be in time.
        StepOverrun = "STEP_OVERRUN",
        /// Somebody is told.
        Alert = "ALERT",
        /// What silence means is for the bundle to say.
        SilencePolicy = "SILENCE_POLICY",
        /// The next level takes it over.
        Climbs = "CLIMBS",
        /// The right is gone.
        RightLapses = "RIGHT_LAPSES",
        /// The hearing may not open.
        HearingMayNotOpen = "HEARING_MAY_NOT_OPEN",
        /// An ordinary new application, without tacit renewal.
        OrdinaryApplication = "ORDINARY_APPLICATION",
        /// Renewed from the next day; the only grant by silence in 行政许可法.
        Renewed = "RENEWED",
        /// The agency decides without the opinion.
        AgencyDecides = "AGENCY_DECIDES",
        /// Silence is consent.
        Consent = "CONSENT",
        /// Taken as signed.
        SignedAutomatically = "SIGNED_AUTOMATICALLY",
    }
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockRow {
    /// What people call the clock.
    pub name: Phrase,
    /// The event on whose day it starts, or up to which it runs.
    pub event: Phrase,
    /// The acts that start it.
    pub starts: &'static [ActKind],
    /// The acts that stop it.
    pub stops_at: &'static [ActKind],
    /// What its due date is called where dates stand side by side, such as `deliverBy`.
    pub label: &'static str,
    /// The limit if nobody sets another; `None` if there is none without an item, a bundle or a notice.
    pub limit: Option<Limit>,
    /// After or before the event.
    pub direction: Direction,
    /// What pauses it.
    pub pauses: Pauses,
    /// How it may be extended; `None` for never.
    pub extends: Option<Extending>,
    /// The act that stops it.
    pub stops: Phrase,
    /// What its lapse means.
    pub on_lapse: Lapse,
    /// The legal source.
    pub article: Phrase,
}
