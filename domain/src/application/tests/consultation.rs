//! What a case asks of other departments, in words: `03-03 ask A: X Y? Z! any` asks X for a mandatory opinion, Y for an
//! advisory one, Z for one with the force of a veto; `X:3` gives three days. `03-05 X disagree`, `03-05 withdraw X`,
//! `03-05 X becomes W` are about the last opinion that was asked of X.

use proptest::prelude::*;

use super::hall::{Hall, Matter, bundle, date};
use super::*;
use crate::bundle::{Component, ComponentMode, TacitConsent, TacitPolicy};
use crate::calendar::start_of;
use crate::clock::ClockKind;
use crate::code::Code;
use crate::consultation::{CompletionRule, OpinionPart, awaited, standing};
use crate::review::Condition;

fn wanted(word: &str) -> Wanted {
    let (name, days) = word.split_once(':').unwrap_or((word, ""));
    let department = name.trim_end_matches(['?', '!']);
    Wanted {
        department: department.to_owned(),
        part: if name.ends_with('?') {
            OpinionPart::Advisory
        } else {
            OpinionPart::Mandatory
        },
        days: days.parse().ok(),
        veto_article: name.ends_with('!').then(|| "某法 第八条".to_owned()),
    }
}

fn ask(words: &str) -> AskOpinions {
    let mut words: Vec<&str> = words.split_whitespace().collect();
    let rule = words.pop().unwrap();
    AskOpinions {
        question: "是否符合规划？".to_owned(),
        rule: match rule {
            "all" => CompletionRule::All,
            "any" => CompletionRule::Any,
            _ => CompletionRule::AtLeast,
        },
        at_least: rule.parse().ok(),
        wanted: words.into_iter().map(wanted).collect(),
    }
}

impl Matter {
    /// Does one thing of consultation, or any other, and says what was answered; a refusal changes nothing.
    pub(super) fn hears(&mut self, words: &str) -> String {
        let (on, rest) = words.split_once(' ').unwrap();
        let Some(answer) = self.consults(date(on), rest) else {
            return self.says(words);
        };
        if let Ok(Outcome::Done(happenings)) = &answer {
            self.note(&happenings.clone(), Some(person(1).account));
        }
        told(&answer)
    }

    fn consults(&mut self, on: chrono::NaiveDate, words: &str) -> Option<Answer> {
        let parts: Vec<&str> = words.split_whitespace().collect();
        let review = |file: &File, department: &str| {
            let of =
                |review: &&Review| review.department == department && review.consultation.is_some();
            file.reviews.iter().rfind(of).map(|review| review.id)
        };
        let kind = |word: &str| match word {
            "agree" => Some(OpinionKind::Agree),
            "disagree" => Some(OpinionKind::Disagree),
            _ => None,
        };
        let is_department = |word: &str| self.file.cases.iter().all(|case| case.item != word);
        let mut file;
        let answer = match parts.as_slice() {
            ["ask", case, ..] => {
                self.come(on);
                file = self.file.clone();
                let case = case_id(place(case.chars().next().unwrap()));
                let ask = ask(words.split_once(": ").unwrap().1);
                let mut next = 100 + file.reviews.len();
                let new_id = || {
                    next += 1;
                    id::<ReviewId>(next)
                };
                let when = When::now(self.last);
                file.ask_opinions(case, &ask, when, &self.hall, new_id)
                    .map(Outcome::Done)
            }
            ["withdraw", department] if is_department(department) => {
                self.come(on);
                file = self.file.clone();
                let review = review(&file, department).unwrap();
                file.withdraw_opinion(review, "误送", When::now(self.last))
            }
            // `X agree by M`: relies on the first version of M, and on no other.
            [department, what, "by", code] => {
                self.come(on);
                file = self.file.clone();
                let opinion = Opinion::try_new(kind(what).unwrap(), None).unwrap();
                let version = if *code == "M" { 1 } else { 99 };
                let opinion = opinion.relying_on(Some(vec![id(version)])).unwrap();
                let review = review(&file, department)?;
                file.give_opinion(review, &person(4), opinion, self.last)
            }
            [department, "becomes", other] => {
                self.come(on);
                file = self.file.clone();
                let review = review(&file, department).unwrap();
                let new_id = id::<ReviewId>(1_000 + file.reviews.len());
                let when = When::now(self.last);
                file.replace_opinion(review, (other, None), "更换", (when, &self.hall), new_id)
                    .map(Outcome::Done)
            }
            [department, what] if is_department(department) && kind(what).is_some() => {
                self.come(on);
                file = self.file.clone();
                let kind = kind(what).unwrap();
                let why = (kind == OpinionKind::Disagree).then(|| "不符合规划".to_owned());
                let opinion = Opinion::try_new(kind, why).unwrap();
                let review = review(&file, department)?;
                file.give_opinion(review, &person(4), opinion, self.last)
            }
            // The examination itself, by the way that serves all.
            [case, what] if kind(what).is_some() => {
                self.come(on);
                file = self.file.clone();
                let opinion =
                    Opinion::try_new(kind(what).unwrap(), Some("审查".to_owned())).unwrap();
                let case = case_id(place(case.chars().next().unwrap()));
                let of = |review: &&Review| review.case == case && review.consultation.is_none();
                let review = file.reviews.iter().rfind(of).unwrap().id;
                file.give_opinion(review, &person(1), opinion, self.last)
            }
            _ => return self.reopens(on, &parts),
        };
        if matches!(answer, Ok(Outcome::Done(_))) {
            self.file = file;
        }
        Some(answer)
    }

