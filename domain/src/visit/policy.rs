//! What a centre decides about visits.

use serde::{Deserialize, Serialize};

use super::Attendance;

/// What the centre decides about visits. Keys of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VisitPolicy {
    /// Working days by which the departments are told before.
    pub notice_workdays: u32,
    /// Whether absence is consent to the record.
    pub absence_consent: bool,
}

impl Default for VisitPolicy {
    fn default() -> Self {
        Self {
            notice_workdays: 1,
            absence_consent: false,
        }
    }
}

impl VisitPolicy {
    /// What is out of its bounds: the key, what it is, and what it may be.
    pub fn faults(&self) -> Vec<String> {
        let days = self.notice_workdays;
        let faulty = !(1..=30).contains(&days);
        let fault = format!("visits.notice_workdays is {days}, and may be 1 to 30");
        faulty.then_some(fault).into_iter().collect()
    }

    pub(super) fn of_absence(&self) -> Attendance {
        if self.absence_consent {
            Attendance::AbsentConsents
        } else {
            Attendance::Absent
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_names_what_is_out_of_bounds() {
        for (notice_workdays, is_faulty) in [(0, true), (1, false), (30, false), (31, true)] {
            let policy = VisitPolicy {
                notice_workdays,
                ..VisitPolicy::default()
            };
            assert_eq!(!policy.faults().is_empty(), is_faulty, "{notice_workdays}");
        }
    }
}
