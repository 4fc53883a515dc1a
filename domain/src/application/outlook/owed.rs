//! The acts that are owed: what must be done next, and by whom, for an application to go on.

use chrono::NaiveDate;

use crate::application::{ApplicationState, File, FileClock, Rules};
use crate::case::{Case, CaseState};
use crate::clock::ClockKind;
use crate::coded;
use crate::consultation::awaited;
use crate::ids::CaseId;
use crate::review::ReviewState;

coded! {
    /// An act that somebody owes.
    pub enum OwedActKind {
        /// 受理审查: to accept, to refuse to, or to say what is missing.
        Accept = "ACCEPT",
        /// 缺件报告: to say what is missing for its own case, or that nothing is.
        Report = "REPORT",
        /// 补正: to hand in what the correction notice names.
        Supplement = "SUPPLEMENT",
        /// 容缺补正: to hand in what a conditional acceptance waits for. The departments do not wait for it.
        MissingMaterial = "MISSING_MATERIAL",
        /// 补充材料: to hand in what was asked for after acceptance.
        Material = "MATERIAL",
        /// 审查意见: to give the opinion.
        Opinion = "OPINION",
        /// 决定: to decide.
        Decision = "DECISION",
        /// 特别程序: to bring a special procedure to its end.
        EndProcedure = "END_PROCEDURE",
        /// 召集联合踏勘: to call those together who must visit the site.
        CallVisit = "CALL_VISIT",
        /// 补发文书: to issue the paper of a case that passed by silence.
        IssuePaper = "ISSUE_PAPER",
        /// 协调: to settle a conflict of opinions, to record the minority view, or to pass it up.
        Mediate = "MEDIATE",
        /// 送达: to deliver the results.
        Delivery = "DELIVERY",
    }
}

coded! {
    /// Who owes an act.
    pub enum OwedBy {
        /// 窗口.
        Window = "WINDOW",
        /// 申请人.
        Applicant = "APPLICANT",
        /// 部门.
        Department = "DEPARTMENT",
        /// 政务服务中心.
        Centre = "CENTRE",
    }
}

/// An act that is owed (待办).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwedAct {
    /// What.
    pub kind: OwedActKind,
    /// By whom.
    pub by: OwedBy,
    /// Code of the department that owes it; `None` for windows, applicants and the centre.
    pub department: Option<String>,
    /// The case; `None` for the application as a whole.
    pub case: Option<CaseId>,
    /// The clock by which it is due: of several the one that ends first; `None` while none runs.
    pub clock: Option<ClockKind>,
    /// The last day of that clock, or of the days in which departments report.
    pub due_on: Option<NaiveDate>,
    /// Whether a delay of it delays the whole.
    pub critical: bool,
}

/// The clocks by which a department works on a case. Where two end on one day, the narrower one is named.
const OF_WORK: [ClockKind; 5] = [
    ClockKind::Step,
    ClockKind::Promised,
    ClockKind::Statutory,
    ClockKind::Redecision,
    ClockKind::RenewalDecide,
];

impl File {
    /// What is owed: first what delays the whole, then by due date. A case that waits for another owes nothing, nor does an
    /// application that is closed.
    pub(super) fn owed(
        &self,
        clocks: &[FileClock],
        is_critical: &dyn Fn(CaseId) -> bool,
        (today, rules): (NaiveDate, &dyn Rules),
    ) -> Vec<OwedAct> {
        let whole =
            |kind, by, clock, critical| of_whole(kind, by, bound(clocks, None, &[clock]), critical);
        let mut owed = match self.application.state {
            ApplicationState::Received => {
                let accept = whole(
                    OwedActKind::Accept,
                    OwedBy::Window,
                    ClockKind::AcceptanceCheck,
                    true,
                );
                let mut owed = vec![accept];
                owed.extend(self.owed_reports(today, rules));
                owed
            }
            ApplicationState::Correction => vec![whole(
                OwedActKind::Supplement,
                OwedBy::Applicant,
                ClockKind::Supplement,
                true,
            )],
            ApplicationState::InReview => {
                let missing = whole(
                    OwedActKind::MissingMaterial,
                    OwedBy::Applicant,
                    ClockKind::ConditionalSupplement,
                    false,
                );
                let missing = Some(missing).filter(|missing| missing.clock.is_some());
                let cases = self.cases.iter();
                let of_cases =
                    cases.flat_map(|case| self.owed_of(case, clocks, is_critical(case.id)));
                let call = self.owed_call(rules);
                let mediations = self.owed_mediations(clocks, is_critical);
                let owed = missing.into_iter().chain(of_cases).chain(call);
                let results = self.owed_results(clocks).into_iter();
                owed.chain(mediations).chain(results).collect()
            }
            ApplicationState::Concluded => vec![self.owed_delivery(clocks)],
            ApplicationState::Closed => Vec::new(),
        };
        owed.extend(self.papers_owed().map(|case| {
            let bound = bound(clocks, Some(case.id), &[ClockKind::TacitPaper]);
            OwedAct {
                kind: OwedActKind::IssuePaper,
                by: OwedBy::Department,
                department: Some(case.department.clone()),
                case: Some(case.id),
                clock: bound.map(|(_, clock)| clock),
                due_on: bound.map(|(due_on, _)| due_on),
                // Nothing is delivered before.
                critical: self.application.state == ApplicationState::Concluded,
            }
        }));
        // What no clock bounds comes last.
        owed.sort_by_key(|act| (!act.critical, act.due_on.is_none(), act.due_on));
        owed
    }

