//! What the demonstration tells: some dozens of applications, each with the working day on which it was filed and what
//! was done since. Days are counted back from today, so that every day shows the same lamps; for the sake of
//! rest days, on which yesterday's last day has passed, nothing stands on the very last day of its promise.
//!
//! All names are invented, like the county.

/// One application and what became of it.
pub(super) struct Story {
    /// Name of the applicant.
    pub(super) applicant: &'static str,
    /// Whether that is a person.
    pub(super) person: bool,
    pub(super) what: What,
    /// How many working days ago it was filed.
    pub(super) filed: u32,
    pub(super) way: Way,
    /// What was done, and how many working days ago; in the order of time.
    pub(super) then: &'static [(u32, Step)],
}

/// What is applied for.
#[derive(Clone, Copy)]
pub(super) enum What {
    Items(&'static [&'static str]),
    /// A bundle and the answers to its questions.
    Bundle(&'static str, &'static [(&'static str, &'static str)]),
}

/// How an application comes in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// At the window, accepted in the same act.
    Window,
    /// Filed by the applicant's own account; a clerk has yet to accept it.
    Online,
}

/// One act. Departments are known by the item.
#[derive(Clone, Copy)]
pub(super) enum Step {
    /// A clerk accepts what came in online.
    Accept,
    /// The reviewer takes the review.
    Claim(&'static str),
    /// The reviewer agrees.
    Agree(&'static str),
    /// The reviewer agrees, and it is to be forwarded.
    Forward(&'static str, &'static str),
    /// The reviewer disagrees.
    Disagree(&'static str, &'static str),
    /// The decider grants; the reviewer agrees first, unless that was told.
    Grant(&'static str),
    /// The decider refuses; the reviewer disagrees first for the same reasons, unless that was told.
    Refuse(&'static str, &'static str),
    /// The clerk hands the results over to a person of this name.
    Deliver(&'static str),
}

use Step::{Accept, Agree, Claim, Deliver, Disagree, Forward, Grant, Refuse};
use What::{Bundle, Items};

type Then = &'static [(u32, Step)];

const fn firm(filed: u32, applicant: &'static str, what: What, then: Then) -> Story {
    Story {
        applicant,
        person: false,
        what,
        filed,
        way: Way::Window,
        then,
    }
}

const fn person(filed: u32, applicant: &'static str, what: What, then: Then) -> Story {
    Story {
        person: true,
        ..firm(filed, applicant, what, then)
    }
}

const fn online(filed: u32, applicant: &'static str, what: What, then: Then) -> Story {
    Story {
        way: Way::Online,
        ..person(filed, applicant, what, then)
    }
}

const NO_FLUE: &str = "经营场所未设置独立烟道,不符合餐饮服务场所要求。";
const SIGN_TOO_LARGE: &str = "招牌设计尺寸超出街区容貌规划,请修改后重新申请。";
const NAME_TAKEN: &str = "名称与同行业已登记企业相同,不符合登记规定。";
const TO_THE_CITY: &str = "符合条件;涉及跨县客运班线,需转报市级备案。";

/// All of them.
pub(super) const STORIES: &[Story] = &[
    // Restaurants: one that runs, one that waits, and every way in which one ends.
    firm(
        4,
        "云上小厨餐饮店(虚构)",
        Bundle(
            "YJS-001",
            &[
                ("Q1", "N"),
                ("Q2", "Y"),
                ("Q3", "I"),
                ("Q4", "Y"),
                ("Q5", "Y"),
                ("Q6", "Y"),
            ],
        ),
        &[
            (4, Grant("SJJ-01-001")),
            (3, Claim("SJJ-01-002")),
            (3, Claim("CGJ-01-001")),
            (2, Agree("CGJ-01-001")),
            (1, Agree("ZJJ-01-004")),
        ],
    ),
    firm(
        1,
        "听澜渔家饭庄(虚构)",
        Bundle(
            "YJS-001",
            &[
                ("Q1", "N"),
                ("Q2", "N"),
                ("Q4", "Y"),
                ("Q5", "Y"),
                ("Q6", "N"),
            ],
        ),
        &[],
    ),
    firm(
        34,
        "一品鲜面馆(虚构)",
        Bundle(
            "YJS-001",
            &[
                ("Q1", "N"),
                ("Q2", "N"),
                ("Q4", "N"),
                ("Q5", "N"),
                ("Q6", "N"),
            ],
        ),
        &[
            (34, Grant("SJJ-01-001")),
            (32, Claim("SJJ-01-002")),
            (31, Agree("SJJ-01-002")),
            (30, Grant("SJJ-01-002")),
            (28, Deliver("示例客一")),
        ],
    ),
    firm(
        26,
        "老码头火锅店(虚构)",
        Bundle(
            "YJS-001",
            &[
                ("Q1", "Y"),
                ("Q2", "Y"),
                ("Q3", "I"),
                ("Q4", "Y"),
                ("Q5", "Y"),
                ("Q6", "Y"),
            ],
        ),
        &[
            (24, Grant("ZJJ-01-004")),
            (23, Grant("XFD-01-002")),
            (23, Refuse("SJJ-01-002", NO_FLUE)),
            (22, Refuse("CGJ-01-001", SIGN_TOO_LARGE)),
        ],
    ),
    firm(
        18,
        "巷口早茶铺(虚构)",
        Bundle(
            "YJS-001",
            &[
                ("Q1", "Y"),
                ("Q2", "N"),
                ("Q4", "Y"),
                ("Q5", "N"),
                ("Q6", "N"),
            ],
        ),
        &[
            (16, Refuse("CGJ-01-001", SIGN_TOO_LARGE)),
            (14, Grant("SJJ-01-002")),
            (12, Deliver("示例客二")),
        ],
    ),
    firm(
        9,
        "望海楼酒家(虚构)",
        Bundle(
            "YJS-001",
            &[
                ("Q1", "N"),
                ("Q2", "Y"),
                ("Q3", "P"),
                ("Q4", "N"),
                ("Q5", "N"),
                ("Q6", "N"),
            ],
        ),
        &[(9, Refuse("SJJ-01-001", NAME_TAKEN))],
    ),
    firm(
        13,
        "渡口私房菜馆(虚构)",
        Bundle(
            "YJS-001",
            &[
                ("Q1", "N"),
                ("Q2", "N"),
                ("Q4", "N"),
                ("Q5", "Y"),
                ("Q6", "Y"),
            ],
        ),
        &[
            (13, Grant("SJJ-01-001")),
            (10, Grant("ZJJ-01-004")),
            (8, Grant("SJJ-01-002")),
            (6, Claim("YCJ-01-001")),
        ],
    ),
    firm(
        2,
        "半亩方塘茶餐厅(虚构)",
        Bundle(
            "YJS-001",
            &[
                ("Q1", "Y"),
                ("Q2", "Y"),
                ("Q3", "I"),
                ("Q4", "Y"),
                ("Q5", "N"),
                ("Q6", "Y"),
            ],
        ),
        &[(1, Claim("XFD-01-002")), (1, Agree("CGJ-01-001"))],
    ),
    // New enterprises.
    firm(
        3,
        "澜芯电子科技有限公司(虚构)",
        Bundle("YJS-002", &[("Q1", "Y"), ("Q2", "Y"), ("Q3", "Y")]),
        &[
            (3, Grant("SJJ-01-001")),
            (2, Grant("GAJ-10-001")),
            (1, Grant("SWJ-20-001")),
        ],
    ),
    firm(
        11,
        "青禾农产品销售有限公司(虚构)",
        Bundle("YJS-002", &[("Q1", "Y"), ("Q2", "N"), ("Q3", "N")]),
        &[
            (11, Grant("SJJ-01-001")),
            (11, Grant("GAJ-10-001")),
            (10, Grant("SWJ-20-001")),
            (9, Deliver("示例客三")),
        ],
    ),
    firm(
        5,
        "海纳物流有限公司(虚构)",
        Bundle("YJS-002", &[("Q1", "N"), ("Q2", "Y"), ("Q3", "N")]),
        &[
            (5, Grant("SJJ-01-001")),
            (5, Grant("SWJ-20-001")),
            (4, Grant("RSJ-20-001")),
        ],
    ),
    // Pharmacies.
    firm(
        7,
        "仁和堂大药房(虚构)",
        Bundle(
            "YJS-003",
            &[("Q1", "Y"), ("Q2", "Y"), ("Q3", "Y"), ("Q4", "Y")],
        ),
        &[
            (7, Grant("SJJ-10-001")),
            (7, Grant("SJJ-10-002")),
            (5, Grant("CGJ-01-001")),
            (4, Claim("SJJ-01-003")),
        ],
    ),
    firm(
        2,
        "杏林春药店(虚构)",
        Bundle(
            "YJS-003",
            &[("Q1", "N"), ("Q2", "Y"), ("Q3", "N"), ("Q4", "Y")],
        ),
        &[(2, Claim("SJJ-01-001"))],
    ),
    // Investment projects and building.
    firm(
        6,
        "滨澜新材料产业园有限公司(虚构)",
        Bundle(
            "YJS-004",
            &[
                ("Q1", "H"),
                ("Q2", "Y"),
                ("Q3", "Y"),
                ("Q4", "T"),
                ("Q5", "Y"),
            ],
        ),
        &[
            (4, Claim("FGW-01-001")),
            (3, Agree("FGW-01-001")),
            (2, Grant("SLJ-01-002")),
            (2, Claim("STHJ-01-001")),
        ],
    ),
    firm(
        16,
        "东堤风电场有限公司(虚构)",
        Bundle(
            "YJS-004",
            &[
                ("Q1", "B"),
                ("Q2", "Y"),
                ("Q3", "N"),
                ("Q4", "D"),
                ("Q5", "N"),
            ],
        ),
        &[
            (16, Grant("FGW-10-001")),
            (10, Grant("FGW-01-002")),
            (9, Claim("ZRZY-01-001")),
        ],
    ),
    firm(
        8,
        "澜湾置业有限公司(虚构)",
        Bundle(
            "YJS-005",
            &[("Q1", "Y"), ("Q2", "Y"), ("Q3", "Y"), ("Q4", "Y")],
        ),
        &[
            (6, Grant("CGJ-01-003")),
            (3, Grant("ZRZY-01-002")),
            (2, Agree("ZJJ-01-002")),
        ],
    ),
    firm(
        4,
        "启明学校后勤有限公司(虚构)",
        Bundle("YJS-006", &[("Q1", "Y")]),
        &[(1, Grant("ZRZY-07-001"))],
    ),
    // A kindergarten and hotels.
    firm(
        20,
        "小水滴幼儿园(虚构)",
        Bundle("YJS-007", &[("Q1", "N"), ("Q2", "Y"), ("Q3", "N")]),
        &[
            (16, Grant("XFD-01-002")),
            (14, Grant("WJW-07-001")),
            (12, Claim("JYJ-01-001")),
        ],
    ),
    firm(
        6,
        "听涛旅馆(虚构)",
        Bundle("YJS-008", &[("Q1", "Y"), ("Q2", "N"), ("Q3", "Y")]),
        &[
            (4, Grant("CGJ-01-001")),
            (2, Grant("WJW-01-001")),
            (1, Disagree("XFD-01-002", "疏散通道宽度不足,需整改后复查。")),
        ],
    ),
    firm(
        40,
        "芦苇荡民宿(虚构)",
        Bundle("YJS-008", &[("Q1", "Y"), ("Q2", "N"), ("Q3", "N")]),
        &[
            (37, Grant("XFD-01-002")),
            (36, Grant("WJW-01-001")),
            (30, Grant("GAJ-01-001")),
            (29, Deliver("示例客四")),
        ],
    ),
    // Single items: in time, near the deadline, and past it.
    firm(2, "众诚劳务派遣有限公司(虚构)", Items(&["RSJ-01-002"]), &[]),
    firm(
        3,
        "蓝焰燃气有限公司(虚构)",
        Items(&["ZJJ-01-005"]),
        &[(2, Claim("ZJJ-01-005"))],
    ),
    firm(5, "街角便利店(虚构)", Items(&["YCJ-01-001"]), &[]),
    person(4, "示例甲", Items(&["WJW-01-001"]), &[]),
    firm(
        2,
        "晨光文具店(虚构)",
        Items(&["CGJ-01-001"]),
        &[(1, Claim("CGJ-01-001"))],
    ),
    person(4, "示例乙", Items(&["SJJ-01-002"]), &[]),
    firm(
        8,
        "银杏旅社(虚构)",
        Items(&["GAJ-01-001"]),
        &[(7, Claim("GAJ-01-001"))],
    ),
    person(
        6,
        "示例丙",
        Items(&["JTJ-01-001"]),
        &[(2, Agree("JTJ-01-001"))],
    ),
    firm(
        12,
        "福满楼餐馆(虚构)",
        Items(&["SJJ-01-002"]),
        &[(9, Claim("SJJ-01-002"))],
    ),
    firm(18, "极光网吧(虚构)", Items(&["WLJ-01-003"]), &[]),
    firm(
        9,
        "清源印染有限公司(虚构)",
        Items(&["STHJ-01-002"]),
        &[(2, Agree("STHJ-01-002"))],
    ),
    person(
        10,
        "示例丁",
        Items(&["NYJ-01-003"]),
        &[(3, Agree("NYJ-01-003"))],
    ),
    firm(
        5,
        "顺达客运站有限公司(虚构)",
        Items(&["JTJ-01-002"]),
        &[(2, Forward("JTJ-01-002", TO_THE_CITY))],
    ),
    firm(
        24,
        "安泰烟花爆竹零售点(虚构)",
        Items(&["YJJ-01-002"]),
        &[(
            20,
            Refuse("YJJ-01-002", "零售场所与学校的距离不足,不符合安全条件。"),
        )],
    ),
    person(
        45,
        "示例戊",
        Items(&["NYJ-01-001"]),
        &[(36, Grant("NYJ-01-001")), (33, Deliver("示例戊"))],
    ),
    // What the applicant's own account has filed.
    online(1, "示例己", Items(&["WJW-01-001"]), &[]),
    online(
        3,
        "示例己",
        Items(&["CGJ-01-001", "SJJ-01-002"]),
        &[(2, Accept), (1, Claim("CGJ-01-001"))],
    ),
    online(
        22,
        "示例己",
        Items(&["SJJ-01-002"]),
        &[
            (21, Accept),
            (18, Grant("SJJ-01-002")),
            (16, Deliver("示例己")),
        ],
    ),
];
