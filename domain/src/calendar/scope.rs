//! Where a notice holds: in the whole country, in a region, or at one department of a region.

use serde::{Deserialize, Serialize};

/// The lengths of a division code (行政区划代码) that name a province, a city, a county, a township and a village.
const LEVELS: [usize; 5] = [2, 4, 6, 9, 12];

/// Where a notice holds.
///
/// A province's notice holds in its cities and counties too (450000 in 450100); the nearer one wins. A department is
/// one of its own region only, because its code means nothing elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Scope {
    /// 全国: by the State Council.
    #[default]
    National,
    /// 地方: by the government of a region (全国年节及纪念日放假办法 Art. 4).
    Region {
        /// Division code.
        region: String,
    },
    /// 部门: by or for one department of a region.
    Department {
        /// Division code.
        region: String,
        /// Code of the department.
        department: String,
    },
}

impl Scope {
    /// The scope of a region and a department, as rows and files name them; `None` for a department of nowhere.
    pub fn of(region: Option<&str>, department: Option<&str>) -> Option<Self> {
        match (region.map(str::to_owned), department.map(str::to_owned)) {
            (None, None) => Some(Self::National),
            (Some(region), None) => Some(Self::Region { region }),
            (Some(region), Some(department)) => Some(Self::Department { region, department }),
            (None, Some(_)) => None,
        }
    }

    /// Whether it is the whole country.
    pub fn is_national(&self) -> bool {
        *self == Self::National
    }

    /// The division code of a local notice.
    pub fn region(&self) -> Option<&str> {
        match self {
            Self::National => None,
            Self::Region { region } | Self::Department { region, .. } => Some(region),
        }
    }

    /// The code of the one department for which a notice holds.
    pub fn department(&self) -> Option<&str> {
        match self {
            Self::Department { department, .. } => Some(department),
            Self::National | Self::Region { .. } => None,
        }
    }

    /// Whether a notice of this scope is heeded somewhere in a region, be it at one department only.
    pub fn reaches(&self, region: &str) -> bool {
        match self {
            Self::National => true,
            Self::Region { region: wide } => region.starts_with(stem(wide)),
            Self::Department { region: own, .. } => stem(own) == stem(region),
        }
    }
}

/// Whether this is a division code in its shortest spelling, so that a place has one: 6 digits down to a county, 9 for
/// a township, 12 for a village.
pub(super) fn is_division(code: &str) -> bool {
    let shortest = stem(code).len().max(6);
    code.bytes().all(|byte| byte.is_ascii_digit())
        && !code.starts_with('0')
        && LEVELS.contains(&code.len())
        && code.len() == shortest
}

/// A division code without the zeros that stand for no lower level: 330000 is 33, and 331000 is 3310.
pub(super) fn stem(code: &str) -> &str {
    let cut = LEVELS
        .iter()
        .filter_map(|level| code.get(..*level).zip(code.get(*level..)));
    let mut cut = cut.filter(|(_, rest)| rest.bytes().all(|byte| byte == b'0'));
    cut.next().map_or(code, |(stem, _)| stem)
}

/// The stems of the divisions in which a region lies, itself among them, the nearest first.
pub(super) fn stems_around(region: &str) -> impl Iterator<Item = &str> {
    let own = stem(region);
    let wider = LEVELS
        .iter()
        .rev()
        .filter(move |level| **level < own.len())
        .filter_map(move |level| own.get(..*level));
    std::iter::once(own).chain(wider)
}
