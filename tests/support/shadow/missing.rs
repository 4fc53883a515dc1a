//! What departments miss before acceptance, and the one notice of it.

use chrono::NaiveDate;
use lianshen_domain::actor::{Actor, Role};
use lianshen_domain::application::{Moment, Notice, Wished};
use lianshen_domain::code::Code as _;
use lianshen_domain::event::Happening;
use lianshen_domain::ids::CaseId;
use lianshen_domain::missing::{MissingPoint, Wish, merged};
use lianshen_domain::rejected::Reason;
use lianshen_domain::review::Outcome;
use lianshen_domain::sharing::demanded_faults;
use serde_json::Value;

use super::{Refused, Shadow, text};
use crate::support::deed::{BASIS, BY_HAND, Missed};
use crate::support::seed;

impl Shadow {
    pub(super) fn reports(
        &mut self,
        case: CaseId,
        missed: &[Missed],
        at: Moment,
    ) -> Result<Outcome<Vec<Happening>>, Refused> {
        let rules = &*self.rules.clone();
        let subject = self.case(case).ok_or(Reason::NotFound)?.clone();
        let listed = &self.item(&subject).materials;
        for (place, point) in missed.iter().enumerate() {
            let unlisted = point
                .material
                .as_ref()
                .filter(|code| !listed.contains(code));
            if let Some(material) = unlisted.cloned() {
                let field = format!("points.{place}.materialCode");
                return Err(Reason::MaterialNotListed { material }.at(&field).into());
            }
        }
        let catalogue = seed::catalogue_file().catalogue();
        let named = missed.iter().enumerate();
        let named = named.filter_map(|(at, point)| Some((at, point.material.as_ref()?)));
        let place = |at| format!("points.{at}.materialCode");
        if let Some(fault) = demanded_faults(&catalogue, named, place).into_iter().next() {
            return Err(fault.into());
        }
        let points = missed.iter().map(|point| MissingPoint {
            text: point.text.to_owned(),
            basis: BASIS.to_owned(),
            material: point.material.clone(),
            wanted_by: vec![Wish {
                department: subject.department.clone(),
                item: Some(subject.item.clone()),
            }],
        });
        let (file, reports) = (&mut self.file, &mut self.reports);
        wished(file.report_missing(reports, case, merged(points), at, rules)?)
    }

    /// The window tells what is missing, as it has written it.
    pub(super) fn notices_by_hand(
        &mut self,
        actor: &Actor,
        days: Option<u32>,
        when: (Moment, Option<NaiveDate>),
    ) -> Result<Outcome<Vec<Happening>>, Refused> {
        let point = MissingPoint {
            text: BY_HAND.to_owned(),
            basis: BASIS.to_owned(),
            material: None,
            wanted_by: Vec::new(),
        };
        let notice = Notice {
            points: vec![point],
            merges: false,
            days,
            lead: None,
        };
        self.sends(actor, notice, when)
    }

    pub(super) fn sends_merged(
        &mut self,
        actor: &Actor,
        days: Option<u32>,
        when: (Moment, Option<NaiveDate>),
    ) -> Result<Outcome<Vec<Happening>>, Refused> {
        let lead = self.lead().map(str::to_owned);
        if let (Role::WindowClerk, Some(department)) = (actor.role, lead.clone()) {
            return Err(Reason::LeadSendsNotice { department }.into());
        }
        let notice = Notice {
            points: Vec::new(),
            merges: true,
            days,
            lead,
        };
        self.sends(actor, notice, when)
    }

    fn sends(
        &mut self,
        actor: &Actor,
        notice: Notice,
        (at, on): (Moment, Option<NaiveDate>),
    ) -> Result<Outcome<Vec<Happening>>, Refused> {
        let rules = &*self.rules.clone();
        let when = self.file.when(actor, at, on, rules.late_entry_days)?;
        wished(
            self.file
                .send_notice(&mut self.reports, notice, when, rules)?,
        )
    }

    /// What the department of a case reports in this round, in words.
    pub(super) fn report_line(&self, case: CaseId) -> Option<String> {
        let report = self.reports.of(case, self.file.report_round())?;
        let said = report.points.iter().map(|point| point.text.as_str());
        let said: Vec<&str> = said.collect();
        Some(format!("  {} {}", report.state().code(), said.join(", ")))
    }

    /// All that is missing, each with those who want it.
    pub(super) fn missing_lines(&self) -> Vec<String> {
        let points = self.reports.points().into_iter();
        let line = |point: MissingPoint| {
            let wanted: Vec<&str> = point
                .wanted_by
                .iter()
                .map(|wish| &*wish.department)
                .collect();
            format!("missing {} {}", point.text, wanted.join(" "))
        };
        points.map(line).collect()
    }
}

fn wished(wished: Wished) -> Result<Outcome<Vec<Happening>>, Refused> {
    match wished {
        Wished::Done(told) => Ok(Outcome::Done(told)),
        Wished::Unchanged => Ok(Outcome::Unchanged),
        Wished::Unlawful { refusal, .. } => Err(Refused::OnRecord(refusal)),
    }
}

/// As [`Shadow::report_line`], by what the program says of a case.
pub(super) fn told_of_report(case: &Value) -> Option<String> {
    let report = &case["missingReport"];
    if report["reportedAt"].is_null() {
        return None;
    }
    let said = report["points"].as_array().unwrap().iter();
    let said: Vec<String> = said.map(|point| text(&point["text"])).collect();
    Some(format!("  {} {}", text(&report["state"]), said.join(", ")))
}

/// As [`Shadow::missing_lines`], by what the program says of an application.
pub(super) fn told_missing(application: &Value) -> Vec<String> {
    let points = application["missingPoints"].as_array().unwrap().iter();
    let line = |point: &Value| {
        let wanted = point["wantedBy"].as_array().unwrap().iter();
        let wanted: Vec<String> = wanted.map(|wish| text(&wish["departmentCode"])).collect();
        format!("missing {} {}", text(&point["text"]), wanted.join(" "))
    };
    points.map(line).collect()
}
