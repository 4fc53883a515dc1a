//! Writing the digests of a day.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use lianshen_domain::application::Moment;
use lianshen_domain::digest::{Digest, Holding, LateApplication, UrgentAct, is_due};
use lianshen_domain::ids::{ApplicationId, Id as _};
use uuid::Uuid;

use super::store;
use crate::app::App;
use crate::case::{ItemOf, courses_of, histories_of, outlook_of};
use crate::catalogue::Snapshot;
use crate::error::AppError;
use crate::lease;
use crate::telemetry;

/// How many open applications of a lead department are foreseen: those whose joint promise ends first.
const MOST_FORESEEN: usize = 200;

/// Writes what is due and not there yet, for every centre; answers how many were written.
///
/// The key of the table has each written once, whoever else is at it; the lease only spares others the toil. What fails is
/// tried again in the next round, and keeps nobody else from being told.
///
/// # Errors
/// When the database refuses, after all others were written; busy when the lease was lost over it. A digest that cannot be
/// made is counted, and is nobody else's fault.
pub async fn write(app: &App, holder: Uuid) -> Result<usize, AppError> {
    let at = app.env.moment();
    let snapshot = app.library.present();
    let digest_at = app.config.outlook.digest_at;
    let centres = snapshot.centres.values();
    let working =
        centres.filter(|centre| is_due(snapshot.calendar(&centre.region, None), at, digest_at));
    let due: Vec<(&str, &str)> = working
        .flat_map(|centre| {
            let departments = centre.department_ids.keys();
            departments.map(|department| (centre.region.as_str(), department.as_str()))
        })
        .collect();
    if due.is_empty() {
        return Ok(0);
    }
    let written = store::written(app.db.reader(), at.today).await?;
    let missing: Vec<(String, String)> = due
        .into_iter()
        .map(|(region, department)| (region.to_owned(), department.to_owned()))
        .filter(|of| !written.contains(of))
        .collect();
    if missing.is_empty() {
        return Ok(0);
    }
    let Some(lease) = lease::take(&app.db, &app.env, "digest", holder).await? else {
        return Ok(0);
    };
    let all = write_all(app, &snapshot, missing, at);
    lease.keep(&app.db, &app.env, all).await
}

async fn write_all(
    app: &App,
    snapshot: &Arc<Snapshot>,
    missing: Vec<(String, String)>,
    at: Moment,
) -> Result<usize, AppError> {
    let mut written = 0;
    let mut failed = None;
    // Those of a centre share a commit: acts of the early morning wait for it once, not once a department.
    for of_centre in missing.chunk_by(|(one, _), (other, _)| one == other) {
        let mut made = Vec::with_capacity(of_centre.len());
        for (region, department) in of_centre {
            let (own, snapshot) = (app.clone(), snapshot.clone());
            let of = (region.clone(), department.clone());
            // In a task of its own, so that a panic is one department's, too.
            let one = app.run(async move { make(&own, &snapshot, (&of.0, &of.1), at).await });
            match one.await {
                Ok(digest) => made.push(((region.as_str(), department.as_str()), digest)),
                Err(error) => {
                    tracing::warn!(%region, %department, %error, "a digest could not be made");
                    telemetry::left_out("digest", 1);
                }
            }
        }
        match store::keep(&app.db, &made, at).await {
            Ok(new) => written += new,
            Err(error) => failed = Some(error),
        }
    }
    failed.map_or(Ok(written), Err)
}

/// What lies before a department.
async fn make(
    app: &App,
    snapshot: &Arc<Snapshot>,
    of: (&str, &str),
    at: Moment,
) -> Result<Digest, AppError> {
    let db = app.db.reader();
    let mut digest = Digest::default();
    for count in store::counts(db, of, at.today).await? {
        let n = u64::try_from(count.n).unwrap_or(0);
        digest.count(count.review, count.due.0, n);
    }
    let calendar = snapshot.calendar(of.0, Some(of.1));
    let acts = store::urgent(db, of, at.today).await?.into_iter();
    let acts = acts.map(|act| UrgentAct {
        days_left: act
            .due_on
            .map(|due_on| calendar.workdays_between(at.today, due_on)),
        ..act
    });
    digest.name_urgent(acts.collect());
    digest.name_late(late(app, snapshot, of).await?);
    Ok(digest)
}

/// The joint applications of a lead department whose forecast passes the joint promise.
async fn late(
    app: &App,
    snapshot: &Arc<Snapshot>,
    of: (&str, &str),
) -> Result<Vec<LateApplication>, AppError> {
    let db = app.db.reader();
    let led = store::led(db, of, MOST_FORESEEN as u64).await?;
    if led.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<ApplicationId> = led.iter().map(|row| ApplicationId::new(row.id)).collect();
    let mut cases = store::cases_of(db, &ids).await?;
    let mut courses = courses_of(app, &ids).await?;
    let items: HashSet<ItemOf> = cases
        .values()
        .flatten()
        .map(|(case, _)| ItemOf::from(&**case))
        .collect();
    let items: Vec<ItemOf> = items.into_iter().collect();
    let mut histories = HashMap::new();
    for some in items.chunks(500) {
        histories.extend(histories_of(app, some).await?);
    }
    let history = |item: &str| {
        let of = ItemOf {
            region: of.0.to_owned(),
            item: item.to_owned(),
        };
        histories.get(&of)
    };
    let mut late = Vec::new();
    for row in &led {
        let id = ApplicationId::new(row.id);
        let cases = cases.remove(&id).unwrap_or_default();
        // Of what is not understood nothing is foretold, and the others are.
        let Ok(course) = courses.remove(&id).transpose() else {
            tracing::warn!(application.id = %row.id, "the record of an application is not understood; the digest does not say whether it is late");
            continue;
        };
        let course = course.unwrap_or_default();
        let outlook = outlook_of(app, snapshot, (row, &cases, &course), &history)?;
        let spare = outlook.spare.promised.filter(|days| *days < 0);
        if let Some((ends_on, days)) = outlook.ends_on.zip(spare) {
            late.push(LateApplication {
                application: row.id,
                receipt_number: row.receipt_number.clone(),
                ends_on,
                late_by: -days,
                held_by: Holding::of(&outlook.owed),
            });
        }
    }
    Ok(late)
}
