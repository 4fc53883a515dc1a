//! The dashboard: what a supervisor sees of the centre, and a department of itself.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use lianshen_domain::actor::{Action, Actor, may};
use lianshen_domain::tally::{Counts, month_of};

use super::store::{self, Asked};
use crate::app::App;
use crate::error::AppError;

/// What the tally says today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dashboard {
    /// The day by which open cases are near their end or late.
    pub today: NaiveDate,
    /// The first day of the month in which cases ended and cards were raised.
    pub month: NaiveDate,
    /// By code of the department: all of the centre, or the reader's own.
    pub departments: BTreeMap<String, Counts>,
    /// Of applications as a whole; nothing for a department.
    pub joint: Counts,
    /// The sum of all of it.
    pub total: Counts,
}

/// Reads the dashboard, of the month in which a day lies: of the whole centre, or for people of a department of that.
///
/// # Errors
/// `Forbidden` for roles that have none.
pub async fn dashboard(
    app: &App,
    actor: &Actor,
    month: Option<NaiveDate>,
) -> Result<Dashboard, AppError> {
    may(actor, Action::ReadDashboard)?;
    let today = app.env.moment().today;
    let month = month_of(month.unwrap_or(today));
    let own = actor.role.has_department();
    let asked = Asked {
        region: &actor.region,
        // Whoever should have a department and has none sees that of nobody.
        department: own.then(|| actor.department.as_deref().unwrap_or("-")),
        today,
        month,
    };
    let sums = store::sums(app.db.reader(), asked).await?;
    // Where nothing happened there is a row of noughts all the same.
    let snapshot = app.library.present();
    let published = snapshot.centre(&actor.region).into_iter();
    let mut departments: BTreeMap<String, Counts> = published
        .flat_map(|centre| centre.department_ids.keys())
        .filter(|code| asked.department.is_none_or(|own| own == *code))
        .map(|code| (code.clone(), Counts::default()))
        .collect();
    let (mut joint, mut total) = (Counts::default(), Counts::default());
    for (key, n) in sums {
        total.add(key.counted, n);
        if key.department.is_empty() {
            joint.add(key.counted, n);
        } else {
            let of = departments.entry(key.department).or_default();
            of.add(key.counted, n);
        }
    }
    Ok(Dashboard {
        today,
        month,
        departments,
        joint,
        total,
    })
}
