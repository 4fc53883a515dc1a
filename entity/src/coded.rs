//! A domain code in a text column: a code that this version does not know is an error, not a panic.

use std::fmt;

use lianshen_domain::code::Code;
use sea_orm::sea_query::{
    ArrayType, ColumnType, Nullable, StringLen, Value, ValueType, ValueTypeErr,
};
use sea_orm::{ActiveValue, ColIdx, DbErr, IntoActiveValue, QueryResult, TryGetError, TryGetable};

/// A domain enum, stored as its code.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Coded<T>(pub T);

impl<T: fmt::Debug> fmt::Debug for Coded<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: Code> From<Coded<T>> for Value {
    fn from(coded: Coded<T>) -> Self {
        coded.0.code().into()
    }
}

impl<T: Code> Coded<T> {
    /// What a code in a column stands for.
    pub(crate) fn of_code(code: &str) -> Result<Self, DbErr> {
        let known = T::from_code(code).map(Coded);
        known.ok_or_else(|| DbErr::Type(format!("{code:?} is no {}", T::NAME)))
    }
}

impl<T: Code> TryGetable for Coded<T> {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        let code = String::try_get_by(row, index)?;
        Self::of_code(&code).map_err(TryGetError::DbErr)
    }
}

impl<T: Code> ValueType for Coded<T> {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        let code = <String as ValueType>::try_from(value)?;
        T::from_code(&code).map(Coded).ok_or(ValueTypeErr)
    }

    fn type_name() -> String {
        T::NAME.to_owned()
    }

    fn array_type() -> ArrayType {
        ArrayType::String
    }

    fn column_type() -> ColumnType {
        ColumnType::String(StringLen::None)
    }
}

impl<T: Code> Nullable for Coded<T> {
    fn null() -> Value {
        Value::String(None)
    }
}

impl<T: Code> IntoActiveValue<Self> for Coded<T> {
    fn into_active_value(self) -> ActiveValue<Self> {
        ActiveValue::Set(self)
    }
}

/// A code can be a part of a key, which no database makes up by counting.
impl<T: Code> sea_orm::TryFromU64 for Coded<T> {
    fn try_from_u64(_: u64) -> Result<Self, DbErr> {
        Err(DbErr::ConvertFromU64(T::NAME))
    }
}
