//! What a digest is made of, and the digests themselves.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use lianshen_domain::application::{Moment, OwedActKind};
use lianshen_domain::code::Code as _;
use lianshen_domain::digest::{Digest, DueState, MOST_URGENT, UrgentAct};
use lianshen_domain::ids::{ApplicationId, Id as _};
use lianshen_domain::review::ReviewState;
use lianshen_entity::{Coded, application, digest};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, Order, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Set, Statement, Value,
};

use crate::case::{ApplicationRow, CaseWithReviews, anybodys_cases_of};
use crate::db::{self, Db};
use crate::error::AppError;

/// How much there is of one kind of work.
pub(super) struct Count {
    /// Reviews in this state; `None` for cases that wait for the decision.
    pub(super) review: Option<ReviewState>,
    /// What its limits say.
    pub(super) due: Coded<DueState>,
    pub(super) n: i64,
}

/// What lies before a department, a region and a code. By hand, as the two tables are counted in one statement; the
/// conditions are word by word those of the indexes of open work.
pub(super) async fn counts(
    db: &impl ConnectionTrait,
    (region, department): (&str, &str),
    today: NaiveDate,
) -> Result<Vec<Count>, AppError> {
    let due = "CASE WHEN statutory_due_on < $3 THEN 'STATUTE_PASSED' \
        WHEN promised_due_on < $3 AND statutory_due_on = $3 THEN 'LAST_DAY' \
        WHEN promised_due_on < $3 THEN 'PROMISE_PASSED' \
        WHEN statutory_due_on = $3 OR promised_due_on = $3 THEN 'TODAY' WHEN alert_on <= $3 THEN 'NEAR' ELSE 'LATER' END";
    let sql = format!(
        "SELECT state, due, CAST(count(*) AS bigint) AS n FROM ( \
         SELECT state, {due} AS due FROM review \
         WHERE region = $1 AND department = $2 AND state IN ('WAITING', 'OPEN', 'CLAIMED') \
         UNION ALL \
         SELECT state, {due} AS due FROM case_ WHERE region = $1 AND department = $2 AND state = 'DECIDING' \
         ) AS work GROUP BY state, due"
    );
    let values: Vec<Value> = vec![region.into(), department.into(), today.into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let rows = db.query_all_raw(statement).await?;
    rows.iter()
        .map(|row| {
            let state: String = row.try_get("", "state")?;
            Ok(Count {
                review: ReviewState::from_code(&state),
                due: row.try_get("", "due")?,
                n: row.try_get("", "n")?,
            })
        })
        .collect()
}

/// The most urgent reviews and decisions of a department by the next of their dates, so many of each, in any order;
/// their days left are not counted yet. By hand, because each half has a limit of its own.
pub(super) async fn urgent(
    db: &impl ConnectionTrait,
    (region, department): (&str, &str),
    today: NaiveDate,
) -> Result<Vec<UrgentAct>, AppError> {
    // One that stands still has no dates, and comes last on both engines. An opinion that was asked for has a date of its own.
    // The dates by which an inbox is sorted are the first ones, passed or not.
    let next = "CASE WHEN promised_due_on >= $3 AND (statutory_due_on IS NULL OR promised_due_on <= statutory_due_on) \
        THEN promised_due_on ELSE coalesce(statutory_due_on, promised_due_on) END";
    let sql = format!(
        "SELECT case_.id AS id, case_number, item, item_name, receipt_number, work.due_on AS due_on, reviewed, \
         case_.state = 'SUSPENDED' AND case_.department = $2 AS suspended \
         FROM (SELECT id, due_on, true AS reviewed FROM (SELECT case_id AS id, {next} AS due_on FROM review \
         WHERE region = $1 AND department = $2 AND state IN ('WAITING', 'OPEN', 'CLAIMED') AND state <> 'WAITING' \
         ORDER BY ({next}) IS NULL, {next}, review.id LIMIT {MOST_URGENT}) AS reviewed \
         UNION SELECT id, due_on, false AS reviewed FROM (SELECT id, {next} AS due_on FROM case_ \
         WHERE region = $1 AND department = $2 AND state = 'DECIDING' \
         ORDER BY ({next}) IS NULL, {next}, id LIMIT {MOST_URGENT}) AS decided) AS work \
         JOIN case_ ON case_.id = work.id JOIN application ON application.id = case_.application_id"
    );
    let values: Vec<Value> = vec![region.into(), department.into(), today.into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let rows = db.query_all_raw(statement).await?;
    rows.iter()
        .map(|row| {
            let of = |name: &str| row.try_get::<bool>("", name);
            Ok(UrgentAct {
                case: row.try_get("", "id")?,
                case_number: row.try_get("", "case_number")?,
                receipt_number: row.try_get("", "receipt_number")?,
                item: row.try_get("", "item")?,
                item_name: row.try_get("", "item_name")?,
                kind: match (of("reviewed")?, of("suspended")?) {
                    (false, _) => OwedActKind::Decision,
                    (true, true) => OwedActKind::EndProcedure,
                    (true, false) => OwedActKind::Opinion,
                },
                due_on: row.try_get("", "due_on")?,
                days_left: None,
            })
        })
        .collect()
}

/// Applications under review that a department leads, those whose joint promise ends first.
pub(super) async fn led(
    db: &impl ConnectionTrait,
    (region, department): (&str, &str),
    most: u64,
) -> Result<Vec<ApplicationRow>, AppError> {
    use application::Column;
    let open = application::Entity::find()
        .filter(Column::Region.eq(region))
        .filter(Column::LeadDepartment.eq(department))
        // Word by word the condition of the index.
        .filter(Expr::cust("application.state = 'IN_REVIEW'"))
        // A promise that stands still ends last, on both engines.
        .order_by(Expr::cust("joint_promised_due_on IS NULL"), Order::Asc)
        .order_by_asc(Column::JointPromisedDueOn)
        .order_by_asc(Column::Id)
        .limit(most);
    Ok(open.all(db).await?)
}

/// The cases of applications, with their reviews.
pub(super) async fn cases_of(
    db: &impl ConnectionTrait,
    ids: &[ApplicationId],
) -> Result<HashMap<ApplicationId, Vec<CaseWithReviews>>, AppError> {
    let all = anybodys_cases_of(db, ids).await?;
    let mut cases: HashMap<ApplicationId, Vec<CaseWithReviews>> = HashMap::new();
    for (case, reviews) in all {
        let of = cases
            .entry(ApplicationId::new(case.application_id))
            .or_default();
        of.push((case, reviews));
    }
    Ok(cases)
}

/// Whose digests of a day there are: region and code of the department.
pub(super) async fn written(
    db: &impl ConnectionTrait,
    day: NaiveDate,
) -> Result<HashSet<(String, String)>, AppError> {
    let all: Vec<(String, String)> = digest::Entity::find()
        .select_only()
        .columns([digest::Column::Region, digest::Column::Department])
        .filter(digest::Column::Day.eq(day))
        .into_tuple()
        .all(db)
        .await?;
    Ok(all.into_iter().collect())
}

/// Keeps digests, each unless there is one; answers how many there were not.
pub(super) async fn keep(
    db: &Db,
    made: &[((&str, &str), Digest)],
    at: Moment,
) -> Result<usize, AppError> {
    use digest::Column;
    if made.is_empty() {
        return Ok(0);
    }
    let row = |((region, department), contents): &((&str, &str), Digest)| {
        Ok(digest::ActiveModel {
            day: Set(at.today),
            region: Set((*region).to_owned()),
            department: Set((*department).to_owned()),
            made_at: Set(at.now),
            contents: Set(serde_json::to_value(contents).map_err(AppError::internal)?),
        })
    };
    let rows: Vec<digest::ActiveModel> = made.iter().map(row).collect::<Result<_, AppError>>()?;
    let unless_there = OnConflict::columns([Column::Day, Column::Region, Column::Department])
        .do_nothing()
        .to_owned();
    let kept = db::write(db, async |tx| {
        let insert = digest::Entity::insert_many(rows.clone()).on_conflict(unless_there.clone());
        Ok(insert.exec_without_returning(&tx.0).await?)
    });
    usize::try_from(kept.await?).map_err(AppError::internal)
}

/// The digest of a department of a day.
pub(super) async fn find(
    db: &impl ConnectionTrait,
    (region, department): (&str, &str),
    day: NaiveDate,
) -> Result<Option<digest::Model>, AppError> {
    let key = (day, region.to_owned(), department.to_owned());
    Ok(digest::Entity::find_by_id(key).one(db).await?)
}
