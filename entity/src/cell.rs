//! One value of a row, read by its place.
//!
//! `SeaORM` makes a text of every code, and of every null, too: an error, from which it then sees that there is nothing. In rows
//! with many columns that are seldom filled that was a twentieth of what an answer cost.

use lianshen_domain::code::Code;
use sea_orm::prelude::{Date, DateTimeUtc, Json, Uuid};
use sea_orm::sqlx::{Row as _, ValueRef as _};
use sea_orm::{DbErr, QueryResult};

use crate::Coded;

/// What a column of ours may hold.
pub(crate) trait Cell: Sized {
    /// Reads the value at this place.
    fn read(row: &QueryResult, at: usize) -> Result<Self, DbErr>;
}

/// Reads from the row of whichever engine it came from, in the same words: their types are different.
macro_rules! on_its_engine {
    ($row:ident => $read:expr) => {
        if let Some($row) = $row.try_as_pg_row() {
            $read.map_err(|error| DbErr::Type(error.to_string()))
        } else if let Some($row) = $row.try_as_sqlite_row() {
            $read.map_err(|error| DbErr::Type(error.to_string()))
        } else {
            Err(DbErr::Type("a row of no engine that is known".to_owned()))
        }
    };
}

macro_rules! as_sea_orm_reads_it {
    ($($type:ty),+) => {
        $(impl Cell for $type {
            fn read(row: &QueryResult, at: usize) -> Result<Self, DbErr> {
                row.try_get_by_index(at)
            }
        })+
    };
}

as_sea_orm_reads_it!(bool, i32, i64, String, Uuid, Date, DateTimeUtc, Json);

impl<T: Code> Cell for Coded<T> {
    fn read(row: &QueryResult, at: usize) -> Result<Self, DbErr> {
        Self::of_code(on_its_engine!(row => row.try_get(at))?)
    }
}

impl<T: Cell> Cell for Option<T> {
    fn read(row: &QueryResult, at: usize) -> Result<Self, DbErr> {
        let is_null = on_its_engine!(row => row.try_get_raw(at).map(|value| value.is_null()))?;
        if is_null {
            Ok(None)
        } else {
            T::read(row, at).map(Some)
        }
    }
}
