//! The pure core of lianshen: no database, no GraphQL, no clock, no I/O; it cannot fail but by a refusal.
pub mod account;
pub mod actor;
pub mod applicant;
pub mod application;
pub mod bundle;
pub mod case;
pub mod catalogue;
pub mod clock;
pub mod code;
pub mod document;
pub mod event;
pub mod guide;
pub mod ids;
pub mod item;
pub mod item_code;
pub mod limit;
pub mod plain_text;
pub mod rejected;
pub mod review;
pub mod session;
pub mod submission;
pub mod calendar { 
    //! temp
    use chrono::{DateTime, NaiveDate, Utc, FixedOffset};
    /// x
    pub fn local_date(i: DateTime<Utc>) -> NaiveDate { i.with_timezone(&FixedOffset::east_opt(8*3600).unwrap()).date_naive() }
}