    fn reopens(&mut self, on: chrono::NaiveDate, parts: &[&str]) -> Option<Answer> {
        let mut file;
        let answer = match parts {
            ["return", case] => {
                self.come(on);
                file = self.file.clone();
                let case = case_id(place(case.chars().next().unwrap()));
                let of = |review: &&Review| review.case == case && review.consultation.is_none();
                let review = file.reviews.iter().rfind(of).unwrap().id;
                let new_id = id::<ReviewId>(2_000 + file.reviews.len());
                file.return_to_reviewer(review, "请补充核查", When::now(self.last), new_id)
            }
            // `replace M of AB`: what both want; its n-th version has the number n. The first was there from the beginning, or
            // came later: `replace M of AB from 03-05`.
            ["replace", code, "of", items] => {
                return self.reopens(on, &["replace", code, "of", items, "from", "03-02"]);
            }
            ["replace", code, "of", items, "from", day] => {
                self.come(on);
                file = self.file.clone();
                let of = |entry: &&Entry| entry.word("material") == *code;
                let all = self.file.course.all(EventKind::MaterialReplaced);
                let all: Vec<&Entry> = all.filter(of).collect();
                let former = 1 + all.len();
                let came_at = all.last().map(|entry| entry.entered_at);
                let replaced = Replaced {
                    former: id(former),
                    came_at: came_at.unwrap_or_else(|| start_of(date(day))),
                    code: (*code).to_owned(),
                    wanted_by: items.chars().map(String::from).collect(),
                    version: u32::try_from(former).unwrap() + 1,
                };
                let mut next = 3_000 + file.reviews.len();
                let new_id = || {
                    next += 1;
                    id::<ReviewId>(next)
                };
                file.replace_material(&replaced, When::now(self.last), new_id)
                    .map(Outcome::Done)
            }
            _ => return None,
        };
        if matches!(answer, Ok(Outcome::Done(_))) {
            self.file = file;
        }
        Some(answer)
    }

    pub(super) fn has_heard(mut self, deeds: &str) -> Self {
        for words in deeds.split("; ") {
            let said = self.hears(words);
            assert!(!said.starts_with("refused"), "{words}: {said}");
        }
        self
    }

    pub(super) fn opinions(&self) -> String {
        let asked = self
            .file
            .reviews
            .iter()
            .filter(|review| review.consultation.is_some());
        let lines: Vec<String> = asked
            .map(|review| {
                let asked = review.consultation.as_ref().unwrap();
                let (round, lamp) = (asked.round, asked.lamp);
                let due = lamp
                    .promised_due_on
                    .map_or("none".to_owned(), |due| due.to_string());
                format!(
                    "{} {round} {} {due}",
                    review.department,
                    review.state.code()
                )
            })
            .collect();
        lines.join("; ")
    }
}

