//! Departments (部门) as the catalogue names them.

use serde::{Deserialize, Serialize};

use crate::coded;

coded! {
    /// What a department does at the centre.
    pub enum DepartmentKind {
        /// 职能部门: handles items.
        Department = "DEPT",
        /// 法制机构: reviews the legality of items.
        Legal = "LEGAL",
        /// 财政: receives fees.
        Finance = "FINANCE",
        /// 公共服务单位: serves, without administrative power.
        Service = "SERVICE",
        /// 政务服务管理机构: runs the centre.
        Centre = "CENTRE",
        /// 监察: supervises.
        Supervision = "SUPERVISION",
    }
}

/// A department of the centre's government.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Department {
    /// Short code, e.g. `SJJ`.
    pub code: String,
    /// Full name.
    pub name: String,
    /// Name without that of the region.
    pub short_name: String,
    /// 统一社会信用代码.
    pub credit_code: String,
    /// Number of the department in the national standard list.
    pub standard_number: String,
    /// What it does at the centre.
    pub kind: DepartmentKind,
    /// Its window in the hall, if it has one.
    pub hall_window: Option<String>,
}