    /// Where several departments check and one leads, each says what it misses while there is time; silence means that nothing is missing.
    fn owed_reports(&self, today: NaiveDate, rules: &dyn Rules) -> Vec<OwedAct> {
        if !self.is_checked_together(rules) {
            return Vec::new();
        }
        let due_on = Some(self.report_due(rules));
        let silent = self.unreported(today, rules).into_iter();
        let owed = silent.map(|department| OwedAct {
            kind: OwedActKind::Report,
            by: OwedBy::Department,
            department: Some(department),
            case: None,
            clock: None,
            due_on,
            // The one notice waits for it, and so does a window that wants to know before it accepts.
            critical: true,
        });
        owed.collect()
    }

    /// Where departments must visit the site together and nobody has called them, the lead owes it; no clock bounds that.
    fn owed_call(&self, rules: &dyn Rules) -> Option<OwedAct> {
        let lead = &rules.bundle()?.lead_department;
        let wanted = !self.unvisited(rules).is_empty();
        wanted.then(|| OwedAct {
            kind: OwedActKind::CallVisit,
            by: OwedBy::Department,
            department: Some(lead.clone()),
            case: None,
            clock: None,
            due_on: None,
            critical: false,
        })
    }

    /// Results that are there before the others wait for nobody; one whose paper is owed cannot be handed over yet.
    fn owed_results(&self, clocks: &[FileClock]) -> Vec<OwedAct> {
        let of_case = |case: &&Case| {
            let has_own_period = clocks.iter().any(|clock| {
                clock.case == Some(case.id) && clock.running.kind == ClockKind::Delivery
            });
            let mut owed = self.papers_owed();
            case.has_result_waiting() && has_own_period && !owed.any(|owed| owed.id == case.id)
        };
        let waiting = self.cases.iter().filter(of_case);
        let owed = waiting.map(|case| {
            let bound = bound(clocks, Some(case.id), &[ClockKind::Delivery]);
            OwedAct {
                case: Some(case.id),
                ..of_whole(OwedActKind::Delivery, OwedBy::Window, bound, false)
            }
        });
        owed.collect()
    }

    /// All that is left is handed over at once, within the period that ends first.
    fn owed_delivery(&self, clocks: &[FileClock]) -> OwedAct {
        let of_cases = self.cases.iter().map(|case| Some(case.id));
        let bounds = of_cases
            .chain([None])
            .filter_map(|subject| bound(clocks, subject, &[ClockKind::Delivery]));
        let first = bounds.min_by_key(|(due_on, _)| *due_on);
        of_whole(OwedActKind::Delivery, OwedBy::Window, first, true)
    }

    /// Whoever holds the level of a mediation owes the next step of it.
    fn owed_mediations(
        &self,
        clocks: &[FileClock],
        is_critical: &dyn Fn(CaseId) -> bool,
    ) -> Vec<OwedAct> {
        let open = self.open_mediations().into_iter();
        let owed = open.map(|standing| {
            let ordinal = self.course.mediation_clock(standing.case, standing.number);
            let mut own = open_clocks(clocks, Some(standing.case), &[ClockKind::Mediation]);
            let own = own.find(|clock| Some(clock.running.ordinal) == ordinal);
            let due_on = own.and_then(FileClock::due_on);
            OwedAct {
                kind: OwedActKind::Mediate,
                by: match standing.held_by {
                    Some(_) => OwedBy::Department,
                    None => OwedBy::Centre,
                },
                department: standing.held_by,
                case: Some(standing.case),
                clock: due_on.map(|_| ClockKind::Mediation),
                due_on,
                critical: is_critical(standing.case),
            }
        });
        owed.collect()
    }