pub(super) fn in_review() -> Matter {
    Hall::new().receive("03-02", "A").after("03-02 accept")
}

#[test]
fn nothing_is_examined_to_the_end_nor_decided_before_the_mandatory_opinions_are_there() {
    let mut matter = in_review().has_heard("03-03 ask A: X Y? all");
    assert_eq!(
        matter.opinions(),
        "X 1 OPEN 2026-03-10; Y 1 OPEN 2026-03-10"
    );
    assert_eq!(
        matter.hears("03-04 A agree"),
        "refused OPINIONS_OUTSTANDING"
    );
    assert_eq!(matter.hears("03-04 X agree"), "OPINION_GIVEN X");
    assert_eq!(
        matter.states(),
        "IN_REVIEW: A IN_REVIEW",
        "the examination goes on"
    );
    assert_eq!(matter.hears("03-04 A agree"), "OPINION_GIVEN A");
    // An advisory opinion may still come until the decision, and is not waited for.
    assert_eq!(matter.hears("03-05 Y agree"), "OPINION_GIVEN Y");
    let granted = matter.hears("03-05 A grant");
    assert_eq!(granted, "CASE_GRANTED A, APPLICATION_CONCLUDED");
}

#[test]
fn a_case_that_is_to_be_decided_may_ask_once_more() {
    let mut matter = in_review().has_heard("03-03 A agree; 03-04 ask A: X all");
    assert_eq!(matter.states(), "IN_REVIEW: A DECIDING");
    assert_eq!(
        matter.hears("03-04 A grant"),
        "refused OPINIONS_OUTSTANDING"
    );
    assert_eq!(
        matter.hears("03-04 A refuse"),
        "refused OPINIONS_OUTSTANDING"
    );
    let matter = matter.has_heard("03-05 X agree; 03-05 A grant");
    assert_eq!(matter.opinions(), "X 1 GIVEN 2026-03-11");
}

#[test]
fn each_rule_waits_for_as_many_as_it_says() {
    for (rule, needed) in [("all", 3), ("any", 1), ("2", 2), ("3", 3)] {
        let mut matter = in_review().has_heard(&format!("03-03 ask A: X Y Z V? {rule}"));
        for (at, department) in ["Y", "Z", "X"].into_iter().enumerate() {
            let said = matter.hears("03-04 A agree");
            assert_eq!(
                said.starts_with("refused OPINIONS_OUTSTANDING"),
                at < needed,
                "{rule} after {at}: {said}"
            );
            if at >= needed {
                break;
            }
            matter.hears(&format!("03-04 {department} agree"));
        }
        assert!(awaited(matter.file.reviews.iter()).is_empty(), "{rule}");
    }
}

#[test]
fn what_cannot_be_asked_is_refused_and_changes_nothing() {
    for (words, expected) in [
        ("03-03 ask A: all", "refused NOBODY_ASKED"),
        ("03-03 ask A: X X all", "refused DEPARTMENT_TWICE"),
        ("03-03 ask A: D-A all", "refused OWN_DEPARTMENT"),
        ("03-03 ask A: X Y? 2", "refused NUMBER_OUT_OF_RANGE"),
        ("03-03 ask A: X? any", ""),
        ("03-03 ask A: X:0 all", "refused NUMBER_OUT_OF_RANGE"),
    ] {
        let mut matter = in_review();
        let before = matter.file.clone();
        let said = matter.hears(words);
        assert!(said.starts_with(expected), "{words}: {said}");
        if !expected.is_empty() {
            assert_eq!(matter.file, before, "{words}");
        }
    }
    let mut advisory = ask("X? all");
    advisory.wanted[0].veto_article = Some("某法 第八条".to_owned());
    let mut matter = in_review();
    let when = When::now(matter.last);
    let refused = matter
        .file
        .ask_opinions(case_id(0), &advisory, when, &matter.hall, || id(7));
    assert_eq!(refused.unwrap_err().reason, Reason::VetoAdvisory);
    let many: Vec<String> = (0..21).map(|n| format!("D{n}")).collect();
    let said = in_review().hears(&format!("03-03 ask A: {} all", many.join(" ")));
    assert!(said.starts_with("refused LIST_TOO_LONG"), "{said}");

    let mut received = Hall::new().receive("03-02", "A");
    assert!(
        received.hears("03-02 ask A: X all").starts_with("refused"),
        "before acceptance"
    );
    let mut ended = in_review().has_heard("03-03 A agree; 03-03 A grant");
    assert!(
        ended.hears("03-04 ask A: X all").starts_with("refused"),
        "after the decision"
    );
}

