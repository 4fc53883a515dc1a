//! Counting again: every due date that a row keeps is made anew from the events and compared.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;
use lianshen_domain::application::File;
use lianshen_domain::code::Code as _;
use lianshen_domain::ids::{ApplicationId, BundleVersionId, Id as _};
use lianshen_entity::{application, case_, clock};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use uuid::Uuid;

use super::clocks::{clock_rows, courses};
use super::mapping::{application_of, case_of};
use super::rules::RuleBook;
use crate::catalogue::Snapshot;
use crate::config::Config;
use crate::db::Db;
use crate::error::AppError;

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
    let mut found = Recount::default();
    let mut after = Uuid::nil();
    loop {
        let rows = application::Entity::find()
            .filter(application::Column::Id.gt(after))
            .order_by_asc(application::Column::Id)
            .limit(BATCH)
            .all(db.reader())
            .await?;
        let Some(last) = rows.last() else {
            return Ok(found);
        };
        after = last.id;
        let batch = Batch::read(db, rows).await?;
        for file in batch.files() {
            let (row, kept, file) = file?;
            found.applications += 1;
            let bundle = row.bundle_version_id.map(BundleVersionId::new);
            let rules = RuleBook::new(config, snapshot.clone(), &row.region, bundle);
            compare(row, &kept, file, &rules, today, &mut found);
        }
    }
}

struct Batch {
    applications: Vec<application::Model>,
    cases: HashMap<Uuid, Vec<case_::Model>>,
    clocks: HashMap<Uuid, Vec<clock::Model>>,
    courses: HashMap<ApplicationId, lianshen_domain::application::Course>,
}

impl Batch {
    async fn read(db: &Db, applications: Vec<application::Model>) -> Result<Self, AppError> {
        let ids: Vec<Uuid> = applications.iter().map(|row| row.id).collect();
        let mut cases: HashMap<Uuid, Vec<case_::Model>> = HashMap::new();
        let rows = case_::Entity::find()
            .filter(case_::Column::ApplicationId.is_in(ids.iter().copied()))
            .order_by_asc(case_::Column::Ordinal)
            .all(db.reader())
            .await?;
        for row in rows {
            cases.entry(row.application_id).or_default().push(row);
        }
        let mut clocks: HashMap<Uuid, Vec<clock::Model>> = HashMap::new();
        let rows = clock::Entity::find()
            .filter(clock::Column::ApplicationId.is_in(ids.iter().copied()))
            .all(db.reader())
            .await?;
        for row in rows {
            clocks.entry(row.application_id).or_default().push(row);
        }
        let keys: Vec<ApplicationId> = ids.into_iter().map(ApplicationId::new).collect();
        Ok(Self {
            courses: courses(db.reader(), &keys).await?,
            applications,
            cases,
            clocks,
        })
    }

    fn files(
        &self,
    ) -> impl Iterator<
        Item = Result<
            (
                &application::Model,
                Vec<&clock::Model>,
                (File, &[case_::Model]),
            ),
            AppError,
        >,
    > {
        self.applications.iter().map(|row| {
            let cases = self.cases.get(&row.id).map_or(&[][..], Vec::as_slice);
            let course = self.courses.get(&ApplicationId::new(row.id));
            let file = File {
                application: application_of(row),
                cases: cases.iter().map(case_of).collect::<Result<_, _>>()?,
                reviews: Vec::new(),
                course: course.cloned().unwrap_or_default(),
            };
            let kept = self.clocks.get(&row.id).into_iter().flatten().collect();
            Ok((row, kept, (file, cases)))
        })
    }
}

fn compare(
    row: &application::Model,
    kept: &[&clock::Model],
    (mut file, cases): (File, &[case_::Model]),
    rules: &RuleBook,
    today: NaiveDate,
    found: &mut Recount,
) {
    let clocks = file.wind(rules, today);
    let made = clock_rows(&file, &row.region, &clocks, rules, today);
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
    for (case, row) in file.cases.iter().zip(cases) {
        let lamp = case.dates.as_ref().map(|dates| dates.lamp);
        let lamp = lamp.unwrap_or_default();
        let given = (lamp.promised_due_on, lamp.statutory_due_on);
        let kept = (row.promised_due_on, row.statutory_due_on);
        if given != kept {
            let name = &row.case_number;
            fault(
                found,
                format!("{name}: kept {kept:?}, events give {given:?}"),
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
