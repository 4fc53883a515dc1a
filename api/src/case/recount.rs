//! Counting again: every due date that a row keeps is made anew from the events and compared.

use std::sync::Arc;

use chrono::NaiveDate;
use lianshen_domain::code::Code as _;
use lianshen_entity::{application, clock};
use sea_orm::EntityTrait as _;
use uuid::Uuid;

use super::batch::{Batch, Lying};
use super::clocks::clock_rows;
use super::rules::RuleBook;
use crate::catalogue::Snapshot;
use crate::config::Config;
use crate::db::{Counting, Db};
use crate::error::AppError;
use crate::page::batch_after;
use crate::pulse;

/// How many applications are read at once.
const BATCH: u64 = 200;

/// What counting again found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recount {
    /// Applications that were looked at.
    pub applications: u64,
    /// Clocks that were compared.
    pub clocks: u64,
    /// What differs: receipt number, clock, what is kept and what the events give. At most 100 are named.
    pub faults: Vec<String>,
}

const FAULTS_MAX: usize = 100;

/// Makes every clock anew from its events and compares it with what is kept.
///
/// # Errors
/// When the database cannot be read.
pub async fn recount(
    db: &Db,
    snapshot: &Arc<Snapshot>,
    config: &Arc<Config>,
    today: NaiveDate,
) -> Result<Recount, AppError> {
    let counting = Counting::open(db).await?;
    let mut found = Recount::default();
    let mut after = Uuid::nil();
    loop {
        pulse::at_work();
        // As of one moment: an act between two statements is no fault.
        let moment = counting.moment().await?;
        let all = application::Entity::find();
        let rows = batch_after(all, application::Column::Id, after, BATCH, &*moment).await?;
        let Some(last) = rows.last() else {
            return Ok(found);
        };
        after = last.id;
        for lying in Batch::read(&*moment, rows).await?.files() {
            found.applications += 1;
            let lying = match lying {
                Ok(lying) => lying,
                Err(obscure) => {
                    let (number, why) = (obscure.receipt_number, obscure.why);
                    fault(&mut found, format!("{number} cannot be counted: {why}"));
                    continue;
                }
            };
            let rules = RuleBook::of(config, snapshot.clone(), &lying.row);
            compare(lying, &rules, today, &mut found);
        }
    }
}

fn compare(lying: Lying, rules: &RuleBook, today: NaiveDate, found: &mut Recount) {
    let Lying {
        row,
        cases,
        clocks: kept,
        asked,
        mut file,
    } = lying;
    let clocks = file.wind(rules, today);
    let made = clock_rows(&file, &row.region, &clocks, today);
    let number = &row.receipt_number;
    // Rows from before there were clocks are made by the next sweep.
    if kept.is_empty() && row.sweep_on.is_some() {
        return;
    }
    for one in &made {
        found.clocks += 1;
        let same = kept.iter().find(|other| {
            (other.subject_id, other.kind, other.ordinal) == (one.subject_id, one.kind, one.ordinal)
        });
        let (due, name) = (one.due_on, one.kind.0.code());
        match same {
            None => fault(
                found,
                format!("{number} {name}: not kept, should be {due:?}"),
            ),
            Some(other) => {
                let said = |row: &clock::Model| {
                    (row.anchor_on, row.n, row.unit, row.due_on, row.stopped_on)
                };
                if said(other) != said(one) {
                    let kept = other.due_on;
                    fault(
                        found,
                        format!("{number} {name}: kept {kept:?}, events give {due:?}"),
                    );
                }
            }
        }
    }
    // Rows from before a version knew what it keeps are made by the next sweep.
    let is_due = row.sweep_on.is_some_and(|on| on <= today);
    for (case, row) in file.cases.iter().zip(&cases) {
        let dates = case.dates.as_ref();
        let name = &row.case_number;
        let lamp = dates.map(|dates| dates.lamp).unwrap_or_default();
        let given = (lamp.promised_due_on, lamp.statutory_due_on);
        let kept = (row.promised_due_on, row.statutory_due_on);
        if given != kept {
            fault(
                found,
                format!("{name}: kept {kept:?}, events give {given:?}"),
            );
        }
        let given = dates.and_then(|dates| dates.standing_unsuspended);
        let kept = row.standing_unsuspended.map(|standing| standing.0);
        if given != kept && !is_due {
            fault(
                found,
                format!("{name} without suspensions: kept {kept:?}, events give {given:?}"),
            );
        }
    }
    // What is answered keeps the date that it had; its clock is among those above.
    let open = file.reviews.iter().zip(&asked);
    for (review, row) in open.filter(|(review, _)| !review.state.is_over()) {
        let lamp = review.consultation.as_ref().map(|asked| asked.lamp);
        let given = lamp.unwrap_or_default().promised_due_on;
        let kept = row.promised_due_on;
        if given != kept {
            let name = &row.department;
            fault(
                found,
                format!("{number} opinion of {name}: kept {kept:?}, events give {given:?}"),
            );
        }
    }
    let joint = file.application.joint;
    let given = (joint.promised_due_on, joint.statutory_due_on);
    let kept = (row.joint_promised_due_on, row.joint_statutory_due_on);
    if given != kept {
        fault(
            found,
            format!("{number} joint: kept {kept:?}, events give {given:?}"),
        );
    }
}

fn fault(found: &mut Recount, text: String) {
    if found.faults.len() < FAULTS_MAX {
        found.faults.push(text);
    }
}