#[test]
fn while_an_opinion_is_out_it_is_not_asked_for_again_and_afterwards_it_may_be() {
    let mut matter = in_review().has_heard("03-03 ask A: X all");
    assert!(
        matter
            .hears("03-03 ask A: X Y all")
            .starts_with("refused ALREADY_ASKED")
    );
    let mut matter = matter.has_heard("03-04 X disagree; 03-05 ask A: X all");
    assert_eq!(
        matter.opinions(),
        "X 1 GIVEN 2026-03-10; X 2 OPEN 2026-03-12"
    );
    assert_eq!(
        matter.hears("03-05 A agree"),
        "refused OPINIONS_OUTSTANDING"
    );
    let matter = matter.has_heard("03-06 X agree; 03-06 A agree; 03-06 A grant");
    let said = standing(matter.file.reviews.iter());
    assert_eq!(said.len(), 1, "of each department only the last counts");
    assert_eq!(said[0].1, OpinionKind::Agree);
}

#[test]
fn a_grant_against_an_opinion_needs_reasons_and_against_a_veto_there_is_none() {
    let matter = in_review()
        .has_heard("03-03 ask A: X Y? any; 03-04 X agree; 03-04 Y disagree; 03-05 A agree");
    assert_eq!(
        matter.clone().hears("03-05 A grant"),
        "refused REASONS_REQUIRED"
    );
    assert!(
        matter
            .clone()
            .hears("03-05 A grant with reasons")
            .starts_with("CASE_GRANTED")
    );
    assert!(
        matter
            .clone()
            .hears("03-05 A refuse")
            .starts_with("CASE_REFUSED")
    );

    let vetoed = in_review().has_heard("03-03 ask A: X! all; 03-04 X disagree; 03-05 A agree");
    assert_eq!(
        vetoed.clone().hears("03-05 A grant with reasons"),
        "refused VETOED"
    );
    assert!(
        vetoed
            .clone()
            .hears("03-05 A refuse")
            .starts_with("CASE_REFUSED")
    );
    // Asked once more, the department may think otherwise.
    let mut settled = vetoed
        .clone()
        .has_heard("03-05 ask A: X! all; 03-06 X agree");
    assert!(settled.hears("03-06 A grant").starts_with("CASE_GRANTED"));

    // Asked for less, it has the same force.
    for asked in ["X? any", "X all"] {
        let again = vetoed.clone().has_heard(&format!("03-05 ask A: {asked}"));
        let mut again = again.has_heard("03-06 X disagree");
        let answer = again.hears("03-06 A grant with reasons");
        assert_eq!(answer, "refused VETOED", "{asked}");
    }
    let mut settled = vetoed.has_heard("03-05 ask A: X? any; 03-06 X agree");
    assert!(settled.hears("03-06 A grant").starts_with("CASE_GRANTED"));
}

#[test]
fn the_force_of_a_veto_is_gone_with_the_question_that_was_taken_back() {
    let taken_back = "03-03 ask A: X! V all; 03-03 withdraw X; 03-03 ask A: X any";
    let mut matter = in_review().has_heard(taken_back);
    matter = matter.has_heard("03-04 V agree; 03-04 X disagree; 03-05 A agree");
    let granted = matter.hears("03-05 A grant with reasons");
    assert!(granted.starts_with("CASE_GRANTED"), "{granted}");
}

