//! What somebody may do now, more often than what they may not.

use chrono::{DateTime, Days, TimeDelta, Utc};
use lianshen_domain::application::{ApplicationState, AskOpinions, CallVisit, Called, Wanted};
use lianshen_domain::calendar::start_of;
use lianshen_domain::case::{Case, CaseResult, CaseState};
use lianshen_domain::code::Code as _;
use lianshen_domain::consultation::{CompletionRule, OpinionPart};
use lianshen_domain::ids::{CaseId, ReviewId};
use lianshen_domain::item::SpecialProcedureKind;
use lianshen_domain::mediation::{Mediation, MediationState};
use lianshen_domain::review::{OpinionKind, Review, ReviewState};
use lianshen_domain::visit::{FoundDefect, Record, RecordLine, Visit, VisitKind, VisitState};
use rand::RngExt as _;
use rand::seq::IndexedRandom as _;

use super::{Life, account};
use crate::support::deed::{AtVisit, BASIS, Deed, InMediation, Missed, REASONS, Said};
use crate::support::shadow::Material;

/// Whom opinions are asked of, beside those that have cases.
const OTHERS: [&str; 4] = ["CGJ", "XFD", "WJW", "CZJ"];

impl Life<'_> {
    /// Something that may be done now, more often than something that may not.
    pub(super) async fn any_deed(&mut self) -> Deed {
        let together = self.together().await;
        let often = match self.shadow.file.application.state {
            // In every other life the departments report before anybody accepts.
            ApplicationState::Received if self.story.seed.is_multiple_of(2) => 0.9,
            ApplicationState::Received => 0.2,
            _ => 0.6,
        };
        if !together.is_empty() && self.dice.random_bool(often) {
            let of_one_kind = together.choose(&mut self.dice).unwrap();
            return of_one_kind.choose(&mut self.dice).unwrap().clone();
        }
        self.alone()
    }

    /// What one department, the applicant or the window does for itself.
    fn alone(&mut self) -> Deed {
        let file = self.shadow.file.clone();
        let (case, review, asked) = self.subjects();
        let id = case.id;
        let kind = self.any_procedure(&case);
        let days = self.dice.random_range(1..12);
        let other = self.other();
        let ask = self.any_question(id);
        let material = self.shadow.item(&case).materials.choose(&mut self.dice);
        let material = material.cloned().unwrap_or_else(|| "M-APP".to_owned());
        let reasons = self.dice.random_bool(0.7);
        let give = self.any_opinion(&review);
        let whole = match file.application.state {
            ApplicationState::Received => vec![
                Deed::Accept,
                Deed::Accept,
                Deed::Accept,
                Deed::Notice((days > 3).then_some(days)),
                Deed::Accept,
                Deed::Accept,
                Deed::Notice(None),
                Deed::CorrectOnTheSpot,
                match reasons {
                    true => Deed::NotRequired(id),
                    false => Deed::NotCompetent(id),
                },
            ],
            ApplicationState::Correction => vec![
                Deed::Supplement,
                Deed::Supplement,
                Deed::ExtendSupplement(days),
            ],
            ApplicationState::InReview => match case.state {
                CaseState::Suspended => vec![
                    Deed::End(id, kind),
                    Deed::End(id, kind),
                    Deed::Renotify(id, kind, days),
                ],
                CaseState::Deciding => vec![
                    Deed::Decide(id, true, reasons),
                    Deed::Decide(id, true, reasons),
                    Deed::Decide(id, false, reasons),
                    ask,
                ],
                _ => vec![
                    ask.clone(),
                    ask,
                    Deed::Begin(id, kind, days),
                    Deed::Begin(id, kind, days),
                    Deed::Extend(id, days),
                    Deed::AskMaterial(id, material),
                    Deed::ReceiveMaterial(id),
                    Deed::Claim(review.id),
                    give.clone(),
                    give.clone(),
                    self.any_opinion(&asked),
                    Deed::TakeBack(asked.id),
                    Deed::Replace(asked.id, other.clone()),
                ],
            },
            ApplicationState::Concluded | ApplicationState::Closed => {
                let all = [
                    Deed::Announce(None),
                    Deed::FailDelivery(None),
                    Deed::Deliver(None),
                ];
                self.with_results(all.to_vec())
            }
        };
        if self.dice.random_bool(0.75) {
            return whole.choose(&mut self.dice).unwrap().clone();
        }
        let anything = [
            Deed::Accept,
            Deed::Supplement,
            Deed::Release(review.id),
            Deed::Claim(review.id),
            give,
            Deed::TakeBack(review.id),
            Deed::Replace(review.id, other),
            Deed::Decide(id, true, reasons),
            Deed::Reopen(id),
            Deed::End(id, kind),
            Deed::ExtendJoint(days + 5),
            Deed::Withdraw((days > 2).then_some(id)),
            Deed::Terminate(id),
            Deed::AskVoid(id),
            Deed::ConfirmVoid(id),
            Deed::IssuePaper(id),
            Deed::ReceiveMaterial(id),
            Deed::Deliver(None),
            Deed::Deliver(Some(id)),
        ];
        anything.choose(&mut self.dice).unwrap().clone()
    }

    /// What departments do together, or about each other: what is missing, reviews that begin again, visits, mediations.
    async fn together(&mut self) -> Vec<Vec<Deed>> {
        let mut kinds = vec![self.on_materials()];
        match self.shadow.file.application.state {
            ApplicationState::Received | ApplicationState::Correction => {
                for _ in 0..8 {
                    kinds.push(self.on_what_is_missing());
                }
            }
            ApplicationState::InReview => {
                kinds.extend([self.with_results(Vec::new()), self.on_refusals()]);
                kinds.extend([self.on_work().await, self.on_visits(), self.on_visits()]);
                let (opinions, conflicts) = (self.on_opinions(), self.on_conflicts());
                kinds.extend([opinions.clone(), opinions, conflicts.clone(), conflicts]);
            }
            ApplicationState::Concluded => {
                let owed = self.shadow.file.papers_owed();
                let owed = owed.map(|case| Deed::IssuePaper(case.id)).collect();
                kinds = vec![owed, self.on_refusals()];
            }
            ApplicationState::Closed => {
                if self.dice.random_bool(0.7) {
                    kinds.clear();
                }
                kinds.push(self.on_refusals());
            }
        }
        kinds.retain(|kind| !kind.is_empty());
        kinds
    }

    /// A case, a review of it and an opinion that is out, mostly such as are under way.
    fn subjects(&mut self) -> (Case, Review, Review) {
        let file = self.shadow.file.clone();
        let under_way = file.cases.iter();
        let mut under_way: Vec<&Case> =
            under_way.filter(|case| case.state.is_under_way()).collect();
        // More happens on one case than on the others.
        if self.dice.random_bool(0.5) {
            under_way.truncate(1);
        }
        let case = self.mostly(under_way, file.cases.iter().collect()).clone();
        let of_case = file.reviews.iter().filter(|review| review.case == case.id);
        let open = of_case.filter(|review| !review.state.is_over()).collect();
        let review = self.mostly(open, file.reviews.iter().collect()).clone();
        let asked = file.reviews.iter();
        let asked = asked.filter(|review| review.consultation.is_some() && !review.state.is_over());
        let asked = self.mostly(asked.collect(), vec![&review]).clone();
        (case, review, asked)
    }

    fn on_materials(&mut self) -> Vec<Deed> {
        let materials = self.shadow.materials.clone();
        let present = materials.iter().filter(|one| !one.is_replaced).collect();
        let material = self.mostly(present, materials.iter().collect());
        let digit = *['a', 'b', 'c', 'd'].choose(&mut self.dice).unwrap();
        vec![Deed::ReplaceMaterial(material.id, digit)]
    }

    /// What is done with a result that waits, mostly; beside what is done with all of them.
    fn with_results(&mut self, mut deeds: Vec<Deed>) -> Vec<Deed> {
        let cases = self.shadow.file.cases.clone();
        let waits = |case: &&Case| matches!(case.state, CaseState::Granted | CaseState::Refused);
        let waiting: Vec<&Case> = cases.iter().filter(waits).collect();
        if waiting.is_empty() {
            return deeds;
        }
        let case = self.mostly(waiting, cases.iter().collect()).id;
        deeds.extend([
            Deed::Announce(Some(case)),
            Deed::FailDelivery(Some(case)),
            Deed::Deliver(Some(case)),
        ]);
        deeds
    }

    /// What was refused is opened again.
    fn on_refusals(&self) -> Vec<Deed> {
        let is_refused = |case: &&Case| {
            let ending = case.ending.as_ref();
            ending.is_some_and(|ending| ending.result == CaseResult::Refused)
        };
        let refused = self.shadow.file.cases.iter().filter(is_refused);
        refused.map(|case| Deed::Reopen(case.id)).collect()
    }

    /// Who has not reported in this round does so; then it is told.
    fn on_what_is_missing(&mut self) -> Vec<Deed> {
        let cases = self.shadow.file.cases.clone();
        let round = self.shadow.file.report_round();
        let silent = |case: &&Case| self.shadow.reports.of(case.id, round).is_none();
        let silent = cases.iter().filter(silent).collect();
        let case = self.mostly(silent, cases.iter().collect()).clone();
        let points = self.any_points(&case);
        let days = self.dice.random_bool(0.5).then_some(10);
        vec![
            Deed::ReportMissing(case.id, points),
            Deed::ReportComplete(case.id),
            Deed::SendMergedNotice(days),
        ]
    }

    /// One thing or two, mostly such as the item wants.
    fn any_points(&mut self, case: &Case) -> Vec<Missed> {
        let listed = self.shadow.item(case).materials.clone();
        let any = listed.choose(&mut self.dice).cloned();
        let material = match self.dice.random_range(0..10) {
            0 => Some("M-NONE".to_owned()),
            1..=5 => any,
            _ => None,
        };
        let mut points = vec![Missed {
            text: ["平面图", "申请表缺章"].choose(&mut self.dice).unwrap(),
            material,
        }];
        if self.dice.random_bool(0.4) {
            points.push(Missed {
                text: "法定代表人签名",
                material: None,
            });
        }
        points
    }

    /// What others were asked, and have not said.
    fn on_opinions(&mut self) -> Vec<Deed> {
        let reviews = self.shadow.file.reviews.clone();
        let asked = reviews.iter();
        let asked = asked.filter(|one| one.consultation.is_some() && !one.state.is_over());
        asked.map(|review| self.any_opinion(review)).collect()
    }

    /// Who has a review, what it would say, and that it begins again.
    async fn on_work(&mut self) -> Vec<Deed> {
        let (case, review, asked) = self.subjects();
        let kind = self.any_kind();
        let department = if self.dice.random_bool(0.85) {
            review.department.clone()
        } else {
            self.other()
        };
        let second = if self.dice.random_bool(0.5) { "-2" } else { "" };
        let name = format!("{}{second}", account("reviewer", &department));
        let to = self.people.named(self.app, &name).await;
        let mut deeds = vec![
            Deed::Draft(review.id, kind),
            Deed::Assign(review.id, Box::new(to)),
            Deed::Release(review.id),
            self.any_opinion(&review),
            Deed::Replace(asked.id, self.other()),
        ];
        let reviews = self.shadow.file.reviews.iter();
        let examined =
            reviews.filter(|one| one.consultation.is_none() && one.state == ReviewState::Given);
        deeds.extend(examined.map(|one| Deed::Return(one.id)));
        // Who has asked two others hears of it when they contradict each other.
        let is_out = asked.consultation.is_some() && !asked.state.is_over();
        if case.state == CaseState::Deciding || !is_out {
            deeds.extend([self.any_question(case.id), self.any_question(case.id)]);
        }
        deeds
    }

    fn on_visits(&mut self) -> Vec<Deed> {
        let visits = self.shadow.visits.clone();
        let now = super::moment(self.app).now;
        let called = |visit: &&Visit| visit.state == VisitState::Called;
        let mut deeds = Vec::new();
        if !visits.iter().any(|visit| called(&visit)) || self.dice.random_bool(0.1) {
            deeds.push(Deed::CallVisit(self.any_call()));
        }
        for visit in &visits {
            let has_begun = visit.begins_at <= now;
            let at_visit = |act| Deed::AtVisit(visit.id, act);
            match visit.state {
                VisitState::Called if has_begun => {
                    let record = self.any_record(visit);
                    let opinion = self.any_position(visit);
                    deeds.extend([
                        at_visit(AtVisit::Conclude(None)),
                        at_visit(AtVisit::Conclude(opinion)),
                        at_visit(AtVisit::Record(record.clone())),
                        at_visit(AtVisit::Record(record)),
                    ]);
                }
                VisitState::Called => {
                    let to = self.any_hour();
                    let of = visit.parts.choose(&mut self.dice).expect("there are two");
                    let for_other = self.dice.random_bool(0.4);
                    let of = for_other.then(|| of.department.clone());
                    let persons = self.any_persons();
                    deeds.extend([
                        at_visit(AtVisit::Name(of.clone(), persons.clone())),
                        at_visit(AtVisit::Name(of, persons)),
                        at_visit(AtVisit::Move(to)),
                        at_visit(AtVisit::Conclude(None)),
                    ]);
                    if self.dice.random_bool(0.3) {
                        deeds.push(at_visit(AtVisit::Cancel));
                    }
                }
                VisitState::Held => {
                    let open = visit.defects.iter();
                    deeds.extend(open.map(|defect| at_visit(AtVisit::Mend(defect.number))));
                }
                VisitState::Cancelled => {}
            }
        }
        deeds
    }

    /// Departments that have to do with it, and now and then one that has not.
    fn any_call(&mut self) -> CallVisit {
        let file = &self.shadow.file;
        let of_cases = file.cases.iter().map(|case| case.department.clone());
        let of_reviews = file.reviews.iter().map(|review| review.department.clone());
        let mut known: Vec<String> = of_cases.chain(of_reviews).collect();
        known.sort();
        known.dedup();
        known.retain(|code| file.takes_part(code));
        let number = self.dice.random_range(2..4);
        let known: Vec<String> = known.sample(&mut self.dice, number).cloned().collect();
        let strangers = usize::from(known.len() < 2 || self.dice.random_bool(0.1));
        let strangers: Vec<String> = (0..strangers).map(|_| self.other()).collect();
        let called = known.into_iter().chain(strangers).map(|department| Called {
            department,
            persons: self.any_persons(),
            again_because: self.dice.random_bool(0.5).then(|| REASONS.to_owned()),
        });
        let departments = called.collect();
        CallVisit {
            kind: *VisitKind::ALL.choose(&mut self.dice).unwrap(),
            begins_at: self.any_hour(),
            place: "滨江路 8 号".to_owned(),
            departments,
        }
    }

    /// Two persons, mostly.
    fn any_persons(&mut self) -> Vec<String> {
        let number = *[2, 2, 2, 2, 3, 0, 1].choose(&mut self.dice).unwrap();
        let names = ["张三", "李四", "王五"];
        let names = names.into_iter().take(number);
        names.map(str::to_owned).collect()
    }

    /// Ten o'clock of one of the next days, mostly.
    fn any_hour(&mut self) -> DateTime<Utc> {
        let today = self.app.clock.today();
        let days = *[0, 1, 1, 1, 2, 3].choose(&mut self.dice).unwrap();
        start_of(today + Days::new(days)) + TimeDelta::hours(10)
    }

    /// One line for each that has not concluded, mostly, and what is wrong.
    fn any_record(&mut self, visit: &Visit) -> Record {
        let mut lines = Vec::new();
        let silent = visit.parts.iter().filter(|part| part.conclusion.is_none());
        for part in silent {
            if self.dice.random_bool(0.1) {
                continue;
            }
            let present = self.dice.random_bool(0.7);
            lines.push(RecordLine {
                department: part.department.clone(),
                present,
                conclusion: present.then(|| REASONS.to_owned()),
            });
        }
        let due_on = self.app.clock.today() + Days::new(5);
        let mut defects = Vec::new();
        for text in ["疏散通道堵塞", "灭火器过期"] {
            let came = |code: &str| {
                let mut lines = lines.iter();
                let noted = lines.find(|line| line.department == code);
                noted.is_none_or(|line| line.present)
            };
            let parts = visit.parts.iter().map(|part| part.department.clone());
            let parts: Vec<String> = parts.filter(|code| came(code)).collect();
            if let Some(of) = parts.choose(&mut self.dice).cloned()
                && self.dice.random_bool(0.6)
            {
                defects.push(FoundDefect {
                    text: text.to_owned(),
                    departments: vec![of],
                    due_on,
                });
            }
        }
        Record {
            text: REASONS.to_owned(),
            lines,
            defects,
        }
    }

    /// A review of one of those who were called.
    fn any_position(&mut self, visit: &Visit) -> Option<(ReviewId, OpinionKind)> {
        let kind = self.any_kind();
        let reviews = self.shadow.file.reviews.iter();
        let of_called = reviews
            .filter(|review| visit.part(&review.department).is_some() && !review.state.is_over());
        let of_called: Vec<&Review> = of_called.collect();
        let review = of_called.choose(&mut self.dice)?;
        Some((review.id, kind))
    }

    fn on_conflicts(&mut self) -> Vec<Deed> {
        let mut deeds = Vec::new();
        let is_open = |one: &&Mediation| one.state == MediationState::Open;
        let mediations = self.shadow.mediations.clone();
        for case in self.shadow.file.cases.clone() {
            let is_mediated = mediations
                .iter()
                .filter(is_open)
                .any(|one| one.case == case.id);
            for conflict in self.shadow.conflicts(case.id) {
                if !is_mediated || self.dice.random_bool(0.1) {
                    let (one, other) = conflict.between;
                    deeds.push(Deed::OpenMediation(case.id, [one, other]));
                }
            }
        }
        for mediation in &mediations {
            let by_hand = |act| Deed::InMediation(mediation.id, act);
            let position = *["须先整改", "可以限期整改"].choose(&mut self.dice).unwrap();
            let party = mediation
                .parties
                .choose(&mut self.dice)
                .expect("there are two");
            let party = party.department.clone();
            let named = self.dice.random_bool(0.4).then(|| self.other());
            let takes = by_hand(InMediation::TakePosition(position));
            deeds.extend([
                takes.clone(),
                takes,
                by_hand(InMediation::Climb(named.clone())),
                by_hand(InMediation::Climb(named)),
            ]);
            match self.dice.random_range(0..4) {
                0 => deeds.push(by_hand(InMediation::Settle)),
                1 => deeds.push(by_hand(InMediation::Minority(party))),
                _ => {}
            }
        }
        if deeds.is_empty() && self.dice.random_bool(0.1) {
            let (case, review, asked) = self.subjects();
            deeds.push(Deed::OpenMediation(case.id, [review.id, asked.id]));
        }
        deeds
    }

    /// One of the first, if there are any, and now and then one of the second.
    fn mostly<'b, T>(&mut self, first: Vec<&'b T>, second: Vec<&'b T>) -> &'b T {
        let from = if first.is_empty() || self.dice.random_bool(0.15) {
            second
        } else {
            first
        };
        from.choose(&mut self.dice).expect("there is one")
    }

    /// A procedure that the item lists, if it lists any.
    fn any_procedure(&mut self, case: &Case) -> SpecialProcedureKind {
        let listed = &self.shadow.item(case).special_procedures;
        let listed = listed.choose(&mut self.dice).map(|listed| listed.kind);
        listed.unwrap_or_else(|| *SpecialProcedureKind::ALL.choose(&mut self.dice).unwrap())
    }

    fn other(&mut self) -> String {
        (*OTHERS.choose(&mut self.dice).unwrap()).to_owned()
    }

    fn any_kind(&mut self) -> OpinionKind {
        *OpinionKind::ALL.choose(&mut self.dice).unwrap()
    }

    /// Plain, on conditions, or relying on one material alone.
    fn any_opinion(&mut self, review: &Review) -> Deed {
        let kind = self.any_kind();
        let number = match kind {
            OpinionKind::Disagree => usize::from(self.dice.random_bool(0.1)),
            _ => *[0, 0, 1, 2].choose(&mut self.dice).unwrap(),
        };
        let categories = ["消防", "环保"];
        let on = (0..number).map(|_| *categories.choose(&mut self.dice).unwrap());
        let on = on.collect();
        let wanted = |one: &&Material| {
            let case = self.shadow.case(review.case);
            case.is_some_and(|case| one.wanted_by.contains(&case.item))
        };
        let materials = self.shadow.materials.clone();
        let wanted: Vec<&Material> = materials.iter().filter(wanted).collect();
        let relying_on = if self.dice.random_bool(0.25) {
            let one = self.mostly(wanted, materials.iter().collect());
            Some(one.id)
        } else {
            None
        };
        let said = Said {
            kind,
            on,
            relying_on,
        };
        Deed::Give(review.id, said)
    }

    /// Several departments, by any rule; now and then what no rule allows.
    fn any_question(&mut self, case: CaseId) -> Deed {
        let number = self.dice.random_range(1..=4);
        let mut of: Vec<&str> = OTHERS.sample(&mut self.dice, number).copied().collect();
        if self.dice.random_bool(0.1) {
            of.extend(of.first().copied());
        }
        let wanted = of.into_iter().map(|department| {
            let part = *OpinionPart::ALL.choose(&mut self.dice).unwrap();
            let chance = if part == OpinionPart::Mandatory {
                0.25
            } else {
                0.05
            };
            Wanted {
                department: department.to_owned(),
                part,
                days: None,
                veto_article: self.dice.random_bool(chance).then(|| BASIS.to_owned()),
            }
        });
        let wanted: Vec<Wanted> = wanted.collect();
        let mandatory = wanted
            .iter()
            .filter(|one| one.part == OpinionPart::Mandatory);
        let most = u32::try_from(mandatory.count()).unwrap();
        let rule = *CompletionRule::ALL.choose(&mut self.dice).unwrap();
        let at_least = match rule {
            CompletionRule::AtLeast => Some(self.dice.random_range(1..=most + 1)),
            CompletionRule::All | CompletionRule::Any => self.dice.random_bool(0.05).then_some(1),
        };
        let ask = AskOpinions {
            question: REASONS.to_owned(),
            rule,
            at_least,
            wanted,
        };
        Deed::Ask(case, ask)
    }
}
