//! What departments miss before acceptance (缺件报告), and how all of it becomes one notice (一次性告知).
//!
//! Each department that handles a case reports once what is missing for it. Two points are one where they name the same
//! material, or say the same; the one notice tells the applicant each of them once, with everybody who wants it.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::coded;
use crate::ids::CaseId;

/// The most points of a report, and of a notice that is written by hand.
pub const MOST_POINTS: usize = 100;

coded! {
    /// What a department has said of what is missing for its case.
    pub enum ReportState {
        /// 待核对: nothing yet, and there is time.
        Awaited = "AWAITED",
        /// 缺件: something is missing.
        Missing = "MISSING",
        /// 齐全: nothing is missing.
        Complete = "COMPLETE",
        /// 逾期未报: nothing in time, which counts as nothing missing.
        Silent = "SILENT",
    }
}

/// Who wants a point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Wish {
    /// Code of the department.
    pub department: String,
    /// Code of the item for which it does; `None` for what the lead adds of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
}

/// One thing that is missing (缺件事项).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MissingPoint {
    /// What.
    pub text: String,
    /// The article or published condition on which it rests.
    pub basis: String,
    /// Code of the material, if it is one of the published list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub material: Option<String>,
    /// Who wants it; nobody named where the window does.
    pub wanted_by: Vec<Wish>,
}

impl MissingPoint {
    /// Whether both are one: the same material, or the same words on the same basis.
    pub fn is_same(&self, other: &Self) -> bool {
        match (&self.material, &other.material) {
            (Some(own), Some(others)) => own == others,
            (None, None) => (&self.text, &self.basis) == (&other.text, &other.basis),
            _ => false,
        }
    }

    /// Whether it is among others.
    pub fn is_among(&self, others: &[Self]) -> bool {
        others.iter().any(|other| self.is_same(other))
    }

    /// Takes in what another says of the same thing: nothing that somebody said is lost.
    fn join(&mut self, other: Self) {
        add_words(&mut self.text, &other.text);
        add_words(&mut self.basis, &other.basis);
        for wish in other.wanted_by {
            if !self.wanted_by.contains(&wish) {
                self.wanted_by.push(wish);
            }
        }
    }
}

fn add_words(said: &mut String, more: &str) {
    if !said.split('；').any(|part| part == more) {
        said.push('；');
        said.push_str(more);
    }
}

/// All points, each once, with everybody who wants it, in the order in which they were first named.
pub fn merged(points: impl IntoIterator<Item = MissingPoint>) -> Vec<MissingPoint> {
    let mut all: Vec<MissingPoint> = Vec::new();
    for point in points {
        match all.iter_mut().find(|known| known.is_same(&point)) {
            Some(known) => known.join(point),
            None => all.push(point),
        }
    }
    all
}

/// What the department of a case reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingReport {
    /// The case.
    pub case: CaseId,
    /// 1 before the notice, 2 after the supplement.
    pub round: u32,
    /// Code of the department.
    pub department: String,
    /// What is missing; nothing if all is there.
    pub points: Vec<MissingPoint>,
    /// When it was reported last.
    pub reported_at: DateTime<Utc>,
    /// The last day on which something could be named.
    pub due_on: NaiveDate,
}

impl MissingReport {
    /// What it says.
    pub fn state(&self) -> ReportState {
        if self.points.is_empty() {
            ReportState::Complete
        } else {
            ReportState::Missing
        }
    }
}

/// What departments reported on an application, and the notice that was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reports {
    /// The reports, one a case and round.
    pub all: Vec<MissingReport>,
    /// The points of the one notice; `None` before it was sent.
    pub noticed: Option<Vec<MissingPoint>>,
}

impl Reports {
    /// What was reported on a case in a round.
    pub fn of(&self, case: CaseId, round: u32) -> Option<&MissingReport> {
        let mut all = self.all.iter();
        all.find(|report| (report.case, report.round) == (case, round))
    }

    /// Puts a report in place of the one that was there.
    pub fn put(&mut self, report: MissingReport) {
        self.all
            .retain(|known| (known.case, known.round) != (report.case, report.round));
        self.all.push(report);
    }

    /// What is missing: by the notice once it was sent, before that by all reports.
    pub fn points(&self) -> Vec<MissingPoint> {
        let reported = self.all.iter().flat_map(|report| report.points.clone());
        let noticed = self.noticed.clone();
        noticed.unwrap_or_else(|| merged(reported))
    }

    /// Whether the notice, if there was one, names a point.
    pub fn is_noticed(&self, point: &MissingPoint) -> bool {
        let noticed = self.noticed.as_deref();
        point.is_among(noticed.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(text: &str, material: Option<&str>, department: &str) -> MissingPoint {
        MissingPoint {
            text: text.to_owned(),
            basis: "某办法 第五条".to_owned(),
            material: material.map(str::to_owned),
            wanted_by: vec![Wish {
                department: department.to_owned(),
                item: Some(format!("{department}-1")),
            }],
        }
    }

    #[test]
    fn one_material_is_one_point_and_nothing_that_was_said_is_lost() {
        let all = merged([
            point("平面图", Some("M-1"), "A"),
            point("平面图须盖章", Some("M-1"), "B"),
            point("平面图", Some("M-1"), "B"),
            point("平面图", None, "C"),
            point("平面图", None, "A"),
        ]);
        let said = |point: &MissingPoint| {
            let wanted = point.wanted_by.iter();
            let wanted: Vec<&str> = wanted.map(|wish| &*wish.department).collect();
            format!("{} {}", point.text, wanted.join(" "))
        };
        let said: Vec<String> = all.iter().map(said).collect();
        assert_eq!(said, ["平面图；平面图须盖章 A B", "平面图 C A"]);
        assert_eq!(all[0].basis, "某办法 第五条");
        assert!(
            !all[0].is_same(&all[1]),
            "the material is named, or it is not"
        );
    }

    #[test]
    fn points_are_kept_without_what_they_do_not_have() {
        let plain = MissingPoint {
            wanted_by: Vec::new(),
            ..point("签名", None, "A")
        };
        let kept = serde_json::to_value(&plain).unwrap();
        let expected =
            serde_json::json!({ "text": "签名", "basis": "某办法 第五条", "wantedBy": [] });
        assert_eq!(kept, expected);
        assert_eq!(serde_json::from_value::<MissingPoint>(kept).unwrap(), plain);
    }
}