#[test]
fn the_force_of_a_veto_is_gone_when_the_department_has_agreed() {
    let asked = |again: &str| {
        let first = in_review().has_heard("03-03 ask A: X! all; 03-04 X agree");
        let again = first.has_heard(&format!("03-04 ask A: {again}"));
        again.has_heard("03-05 X disagree; 03-05 A agree")
    };
    let mut without = asked("X all");
    assert_eq!(without.hears("03-05 A grant"), "refused REASONS_REQUIRED");
    let granted = without.hears("03-05 A grant with reasons");
    assert!(granted.starts_with("CASE_GRANTED"), "{granted}");
    let with = asked("X! all").hears("03-05 A grant with reasons");
    assert_eq!(with, "refused VETOED", "the new question has its own");
}

#[test]
fn nobody_stands_twice_in_one_round() {
    let asked = in_review().has_heard("03-03 ask A: X Y Z V? 2; 03-04 X agree; 03-04 V agree");
    for there in ["X", "V"] {
        let answer = asked.clone().hears(&format!("03-04 Z becomes {there}"));
        assert_eq!(answer, "refused DEPARTMENT_TWICE", "{there}");
    }
    let another = asked.clone().hears("03-04 Z becomes W");
    assert!(another.starts_with("OPINION_WITHDRAWN"), "{another}");
    let mut back = asked.has_heard("03-04 withdraw Y");
    let again = back.hears("03-04 Z becomes Y");
    assert!(again.starts_with("OPINION_WITHDRAWN"), "{again}");
}

#[test]
fn an_opinion_is_asked_for_after_the_beginning_and_before_the_decision() {
    let mut matter = Hall::new().receive("03-02", "A").after("03-05 accept");
    matter.come(date("03-06"));
    let asks = |day: &str| {
        let on = date(day);
        let when = When {
            at: matter.last,
            on,
        };
        let mut file = matter.file.clone();
        let new_id = || id::<ReviewId>(100);
        file.ask_opinions(case_id(0), &ask("X all"), when, &matter.hall, new_id)
            .map(Outcome::Done)
    };
    assert_eq!(told(&asks("03-04")), "refused ACT_OUT_OF_ORDER");
    assert_eq!(told(&asks("03-05")), "OPINION_ASKED X");

    let mut asked = in_review().has_heard("03-03 A agree; 03-05 ask A: X? any");
    let early = asked.says("03-06 for 03-04 A grant");
    assert_eq!(early, "refused ACT_OUT_OF_ORDER");
    assert_eq!(
        asked.says("03-06 for 03-05 A grant"),
        "CASE_GRANTED A, APPLICATION_CONCLUDED"
    );
}

#[test]
fn a_grant_on_conditions_that_exclude_each_other_needs_reasons() {
    let mut matter = in_review().has_heard("03-03 ask A: X Y all");
    for (at, category) in [(1, "独立通道"), (2, "共用通道")] {
        let condition = Condition {
            category: category.to_owned(),
            text: "开业前完成".to_owned(),
            article: "某条例 第三条".to_owned(),
        };
        let opinion = Opinion::try_new(OpinionKind::Agree, None).unwrap();
        let opinion = opinion.on_condition(vec![condition]).unwrap();
        let review = matter.file.reviews[at].id;
        let given = matter
            .file
            .give_opinion(review, &person(4), opinion, matter.last);
        assert!(matches!(given, Ok(Outcome::Done(_))), "{given:?}");
    }
    let matter = matter.has_heard("03-04 A agree");
    let decides = |reasons: Option<&str>, opposed: &Opposed| {
        let decision = Decision::try_new(true, reasons.map(str::to_owned)).unwrap();
        let mut file = matter.file.clone();
        let when = When::now(matter.last);
        told(&file.decide(case_id(0), decision, &person(2), when, opposed))
    };
    let opposed = Opposed {
        opposed: vec![("共用通道".to_owned(), "独立通道".to_owned())],
    };
    assert_eq!(decides(None, &opposed), "refused REASONS_REQUIRED");
    assert!(decides(Some("以独立通道为准"), &opposed).starts_with("CASE_GRANTED"));
    assert!(decides(None, &Opposed::default()).starts_with("CASE_GRANTED"));
}

