//! What a centre decides about mediation.

use serde::{Deserialize, Serialize};

/// What the centre decides about mediation. Keys of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MediationPolicy {
    /// Working days that each level has.
    pub level_days: u32,
    /// Code of the department that the government has named for conflicts; empty for none.
    pub named_department: String,
}

impl MediationPolicy {
    /// The policy of a centre that has decided nothing.
    pub const DEFAULT: Self = Self {
        level_days: 3,
        named_department: String::new(),
    };

    /// The department that the government has named.
    pub fn named(&self) -> Option<&str> {
        Some(self.named_department.as_str()).filter(|code| !code.is_empty())
    }

    /// What is out of its bounds: the key, what it is, and what it may be.
    pub fn faults(&self) -> Vec<String> {
        let days = self.level_days;
        let faulty = !(1..=30).contains(&days);
        let fault = format!("mediation.level_days is {days}, and may be 1 to 30");
        faulty.then_some(fault).into_iter().collect()
    }
}

impl Default for MediationPolicy {
    fn default() -> Self {
        Self::DEFAULT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_names_what_is_out_of_bounds() {
        for (level_days, is_faulty) in [(0, true), (1, false), (30, false), (31, true)] {
            let policy = MediationPolicy {
                level_days,
                ..MediationPolicy::DEFAULT
            };
            assert_eq!(!policy.faults().is_empty(), is_faulty, "{level_days}");
        }
        assert_eq!(MediationPolicy::DEFAULT.named(), None);
    }
}
