//! The rules, and how grave what they raise is.

use crate::clock::{CardModel, Phrase};
use crate::coded;

coded! {
    /// The rules of electronic supervision (电子监察规则): those of time, of the flow, and of what is asked of the
    /// applicant.
    pub enum TimeRule {
        /// TIME-01 承诺时限将届满: nine tenths of the promise are charged, or one working day is left.
        PromiseNear = "TIME_01",
        /// TIME-02 承诺时限届满: the promise passed.
        PromisePassed = "TIME_02",
        /// TIME-03 法定时限将届满: one tenth of the statutory or joint period is left, at least one day.
        StatutoryNear = "TIME_03",
        /// TIME-04 法定时限届满: the statutory or the joint period passed.
        StatutoryPassed = "TIME_04",
        /// TIME-05 环节超时: a step, or the last level of a mediation, took longer than its days, although the case is in time.
        StepPassed = "TIME_05",
        /// TIME-06 受理审查: one working day of the acceptance check is left, or it passed and silence accepted.
        AcceptanceCheck = "TIME_06",
        /// TIME-07 特别程序超时: a special procedure took longer than the applicant was told.
        ProcedurePassed = "TIME_07",
        /// TIME-08 送达超时: the period for delivery passed.
        DeliveryPassed = "TIME_08",
        /// TIME-09 意见超时: the period for an opinion passed.
        OpinionPassed = "TIME_09",
        /// TIME-10 承诺届满后仍未办结: the promise passed, and days later the case is still open.
        StillOpen = "TIME_10",
        /// FLOW-04 多次中止计时: a special procedure begins that is the third of its case, or a later one, also while another goes
        /// on.
        OftenSuspended = "FLOW_04",
        /// MAT-02 违反一次性告知: somebody wanted what the one correction notice does not name, or wanted it too late. It was
        /// refused.
        BeyondNotice = "MAT_02",
    }
}

coded! {
    /// How grave an occurrence is.
    pub enum CardLevel {
        /// 预警: somebody is told; it goes away with its cause.
        Alert = "ALERT",
        /// 黄牌: what was late, or where colours warn, what is near.
        Yellow = "YELLOW",
        /// 红牌.
        Red = "RED",
    }
}

impl TimeRule {
    /// What people call the rule.
    pub const fn name(self) -> Phrase {
        let (zh, en) = match self {
            Self::PromiseNear => ("承诺时限将届满", "The promised limit is near"),
            Self::PromisePassed => ("承诺时限届满", "The promised limit has passed"),
            Self::StatutoryNear => ("法定时限将届满", "The statutory limit is near"),
            Self::StatutoryPassed => ("法定时限届满", "The statutory limit has passed"),
            Self::StepPassed => ("环节超时", "A step takes longer than its days"),
            Self::AcceptanceCheck => (
                "受理审查临期或逾期",
                "The acceptance check is near its end or late",
            ),
            Self::ProcedurePassed => (
                "特别程序超过告知时间",
                "A special procedure takes longer than notified",
            ),
            Self::DeliveryPassed => ("送达超时", "Delivery is late"),
            Self::OpinionPassed => ("征求意见答复超时", "An opinion is late"),
            Self::StillOpen => (
                "承诺时限届满后仍未办结",
                "Still open days after the promised limit",
            ),
            Self::OftenSuspended => (
                "多次启动特别程序中止计时",
                "A special procedure too many stops the clocks of a case",
            ),
            Self::BeyondNotice => (
                "违反一次性告知",
                "More was wanted than the one correction notice names",
            ),
        };
        Phrase { zh, en }
    }

    /// Whether a period must have passed for it to raise something; only then can there be a grace.
    pub const fn has_grace(self) -> bool {
        self.is_of_period() && !matches!(self, Self::PromiseNear | Self::StatutoryNear)
    }

    /// Whether it looks at a period, and not at an act.
    pub const fn is_of_period(self) -> bool {
        !matches!(self, Self::OftenSuspended | Self::BeyondNotice)
    }
}

impl CardModel {
    /// The level that a rule raises under this model.
    pub fn level(self, sanction: CardLevel) -> CardLevel {
        match (self, sanction) {
            (Self::SanctionCards, level) => level,
            (Self::WarningColours, CardLevel::Alert) => CardLevel::Yellow,
            (Self::WarningColours, CardLevel::Yellow | CardLevel::Red) => CardLevel::Red,
        }
    }
}
