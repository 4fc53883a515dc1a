//! Papers (文书): made in the transaction of the act, with a number of a gap-free series.

use chrono::{Datelike as _, NaiveDate};
use lianshen_domain::actor::{Actor, Role};
use lianshen_domain::application::{File, Moment};
use lianshen_domain::calendar::Calendar;
use lianshen_domain::case::{Case, CaseResult};
use lianshen_domain::catalogue::CatalogueView as _;
use lianshen_domain::clock::Limit;
use lianshen_domain::code::Code as _;
use lianshen_domain::document::{DocumentKind, Line, LineLabel, PROVISIONAL, REMEDIES};
use lianshen_domain::event::EventKind;
use lianshen_domain::ids::{DocumentId, Id as _};
use lianshen_domain::item_code::document_number;
use lianshen_entity::{Coded, application, document};

use super::serials::{Given, Wanted};
use crate::catalogue::{Centre, Snapshot};
use crate::db::Writes;
use crate::env::Env;
use crate::error::AppError;

/// Who stands under a paper that time brought about.
const BY_SYSTEM: &str = "系统（依法自动生成）";

/// Makes the papers of one act.
pub(super) struct Papers<'a> {
    pub(super) env: &'a Env,
    pub(super) centre: &'a Centre,
    pub(super) snapshot: &'a Snapshot,
    pub(super) actor: Option<&'a Actor>,
    pub(super) at: Moment,
    rows: Vec<document::Model>,
}

/// A paper about to be written.
pub(super) struct Paper<'a> {
    pub(super) kind: DocumentKind,
    /// The case; `None` for the whole application.
    pub(super) case: Option<&'a Case>,
    pub(super) lines: Vec<Line>,
    /// The date on it: that of the act, whenever it was entered.
    pub(super) on: NaiveDate,
}

impl<'a> Papers<'a> {
    pub(super) fn new(
        env: &'a Env,
        snapshot: &'a Snapshot,
        centre: &'a Centre,
        actor: Option<&'a Actor>,
        at: Moment,
    ) -> Self {
        Self {
            env,
            centre,
            snapshot,
            actor,
            at,
            rows: Vec::new(),
        }
    }

    /// Wants a number for a paper.
    pub(super) fn want(
        &self,
        wanted: &mut Wanted,
        kind: DocumentKind,
        case: Option<&Case>,
        on: NaiveDate,
    ) {
        wanted.one(self.series(kind, case, on));
    }

    /// Adds a paper, with agency, date, applicant and signer in front as Art. 32(2) wants them.
    pub(super) fn add(
        &mut self,
        application: &application::Model,
        paper: Paper<'_>,
        given: &mut Given,
        by_time: bool,
    ) -> Result<(), AppError> {
        let signer = self.actor.filter(|_| !by_time);
        let signer = signer.filter(|actor| may_sign(actor, paper.case));
        let serial = given.next(&self.series(paper.kind, paper.case, paper.on))?;
        let serial = u32::try_from(serial).map_err(AppError::internal)?;
        let year = paper.on.year();
        let place = self.centre.region_name.trim_end_matches(['县', '市', '区']);
        let (agency, short) = match paper
            .case
            .and_then(|case| self.centre.catalogue.department(&case.department))
        {
            Some(department) => (department.name.as_str(), department.short_name.as_str()),
            None => (self.centre.name.as_str(), "政务"),
        };
        let mut lines = vec![
            Line::new(LineLabel::Agency, agency),
            Line::new(LineLabel::Date, paper.on.to_string()),
            Line::new(LineLabel::Applicant, &application.applicant_name),
            Line::new(LineLabel::ReceiptNumber, &application.receipt_number),
        ];
        if let Some(case) = paper.case {
            lines.push(Line::new(
                LineLabel::Case,
                format!("{} {}", case.case_number, case.item_name),
            ));
        }
        lines.extend(paper.lines);
        if !by_time && paper.on < self.at.today {
            lines.push(Line::new(LineLabel::EnteredOn, self.at.today.to_string()));
        }
        let name = signer.map_or(BY_SYSTEM, |actor| actor.display_name.as_str());
        lines.push(Line::new(LineLabel::Signer, name));
        self.rows.push(document::Model {
            id: self.env.id::<DocumentId>().raw(),
            application_id: application.id,
            case_id: paper.case.map(|case| case.id.raw()),
            region: application.region.clone(),
            kind: Coded(paper.kind),
            number: document_number(place, short, paper.kind.mark(), year, serial),
            department: paper.case.map(|case| case.department.clone()),
            issued_on: paper.on,
            issued_at: self.at.now,
            issued_by: signer.map(|actor| actor.account.raw()),
            body: serde_json::to_value(lines).map_err(AppError::internal)?,
        });
        Ok(())
    }

    /// Adds all of them to what is written.
    pub(super) fn write(self, writes: &mut Writes) {
        writes.insert(self.rows);
    }