/// Asked again, and silent where silence counts as consent: the former disagreement needs no reasons any more. One with the force
/// of a veto stands until its department agrees.
#[test]
fn whoever_lets_the_next_question_pass_in_silence_does_not_disagree_any_more() {
    for (first, second, decided) in [("X", "X", "CASE_GRANTED A"), ("X!", "X", "refused VETOED")] {
        let matter = tacit(TacitPolicy::OpinionOnly, true).receive("03-02", "A");
        let mut matter = matter.after("03-02 accept").has_heard(&format!(
            "03-03 ask A: {first} any; 03-04 X disagree; 03-05 ask A: {second} any"
        ));
        matter.come(date("03-20"));
        assert!(
            matter.opinions().contains("X 2 TACIT"),
            "{}",
            matter.opinions()
        );
        let said = matter.hears("03-20 A agree");
        assert!(said.starts_with("OPINION_GIVEN"), "{said}");
        let said = matter.hears("03-20 A grant");
        assert!(said.starts_with(decided), "{first} {second}: {said}");
        let against = standing(matter.file.reviews.iter());
        assert_eq!(
            against.is_empty(),
            decided.starts_with("CASE"),
            "{against:?}"
        );
    }
}

#[test]
fn whatever_becomes_of_an_opinion_is_a_change_of_its_case() {
    let hall = || tacit(TacitPolicy::OpinionOnly, true);
    let asked = hall().receive("03-02", "A").after("03-02 accept");
    let asked = asked.has_heard("03-03 ask A: X Y all");
    let version = |matter: &Matter| matter.file.cases[0].version;
    let before = version(&asked);
    for words in ["03-04 X disagree", "03-04 withdraw X"] {
        let matter = asked.clone().has_heard(words);
        assert_eq!(version(&matter), before + 1, "{words}");
    }
    // Somebody is not asked any more, and another is.
    let replaced = asked.clone().has_heard("03-04 X becomes W");
    assert_eq!(version(&replaced), before + 2);
    let mut silent = asked;
    silent.come(date("03-09"));
    assert_eq!(
        silent.opinions(),
        "X 1 TACIT 2026-03-05; Y 1 TACIT 2026-03-05"
    );
    assert_eq!(version(&silent), before + 2);
}

#[test]
fn whom_nobody_asks_any_more_is_not_waited_for_but_somebody_must_remain() {
    let matter = in_review().has_heard("03-03 ask A: X Y V? all");
    let mut matter = matter.has_heard("03-04 withdraw X");
    assert_eq!(
        matter.opinions(),
        "X 1 WITHDRAWN none; Y 1 OPEN 2026-03-10; V 1 OPEN 2026-03-10"
    );
    assert_eq!(matter.hears("03-04 withdraw X"), "unchanged");
    assert_eq!(
        matter.hears("03-04 X agree"),
        "refused WRONG_STATE WITHDRAWN"
    );
    assert_eq!(matter.hears("03-04 withdraw Y"), "refused NOBODY_LEFT");
    let mut matter = matter.has_heard("03-04 withdraw V; 03-04 Y becomes W; 03-05 W agree");
    assert!(
        matter
            .hears("03-05 withdraw W")
            .starts_with("refused ALREADY_DECIDED")
    );
    assert!(matter.hears("03-05 A agree").starts_with("OPINION_GIVEN"));
    assert_eq!(
        matter.opinions(),
        "X 1 WITHDRAWN none; Y 1 WITHDRAWN none; V 1 WITHDRAWN none; W 1 GIVEN 2026-03-11"
    );

    // Of two that must both agree none can go; of three of which two must, one can.
    let mut both = in_review().has_heard("03-03 ask A: X Y 2");
    assert_eq!(both.hears("03-03 withdraw X"), "refused NOBODY_LEFT");
    let mut three = in_review().has_heard("03-03 ask A: X Y Z 2; 03-03 withdraw X");
    assert_eq!(three.hears("03-03 withdraw Y"), "refused NOBODY_LEFT");

    let mut examined = in_review().has_heard("03-03 ask A: X all");
    let own = examined.file.reviews[0].id;
    let refused = examined
        .file
        .withdraw_opinion(own, "误送", When::now(examined.last));
    assert_eq!(refused.unwrap_err().reason, Reason::OpinionNotAsked);
}

