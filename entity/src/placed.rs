//! Rows read by the places of their columns.
//!
//! Where tables are joined, a row is wide, and reading it by name makes a text of each name and searches for it: for an
//! application with its cases and reviews that was a tenth of the whole answer. Naming each column anew whenever a
//! statement is built was another: here they are written down once.

use sea_orm::prelude::Uuid;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, QueryResult, QuerySelect as _, QueryTrait as _, Select,
};

use crate::cell::Cell;

/// A model, or a part of one, whose columns lie side by side in a row.
pub trait Placed: Sized {
    /// The entity.
    type Entity: EntityTrait;

    /// Reads one, whose first column has this place.
    ///
    /// # Errors
    /// When a column holds something else.
    fn placed(row: &QueryResult, first: usize) -> Result<Self, DbErr>;

    /// As [`placed`](Self::placed), or nothing where an outer join found no row: its first column, the key, is null.
    ///
    /// # Errors
    /// When a column holds something else.
    fn placed_if_any(row: &QueryResult, first: usize) -> Result<Option<Self>, DbErr> {
        let key = Self::key(row, first)?;
        key.map(|_| Self::placed(row, first)).transpose()
    }

    /// The key of one whose first column has this place; nothing where an outer join found no row.
    ///
    /// # Errors
    /// When the column holds something else.
    fn key(row: &QueryResult, first: usize) -> Result<Option<Uuid>, DbErr> {
        Cell::read(row, first)
    }

    /// All its columns as one expression of a `SELECT`, in their order and without names of their own.
    fn columns() -> Expr {
        Expr::cust(Self::column_list())
    }

    /// The same as text.
    fn column_list() -> &'static str;

    /// How many columns it has.
    fn width() -> usize;
}

/// All rows that a query finds, of each as much as is read of it.
///
/// # Errors
/// When the database cannot be read, or a column holds something else.
pub async fn all_placed<P: Placed>(
    find: Select<P::Entity>,
    db: &impl ConnectionTrait,
) -> Result<Vec<P>, DbErr> {
    let query = find.select_only().expr(P::columns()).into_query();
    let rows = db.query_all(&query).await?;
    rows.iter().map(|row| P::placed(row, 0)).collect()
}

/// The columns of a row, one after the other.
pub(crate) struct Places<'a> {
    row: &'a QueryResult,
    next: usize,
}

impl<'a> Places<'a> {
    pub(crate) fn from(row: &'a QueryResult, first: usize) -> Self {
        Self { row, next: first }
    }

    pub(crate) fn next<T: Cell>(&mut self) -> Result<T, DbErr> {
        let at = self.next;
        self.next += 1;
        T::read(self.row, at)
    }
}

/// These columns of a table, with its name before each.
pub(crate) fn column_list<E: EntityTrait>(columns: &[&str]) -> String {
    let table = E::default();
    let table = table.table_name();
    let columns = columns
        .iter()
        .map(|column| format!("\"{table}\".\"{column}\""));
    columns.collect::<Vec<_>>().join(", ")
}

/// Says that a type is read by places, with these fields.
macro_rules! read_by_places {
    ($type:ident: $($field:ident),+) => {
        impl $crate::Placed for $type {
            type Entity = Entity;

            fn placed(row: &sea_orm::QueryResult, first: usize) -> Result<Self, sea_orm::DbErr> {
                let mut places = $crate::placed::Places::from(row, first);
                Ok(Self { $($field: places.next()?),+ })
            }

            fn column_list() -> &'static str {
                static LIST: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
                    $crate::placed::column_list::<Entity>(&[$(stringify!($field)),+])
                });
                &LIST
            }

            fn width() -> usize {
                [$(stringify!($field)),+].len()
            }
        }
    };
}

/// Says that a model is read by places; its fields are named in the order of the table, and none is left out.
macro_rules! placed {
    ($($field:ident),+ $(,)?) => {
        $crate::placed::read_by_places!(Model: $($field),+);

        #[cfg(test)]
        #[test]
        fn fields_are_named_in_the_order_of_the_table() {
            use sea_orm::{Iden as _, Iterable as _};
            let columns: Vec<String> = Column::iter().map(|column| column.unquoted().to_owned()).collect();
            assert_eq!(columns, [$(stringify!($field)),+]);
        }
    };
}

/// Declares some fields of a model, which are read without the rest: half of what a page of an inbox cost was columns that
/// nobody looked at.
macro_rules! fields {
    ($(#[$said:meta])+ $name:ident: $($field:ident: $type:ty),+ $(,)?) => {
        $(#[$said])+
        #[derive(Clone, Debug)]
        pub struct $name {
            $(#[doc = concat!("As `Model::", stringify!($field), "`.")] pub $field: $type),+
        }

        $crate::placed::read_by_places!($name: $($field),+);
    };
}

/// Declares some fields of a model, and makes them of a row that was read whole.
macro_rules! part {
    ($(#[$said:meta])+ $name:ident: $($field:ident: $type:ty),+ $(,)?) => {
        $crate::placed::fields! {
            $(#[$said])+
            $name: $($field: $type),+
        }

        impl From<Model> for $name {
            fn from(row: Model) -> Self {
                Self { $($field: row.$field),+ }
            }
        }
    };
}

/// Declares the part of a model that lists show, and what holds either that or all of it.
macro_rules! head {
    ($($field:ident: $type:ty),+ $(,)?) => {
        $crate::placed::fields! {
            /// The part of it that lists show.
            Head: $($field: $type),+
        }

        /// A row as far as it was read.
        #[derive(Clone, Debug)]
        pub enum Read {
            /// All of it.
            Whole(std::sync::Arc<Model>),
            /// What lists show.
            Head(std::sync::Arc<Head>),
        }

        impl Read {
            /// All of it, if it was read.
            pub fn whole(&self) -> Option<&std::sync::Arc<Model>> {
                match self {
                    Self::Whole(row) => Some(row),
                    Self::Head(_) => None,
                }
            }

            $(
                #[doc = concat!("As `Model::", stringify!($field), "`.")]
                pub fn $field(&self) -> &$type {
                    match self {
                        Self::Whole(row) => &row.$field,
                        Self::Head(head) => &head.$field,
                    }
                }
            )+
        }

        impl From<std::sync::Arc<Model>> for Read {
            fn from(row: std::sync::Arc<Model>) -> Self {
                Self::Whole(row)
            }
        }

        impl From<Head> for Read {
            fn from(head: Head) -> Self {
                Self::Head(std::sync::Arc::new(head))
            }
        }

        impl From<Model> for Read {
            fn from(row: Model) -> Self {
                Self::Whole(std::sync::Arc::new(row))
            }
        }
    };
}

pub(crate) use {fields, head, part, placed, read_by_places};
