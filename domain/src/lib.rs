//! The pure core of lianshen: no database, no GraphQL, no clock, no I/O; it cannot fail but by a refusal.
pub mod actor;
pub mod applicant;
pub mod application;
pub mod case;
pub mod clock;
pub mod code;
pub mod document;
pub mod event;
pub mod ids;
pub mod rejected;
pub mod review;
pub mod calendar { 
    //! temp
    use chrono::{DateTime, NaiveDate, Utc, FixedOffset};
    /// x
    pub fn local_date(i: DateTime<Utc>) -> NaiveDate { i.with_timezone(&FixedOffset::east_opt(8*3600).unwrap()).date_naive() }
}