#[test]
fn a_decision_or_any_other_end_cancels_what_is_still_out() {
    for end in ["03-05 A grant", "03-05 A terminate", "03-05 withdraw"] {
        let mut matter =
            in_review().has_heard("03-03 ask A: X Y? any; 03-04 X agree; 03-05 A agree");
        let said = matter.hears(end);
        assert!(!said.starts_with("refused"), "{end}: {said}");
        assert!(
            matter.opinions().contains("Y 1 CANCELLED"),
            "{end}: {}",
            matter.opinions()
        );
        assert!(
            matter.hears("03-05 Y agree").starts_with("refused"),
            "{end}"
        );
        assert_eq!(
            matter.clocks(ClockKind::Opinion).matches("stopped").count(),
            2,
            "{end}"
        );
    }
}

#[test]
fn each_opinion_has_a_clock_of_its_own() {
    // The Qingming holiday is from 4 to 6 April.
    let matter = Hall::new().receive("04-01", "A").after("04-01 accept");
    let matter = matter.has_heard("04-02 ask A: X Y:3 all; 04-03 X agree; 04-03 Y becomes Z");
    assert_eq!(
        matter.clocks(ClockKind::Opinion),
        "A 04-02 due 04-10, stopped 04-03; A 04-02 due 04-08, stopped 04-03; A 04-03 due 04-13"
    );
    // A procedure of the case stops the clock of the opinion with that of the whole.
    let mut paused = matter.has_heard("04-07 A begin EXPERT_REVIEW 5; 04-09 A end EXPERT_REVIEW");
    let due = paused.clocks(ClockKind::Opinion);
    assert!(due.ends_with("A 04-03 due 04-15"), "{due}");
    assert_eq!(paused.hears("04-09 Z agree"), "OPINION_GIVEN Z");
}

#[test]
fn the_usual_time_for_an_opinion_is_for_the_centre_to_decide() {
    let hall = Hall::new().convening(|law| law.opinion_days = 2);
    let matter = hall.receive("04-01", "A").after("04-01 accept");
    let matter = matter.has_heard("04-02 ask A: X Y:3 all");
    assert_eq!(
        matter.clocks(ClockKind::Opinion),
        "A 04-02 due 04-07; A 04-02 due 04-08"
    );
}

#[test]
fn an_opinion_ends_no_step_and_no_examination_in_what_was_known_then() {
    let matter = in_review().has_heard("03-03 ask A: X all; 03-04 X agree");
    let folded = matter.file.folded(matter.file.course.clone());
    assert_eq!(states(&folded), "A IN_REVIEW");
    assert_eq!(
        matter.clocks(ClockKind::Step),
        "A 03-02 due 03-05",
        "the examination takes its three days on"
    );
    let matter = matter.has_heard("03-05 A agree");
    assert_eq!(
        states(&matter.file.folded(matter.file.course.clone())),
        "A DECIDING"
    );
}

/// A bundle of A, in which silence is treated by a policy.
pub(super) fn tacit(policy: TacitPolicy, eligible: bool) -> Hall {
    let component = Component {
        item: "A".to_owned(),
        mode: ComponentMode::Parallel,
        depends_on: Vec::new(),
        include_when: None,
        opinion_days: Some(2),
        tacit_eligible: eligible,
    };
    let tacit_consent = TacitConsent {
        policy,
        ..bundle().tacit_consent
    };
    Hall {
        bundle: Some(crate::bundle::BundleVersion {
            components: vec![component],
            tacit_consent,
            ..bundle()
        }),
        ..Hall::new()
    }
}

#[test]
fn silence_counts_only_where_the_bundle_says_so_and_never_against_a_veto() {
    let silent = |hall: Hall, whom: &str| {
        let matter = hall.receive("03-02", "A").after("03-02 accept");
        let mut matter = matter.has_heard(&format!("03-03 ask A: {whom} all"));
        let said = matter.hears("03-06 A agree");
        (matter.opinions(), said)
    };
    let passed = (
        "X 1 TACIT 2026-03-05".to_owned(),
        "OPINION_GIVEN A".to_owned(),
    );
    let waits = (
        "X 1 OPEN 2026-03-05".to_owned(),
        "refused OPINIONS_OUTSTANDING".to_owned(),
    );
    assert_eq!(silent(tacit(TacitPolicy::OpinionOnly, true), "X"), passed);
    assert_eq!(silent(tacit(TacitPolicy::Component, true), "X"), passed);
    assert_eq!(silent(tacit(TacitPolicy::OpinionOnly, false), "X"), waits);
    assert_eq!(silent(tacit(TacitPolicy::Off, true), "X"), waits);
    assert_eq!(
        silent(tacit(TacitPolicy::OpinionOnly, true), "X!").1,
        waits.1
    );
}

