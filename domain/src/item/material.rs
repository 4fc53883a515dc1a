//! Materials (申请材料): what an application consists of.

use serde::{Deserialize, Serialize};

use crate::coded;

coded! {
    /// 材料类型.
    pub enum MaterialKind {
        /// 证件证书证明.
        Certificate = "CERTIFICATE",
        /// 申请表格文书.
        Form = "FORM",
        /// 其他.
        Other = "OTHER",
    }
}

impl MaterialKind {
    /// The number by which the exchange standard names the value.
    pub fn exchange_number(self) -> &'static str {
        match self {
            Self::Certificate => "1",
            Self::Form => "2",
            Self::Other => "3",
        }
    }
}

coded! {
    /// 材料必要性.
    pub enum Necessity {
        /// 必要.
        Required = "REQUIRED",
        /// 非必要.
        Optional = "OPTIONAL",
        /// 容缺后补: may follow after acceptance.
        MayFollow = "MAY_FOLLOW",
    }
}

impl Necessity {
    /// The number by which the exchange standard names the value.
    pub fn exchange_number(self) -> &'static str {
        match self {
            Self::Required => "1",
            Self::Optional => "2",
            Self::MayFollow => "3",
        }
    }
}

coded! {
    /// 材料形式.
    pub enum MaterialForm {
        /// 纸质.
        Paper = "PAPER",
        /// 电子化.
        Electronic = "ELECTRONIC",
        /// 纸质/电子化.
        Both = "BOTH",
    }
}

impl MaterialForm {
    /// The number by which the exchange standard names the value.
    pub fn exchange_number(self) -> &'static str {
        match self {
            Self::Paper => "1",
            Self::Electronic => "2",
            Self::Both => "3",
        }
    }
}

coded! {
    /// 来源渠道: who makes the material.
    pub enum MaterialSource {
        /// 申请人自备.
        Applicant = "APPLICANT",
        /// 政府部门核发.
        Government = "GOVERNMENT",
        /// 中介机构出具.
        Intermediary = "INTERMEDIARY",
    }
}

/// The definition of a material; items name it by its code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Material {
    /// Short code, e.g. `M-APP`.
    pub code: String,
    /// What it is.
    pub name: String,
    /// 材料类型.
    pub kind: MaterialKind,
    /// 来源渠道.
    pub source: MaterialSource,
    /// 材料必要性.
    pub necessity: Necessity,
    /// 材料形式.
    pub form: MaterialForm,
    /// 原件份数.
    pub originals: u32,
    /// 复印件份数.
    pub copies: u32,
    /// Code of the department from which it can be had by sharing.
    pub shared_from: Option<String>,
    /// What else there is to say.
    pub note: Option<String>,
}

impl Material {
    /// Whether the centre obtains it by itself. Such a material may be handed in but is never
    /// demanded (国务院令第716号 第七条): it comes from another department, or from the archive
    /// of the agency that issued it.
    pub fn is_obtained_by_sharing(&self) -> bool {
        self.shared_from.is_some() || self.source == MaterialSource::Government
    }
}
