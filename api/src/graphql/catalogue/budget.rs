//! Whether a bundle can keep what it promises.

use async_graphql::{Object, SimpleObject};
use chrono::NaiveDate;
use lianshen_domain::bundle::{Allowance, Misfit};
use lianshen_domain::rejected::{Reason, Rejected};

use crate::graphql::scalars::Date;

/// The longest stretch that is tried at once.
const MOST_DAYS: u32 = 366;

/// How many days of acceptance are tried.
///
/// # Errors
/// `NumberOutOfRange` for none, or for more than a year.
pub(super) fn days(asked: Option<i32>) -> Result<u32, Rejected> {
    let Some(asked) = asked else { return Ok(365) };
    u32::try_from(asked)
        .ok()
        .filter(|days| (1..=MOST_DAYS).contains(days))
        .ok_or_else(|| {
            Reason::NumberOutOfRange {
                min: 1,
                max: i64::from(MOST_DAYS),
            }
            .at("days")
        })
}

/// Whether a bundle can keep its joint limits (联办时限预算).
pub struct BundleBudget {
    first: NaiveDate,
    days: u32,
    allowance: Allowance,
    misfits: Vec<Misfit>,
}

impl BundleBudget {
    pub(super) fn of(
        first: NaiveDate,
        days: u32,
        allowance: Allowance,
        misfits: Vec<Misfit>,
    ) -> Self {
        Self {
            first,
            days,
            allowance,
            misfits,
        }
    }
}

/// Whether a bundle can keep its joint limits if everybody takes the whole of their term (联办时限预算). Nothing forbids to
/// publish one that cannot; a centre knows then what it promises.
#[Object]
impl BundleBudget {
    /// The first day of acceptance that was tried.
    async fn from(&self) -> Date {
        Date(self.first)
    }

    /// How many days were tried, from the first on.
    async fn days(&self) -> u32 {
        self.days
    }

    /// Working days for the lead to bring the results together (牵头汇总), as the centre has set them.
    async fn synthesis_days(&self) -> u32 {
        self.allowance.synthesis_days
    }

    /// Working days for the delivery within the joint limit, as the centre has set them.
    async fn delivery_days(&self) -> u32 {
        self.allowance.delivery_days
    }

    /// Whether the limits can be kept from every day that was tried.
    async fn fits(&self) -> bool {
        self.misfits.is_empty()
    }

    /// The days of acceptance from which they cannot, the first first.
    #[graphql(complexity = "50 * child_complexity")]
    async fn misfits(&self) -> Vec<BundleMisfit> {
        self.misfits.iter().map(Into::into).collect()
    }
}

/// A day of acceptance from which the joint limits of a bundle cannot be kept.
#[derive(SimpleObject)]
pub struct BundleMisfit {
    /// The day of the acceptance.
    pub accepted_on: Date,
    /// The day on which everything would be ready.
    pub ready_on: Date,
    /// The last day of the joint promise.
    pub promised_due_on: Date,
    /// The last day of the joint statutory period; null where there is none.
    pub statutory_due_on: Option<Date>,
    /// Whether not only the promise but the law would be broken.
    pub breaks_the_law: bool,
    /// Codes of the items that take so long, one after the other.
    pub chain: Vec<String>,
    /// Whether it rests on a year for which there is no holiday notice yet.
    pub provisional: bool,
}

impl From<&Misfit> for BundleMisfit {
    fn from(misfit: &Misfit) -> Self {
        Self {
            accepted_on: Date(misfit.accepted_on),
            ready_on: Date(misfit.ready_on),
            promised_due_on: Date(misfit.promised_due_on),
            statutory_due_on: misfit.statutory_due_on.map(Date),
            breaks_the_law: misfit.breaks_the_law(),
            chain: misfit.chain.clone(),
            provisional: misfit.provisional,
        }
    }
}