#[test]
fn what_passed_in_silence_stays_so_when_the_policy_is_switched_off() {
    let matter = tacit(TacitPolicy::OpinionOnly, true)
        .receive("03-02", "A")
        .after("03-02 accept");
    let mut matter = matter.has_heard("03-03 ask A: X all");
    matter.come(date("03-05"));
    assert_eq!(
        matter.opinions(),
        "X 1 OPEN 2026-03-05",
        "the last day is theirs"
    );
    matter.come(date("03-09"));
    let passed = matter.journal.last().unwrap().clone();
    assert_eq!(
        (passed.kind, passed.on),
        (EventKind::OpinionTacit, Some(date("03-06")))
    );
    assert!(
        matter.file.reviews[1].given.is_none(),
        "nobody signed anything"
    );
    matter.hall = tacit(TacitPolicy::Off, true);
    matter.come(date("03-10"));
    assert_eq!(matter.opinions(), "X 1 TACIT 2026-03-05");
    assert!(matter.hears("03-10 A agree").starts_with("OPINION_GIVEN"));
    assert_eq!(matter.hears("03-10 X agree"), "refused WRONG_STATE TACIT");
}

proptest! {
    /// Whatever is asked, answered, taken back and asked of others in whatever order: what is waited for is what the rule
    /// says of the opinions that are there, and a case never waits for ever with everybody having answered.
    #[test]
    fn completeness_is_what_the_opinions_say(
        deeds in prop::collection::vec((0_usize..8, 0_usize..6, 0_usize..6), 1..25)
    ) {
        let names = ["X", "Y", "Z", "U", "V", "W"];
        let mut matter = in_review();
        for (what, one, other) in deeds {
            let (one, other) = (names[one], names[other]);
            let has = matter.file.reviews.iter().any(|review| review.department == one);
            let words = match what {
                0 => format!("03-03 ask A: {one} {other}? all"),
                1 => format!("03-03 ask A: {one} {other} any"),
                2 => "03-03 A begin EXPERT_REVIEW 5".to_owned(),
                3 => "03-03 A end EXPERT_REVIEW".to_owned(),
                4 if has => format!("03-03 withdraw {one}"),
                5 if has => format!("03-03 {one} becomes {other}"),
                _ if has => format!("03-03 {one} agree"),
                _ => continue,
            };
            let before = matter.file.clone();
            if matter.hears(&words).starts_with("refused") {
                prop_assert_eq!(&matter.file, &before, "{} changed something", words);
            }
            // What is answered keeps its date, whatever happens to the case afterwards.
            for (was, is) in before.reviews.iter().zip(&matter.file.reviews) {
                prop_assert!(!was.state.is_over() || was == is, "{}: {:?} then {:?}", words, was, is);
            }
            let numbers: Vec<u32> = matter.file.reviews.iter()
                .filter_map(|review| Some(review.consultation.as_ref()?.number)).collect();
            let expected: Vec<u32> = (1..).take(numbers.len()).collect();
            prop_assert_eq!(numbers, expected);
            prop_assert_eq!(matter.file.clocks(&matter.hall).iter()
                .filter(|clock| clock.running.kind == ClockKind::Opinion).count(), matter.file.reviews.len() - 1);
        }
        if case_of(&matter.file, 0).state == CaseState::Suspended {
            matter.says("03-03 A end EXPERT_REVIEW");
        }
        // Everybody who is still asked answers: then the examination can end.
        let asked = |name: &&str| matter.file.reviews.iter().any(|review| review.department == **name);
        for name in names.into_iter().filter(asked).collect::<Vec<_>>() {
            matter.hears(&format!("03-04 {name} agree"));
        }
        prop_assert_eq!(matter.hears("03-04 A agree"), "OPINION_GIVEN A");
    }
}
