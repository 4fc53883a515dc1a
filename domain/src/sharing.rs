//! Data sharing (数据共享): what the government holds already is asked of it, and never demanded of the applicant
//! (国务院令第716号 第七条).
//!
//! Each material that an application lacks and that can be had by sharing is asked for on receipt, for the cases that want
//! it and for nothing else. What does not come may be handed in, and need not.

use chrono::{DateTime, TimeDelta, Utc};

use crate::catalogue::CatalogueView;
use crate::coded;
use crate::guide::MergedMaterial;
use crate::item::Material;
use crate::rejected::{Reason, Rejected};

coded! {
    /// How a request for a shared material stands.
    pub enum SharingState {
        /// 获取中: asked for, or about to be.
        Open = "OPEN",
        /// 已获取: it came, and lies with the materials.
        Fetched = "FETCHED",
        /// 无此数据: whoever was asked holds nothing of the kind. The applicant may hand it in, and need not.
        NotHeld = "NOT_HELD",
        /// 获取失败: no answer came, often enough. The applicant may hand it in, and need not.
        GivenUp = "GIVEN_UP",
        /// 申请人已提供: the applicant handed it in meanwhile.
        Provided = "PROVIDED",
        /// 无需获取: the application ended before it came; nothing more is asked.
        NotNeeded = "NOT_NEEDED",
    }
}

coded! {
    /// Why no usable answer came, the last time that somebody was asked.
    pub enum SharingProblem {
        /// 无法连接: nobody answered in time.
        Unreachable = "UNREACHABLE",
        /// 拒绝: the other side refused to answer.
        Refused = "REFUSED",
        /// 答复有误: the answer could not be understood.
        Garbled = "GARBLED",
    }
}

/// What came of asking once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The material came.
    Held,
    /// There is none.
    NotHeld,
    /// No answer.
    Failed(SharingProblem),
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It is over.
    Over(SharingState),
    /// It is asked for once more then.
    Again(DateTime<Utc>),
}

/// The longest pause between two attempts, hours.
const LONGEST_PAUSE_HOURS: u32 = 6;

/// What becomes of a request after it was asked for the n-th time, of at most so many. The pauses double from one minute
/// up to six hours.
pub fn after(asked: Asked, attempts: u32, most: u32, now: DateTime<Utc>) -> Next {
    match asked {
        Asked::Held => Next::Over(SharingState::Fetched),
        Asked::NotHeld => Next::Over(SharingState::NotHeld),
        Asked::Failed(_) if attempts >= most => Next::Over(SharingState::GivenUp),
        Asked::Failed(_) => Next::Again(next_turn(attempts, now)),
    }
}

/// When a request has its next turn, after the n-th attempt.
pub fn next_turn(attempts: u32, now: DateTime<Utc>) -> DateTime<Utc> {
    let doubled = 2_u32.saturating_pow(attempts.saturating_sub(1));
    let minutes = doubled.min(LONGEST_PAUSE_HOURS * 60);
    now + TimeDelta::minutes(i64::from(minutes))
}

/// The materials of an application that are asked for: those that can be had by sharing and were not handed in.
pub fn to_be_asked<'a>(
    listed: &'a [MergedMaterial],
    handed_in: &'a [String],
) -> impl Iterator<Item = &'a MergedMaterial> {
    let shared = listed.iter().filter(|material| material.by_sharing);
    shared.filter(|material| !handed_in.contains(&material.material))
}

/// What is demanded of the applicant although the government holds it, which nobody may (国务院令第716号 第七条): `MaterialShared`
/// for each such material; `place` makes the path of the n-th.
pub fn demanded_faults<'c>(
    catalogue: &dyn CatalogueView,
    codes: impl IntoIterator<Item = (usize, &'c String)>,
    place: impl Fn(usize) -> String,
) -> Vec<Rejected> {
    let shared = codes.into_iter().filter(|(_, code)| {
        let definition = catalogue.material(code);
        definition.is_some_and(Material::is_obtained_by_sharing)
    });
    let faults = shared.map(|(at, code)| {
        let material = code.clone();
        Reason::MaterialShared { material }.at(&place(at))
    });
    faults.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::Necessity;

    fn listed(code: &str, by_sharing: bool) -> MergedMaterial {
        MergedMaterial {
            material: code.to_owned(),
            wanted_by: vec!["I-1".to_owned()],
            necessity: Necessity::Required,
            by_sharing,
        }
    }

    #[test]
    fn only_what_others_hold_and_nobody_handed_in_is_asked_for() {
        let list = [listed("A", true), listed("B", false), listed("C", true)];
        let handed_in = ["C".to_owned()];
        let asked: Vec<&str> = to_be_asked(&list, &handed_in)
            .map(|material| material.material.as_str())
            .collect();
        assert_eq!(asked, ["A"]);
    }

    #[test]
    fn pauses_double_to_a_bound_and_the_last_attempt_gives_up() {
        let now = DateTime::from_timestamp(1_764_000_000, 0).unwrap();
        let failed = Asked::Failed(SharingProblem::Unreachable);
        let pauses: Vec<i64> = (1..=11)
            .map(|attempts| match after(failed, attempts, 20, now) {
                Next::Again(then) => (then - now).num_minutes(),
                Next::Over(state) => panic!("{state:?}"),
            })
            .collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]);
        let over = |asked, attempts| after(asked, attempts, 8, now);
        assert_eq!(over(failed, 8), Next::Over(SharingState::GivenUp));
        assert_eq!(over(failed, u32::MAX), Next::Over(SharingState::GivenUp));
        assert_eq!(over(Asked::Held, 1), Next::Over(SharingState::Fetched));
        assert_eq!(over(Asked::NotHeld, 1), Next::Over(SharingState::NotHeld));
    }
}