    fn series(&self, kind: DocumentKind, case: Option<&Case>, on: NaiveDate) -> String {
        let department = case.map_or("CENTRE", |case| case.department.as_str());
        format!(
            "document:{}:{department}:{}:{}",
            self.centre.region,
            kind.mark(),
            on.year()
        )
    }

    /// What the receipt of acceptance names: every case that is accepted with its dates, the materials, what may take longer,
    /// the query code. What had ended before was not accepted.
    pub(super) fn acceptance_lines(
        &self,
        cases: &[Case],
        materials: &[String],
        query_code: &str,
    ) -> Vec<Line> {
        let mut lines = Vec::new();
        for case in cases.iter().filter(|case| !case.state.has_ended()) {
            lines.push(Line::new(
                LineLabel::Case,
                format!("{} {}", case.case_number, case.item_name),
            ));
            let Some(dates) = &case.dates else { continue };
            let region = &self.centre.region;
            let calendar = self.snapshot.calendar(region, Some(&case.department));
            let due = |label, on: Option<NaiveDate>| {
                let due = due_day(on?, calendar);
                Some(Line::new(label, format!("{} {due}", case.item_name)))
            };
            lines.extend(due(LineLabel::PromisedDue, dates.lamp.promised_due_on));
            lines.extend(due(LineLabel::StatutoryDue, dates.lamp.statutory_due_on));
            if let Some(item) = self.snapshot.items.get(&case.item_version) {
                for procedure in &item.special_procedures {
                    let text = format!(
                        "{} {} {} {}",
                        item.name,
                        procedure.kind.term(),
                        procedure.legal_basis,
                        time_of(procedure.limit)
                    );
                    lines.push(Line::new(LineLabel::SpecialProcedure, text));
                }
            }
        }
        lines.extend(
            materials
                .iter()
                .map(|material| Line::new(LineLabel::Material, material)),
        );
        lines.push(Line::new(LineLabel::QueryCode, query_code));
        lines
    }

    /// What a decision names; an adverse one names reasons and remedies.
    pub(super) fn decision_lines(&self, case: &Case) -> Vec<Line> {
        let mut lines = Vec::new();
        if let Some(item) = self.snapshot.items.get(&case.item_version) {
            lines.push(Line::new(LineLabel::Basis, &item.legal_basis.text));
        }
        let ending = case.ending.as_ref();
        let reasons = ending.and_then(|ending| {
            let given = ending.reasons.as_deref();
            given.or(match ending.result {
                CaseResult::Withdrawn => Some("申请人撤回申请。"),
                CaseResult::Terminated => Some("前置事项未获准予。"),
                CaseResult::NotSupplemented => Some("补正期限届满，申请人未补正材料。"),
                CaseResult::AcceptanceRevoked => Some("容缺材料未在期限内补齐。"),
                _ => None,
            })
        });
        lines.extend(reasons.map(|reasons| Line::new(LineLabel::Reasons, reasons)));
        lines
    }

    /// The remedies of an adverse paper.
    pub(super) fn remedies() -> Line {
        Line::new(LineLabel::Remedies, REMEDIES)
    }
}

/// Whether somebody signs a paper of a department, or of the centre: applicants sign none, and no department signs for
/// another. What nobody may sign is issued by the system.
fn may_sign(actor: &Actor, case: Option<&Case>) -> bool {
    let of_another = |own: &String| case.is_some_and(|case| case.department != *own);
    actor.role != Role::Applicant && !actor.department.as_ref().is_some_and(of_another)
}

/// The materials that are missing, by the names under which applicants know them.
pub(super) fn missing_lines(centre: &Centre, codes: &[String]) -> Vec<Line> {
    let name = |code: &String| {
        let material = centre.catalogue.material(code);
        material.map_or_else(|| code.clone(), |material| material.name.clone())
    };
    let lines = codes
        .iter()
        .map(|code| Line::new(LineLabel::MissingMaterial, name(code)));
    lines.collect()
}

/// As of which day counts what was brought in last by an event of a kind, where that is not its own day (下班后收件).
pub(super) fn counted_line(file: &File, kind: EventKind) -> Vec<Line> {
    let brought_in = file.course.all(kind).next_back();
    let later = brought_in.filter(|entry| entry.counts_on() > entry.on);
    let line = later.map(|entry| Line::new(LineLabel::CountsOn, entry.counts_on().to_string()));
    line.into_iter().collect()
}

/// A last day, with the caveat where its year has no holiday notice yet.
pub(super) fn due_day(on: NaiveDate, calendar: &Calendar) -> String {
    let caveat = if calendar.is_provisional(on) {
        PROVISIONAL
    } else {
        ""
    };
    format!("{on}{caveat}")
}

/// A period, as papers print it.
pub(super) fn time_of(limit: Limit) -> String {
    format!("{} {}", limit.n, limit.unit.term())
}