    fn owed_of(&self, case: &Case, clocks: &[FileClock], critical: bool) -> Vec<OwedAct> {
        let act =
            |kind, by, department: Option<&str>, bound: Option<(NaiveDate, ClockKind)>| OwedAct {
                kind,
                by,
                department: department.map(str::to_owned),
                case: Some(case.id),
                clock: bound.map(|(_, clock)| clock),
                due_on: bound.map(|(due_on, _)| due_on),
                critical,
            };
        let of_department =
            |kind, department, bound| act(kind, OwedBy::Department, Some(department), bound);
        let work = || bound(clocks, Some(case.id), &OF_WORK);
        let own = case.department.as_str();
        let material = self.course.awaits_material(case.id);
        let of_case = || self.reviews.iter().filter(|review| review.case == case.id);
        // Whoever waits for the opinions of others owes nothing meanwhile.
        let awaited = awaited(of_case());
        let mut owed = match case.state {
            CaseState::Suspended => {
                let procedures = open_clocks(clocks, Some(case.id), &[ClockKind::Special]);
                let ends = procedures.map(|clock| {
                    let due_on = clock.due_on();
                    let bound = due_on.map(|due_on| (due_on, clock.running.kind));
                    of_department(OwedActKind::EndProcedure, own, bound)
                });
                ends.collect()
            }
            // The department goes on when the material is there.
            CaseState::InReview | CaseState::Deciding if material || !awaited.is_empty() => {
                Vec::new()
            }
            CaseState::InReview => {
                let examination = of_case().filter(|review| {
                    let is_open = matches!(review.state, ReviewState::Open | ReviewState::Claimed);
                    review.consultation.is_none() && is_open
                });
                let opinions = examination
                    .map(|review| of_department(OwedActKind::Opinion, &review.department, work()));
                opinions.collect()
            }
            CaseState::Deciding => vec![of_department(OwedActKind::Decision, own, work())],
            _ => Vec::new(),
        };
        if case.state.is_under_way() {
            let asked = of_case().filter(|review| !review.state.is_over());
            let asked = asked.filter_map(|review| Some((review, review.consultation.as_ref()?)));
            owed.extend(asked.map(|(review, asked)| {
                let mut own = open_clocks(clocks, Some(case.id), &[ClockKind::Opinion]);
                let own = own.find(|clock| clock.running.ordinal == asked.number);
                let due_on = own.and_then(FileClock::due_on);
                let bound = due_on.map(|due_on| (due_on, ClockKind::Opinion));
                OwedAct {
                    critical: critical && awaited.iter().any(|other| other.id == review.id),
                    ..of_department(OwedActKind::Opinion, &review.department, bound)
                }
            }));
        }
        if material && case.state.is_under_way() {
            owed.push(act(OwedActKind::Material, OwedBy::Applicant, None, work()));
        }
        owed
    }
}

/// What no department owes, of the application as a whole, within a period that may bound it.
fn of_whole(
    kind: OwedActKind,
    by: OwedBy,
    bound: Option<(NaiveDate, ClockKind)>,
    critical: bool,
) -> OwedAct {
    OwedAct {
        kind,
        by,
        department: None,
        case: None,
        clock: bound.map(|(_, clock)| clock),
        due_on: bound.map(|(due_on, _)| due_on),
        critical,
    }
}

/// The clocks of some kinds that are under way.
fn open_clocks<'a>(
    clocks: &'a [FileClock],
    case: Option<CaseId>,
    kinds: &'a [ClockKind],
) -> impl Iterator<Item = &'a FileClock> {
    clocks.iter().filter(move |clock| {
        let running = &clock.running;
        clock.case == case && running.stopped_by.is_none() && kinds.contains(&running.kind)
    })
}

/// Of some clocks the one that ends first; none that stands still.
fn bound(
    clocks: &[FileClock],
    case: Option<CaseId>,
    kinds: &[ClockKind],
) -> Option<(NaiveDate, ClockKind)> {
    let place = |kind: ClockKind| kinds.iter().position(|known| *known == kind);
    let due = open_clocks(clocks, case, kinds).filter_map(|clock| {
        let kind = clock.running.kind;
        Some((clock.due_on()?, kind))
    });
    due.min_by_key(|(due_on, kind)| (*due_on, place(*kind)))
}
