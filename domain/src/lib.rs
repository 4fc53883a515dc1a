//! The pure core of lianshen: no database, no GraphQL, no clock, no I/O; it cannot fail but by a refusal.
//!
//! Everything that the law or the state of a case demands is decided here. Each act takes what was loaded and the
//! day on which it is done, and answers what is to be saved and which events happened, or a [`rejected::Reason`].
//! Who loads and saves stands in crate `lianshen`.
//!
//! # Reading order
//!
//! 1. What everything is made of: [`code`], [`ids`], [`lang`], [`plain_text`], [`rejected`].
//! 2. Time: [`calendar`] says which days are worked, [`clock`] counts them, [`law`] says by which text of the law.
//! 3. What can be applied for: [`item_code`], [`item`], [`bundle`], [`catalogue`], [`guide`].
//! 4. Who takes part: [`actor`], [`absence`], [`account`], [`applicant`], [`session`].
//! 5. The work: [`submission`], then [`application`], which holds [`case`] and [`review`]; what departments want of each
//!    other and of others: [`missing`], [`sharing`], [`consultation`], [`conflict`], [`mediation`], [`visit`]; a decision that
//!    is set aside: [`revocation`]; and [`supervision`] of it all. [`tally`] says what each counts for, [`digest`] what a department is told of it in the morning.
//! 6. What remains of it: [`document`], [`event`].
//!
//! # The words
//!
//! One word per idea, in tables, in Rust, in GraphQL and in documents.
//!
//! | word | Chinese | is | where |
//! | --- | --- | --- | --- |
//! | centre | 政务服务中心 | the hall of one region; it has windows and hosts departments | [`catalogue`] |
//! | region | 行政区划 | a division with its code; nothing crosses from one centre to another | [`actor`] |
//! | department | 部门 | a body that answers for items, reviews and decides | [`item::Department`] |
//! | item | 事项 | what can be applied for, in immutable versions, each with a statutory and a promised limit | [`item`] |
//! | material | 材料 | what an item demands to be handed in; what is not listed may not be taken | [`item::Material`] |
//! | bundle | 一件事 / 联审主题 | a published set of items for one event of life, with a lead department | [`bundle`] |
//! | guide | 办事指南 | what answers to a bundle's questions lead to: items, order, materials, fees | [`guide`] |
//! | applicant, agent | 申请人, 代理人 | for whom, and by whom | [`applicant`] |
//! | application | 申请 / 联办件 | one submission through one window; it carries cases, and the joint clock | [`application`] |
//! | case | 办件 | one item inside an application, at one department, ending in one decision | [`mod@case`] |
//! | sharing request | 数据共享请求 | a material that the government holds is asked of it, not of the applicant | [`sharing`] |
//! | report, notice | 缺件报告, 补正告知 | what a department misses before acceptance; all of it told once | [`missing`] |
//! | review | 审查 | one department's task on a case | [`review`] |
//! | opinion | 意见 | what a review says, with reasons | [`review`] |
//! | consultation | 征求意见 | the opinions that a case asks of other departments | [`consultation`] |
//! | absence | 外出, 代办 | days on which another reviewer stands in | [`absence`] |
//! | mediation | 协调 | a conflict is settled, or climbs from level to level | [`mediation`] |
//! | condition, conflict | 附条件, 意见分歧 | on what an opinion agrees; two opinions that contradict each other | [`conflict`] |
//! | visit | 联合踏勘 / 联审会议 | departments come together, at the site or at a table, with one record | [`visit`] |
//! | defect | 问题 | what a visit found, followed until it was mended | [`visit`] |
//! | decision | 决定 | how a case ends: granted (准予) or refused (不予许可) | [`mod@case`] |
//! | revocation | 撤销 | a refusal is set aside on reconsideration or by a court, and the case decided anew | [`revocation`] |
//! | delivery | 送达 / 统一出件 | results handed over, all at once or one before the others; with the last the application closes | [`application`] |
//! | document | 文书 | what the law wants on paper, made together with the act | [`document`] |
//! | conventions | 约定口径 | what the law leaves open, decided by the installation; a change counts for what comes later | [`clock::Conventions`] |
//! | clock, deadline | 时限, 截止日 | a legal period as a ledger of days; what it says on a date | [`clock`] |
//! | lamp | 绿黄红灯 | how near a deadline is | [`clock`] |
//! | working day | 工作日 | by the notices of the State Council, not by the week alone | [`calendar`] |
//! | notice | 节假日安排通知 | which days of a year are off or worked, for the country, a region or a department | [`calendar`] |
//! | act, version | 法律, 版本 | a law with its texts, each in force from a day | [`law`] |
//! | tally | 统计计数 | how many there are of each, kept as they come and go | [`tally`] |
//! | outlook | 办理前景 | when an application will probably end, and who owes the next act | [`application::Outlook`] |
//! | digest | 晨报 | what lay before a department one morning | [`digest`] |
//! | event | 事件 | one thing that happened, past tense, never changed | [`event`] |
//! | refusal | 拒绝 | why something was not done: code, sentence in two languages, field | [`rejected`] |

// In reading order: what everything is made of,
pub mod code;
pub mod ids;
pub mod lang;
pub mod plain_text;
pub mod rejected;

// time,
pub mod calendar;
pub mod clock;
pub mod law;

// what can be applied for,
pub mod item_code;

pub mod item;

pub mod bundle;
pub mod catalogue;
pub mod guide;

// who takes part,
pub mod actor;

pub mod absence;
pub mod account;
pub mod applicant;
pub mod session;

// the work,
pub mod submission;

pub mod application;
pub mod case;
pub mod conflict;
pub mod consultation;
pub mod mediation;
pub mod missing;
pub mod review;
pub mod revocation;
pub mod sharing;
pub mod supervision;
pub mod tally;
pub mod visit;

pub mod digest;

// and what remains of it.
pub mod document;
pub mod event;
