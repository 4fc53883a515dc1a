//! Documents (文书) that were issued.

use lianshen_domain::document::DocumentKind;
use sea_orm::entity::prelude::*;

use crate::Coded;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "document")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub application_id: Uuid,
    pub case_id: Option<Uuid>,
    pub region: String,
    pub kind: Coded<DocumentKind>,
    pub number: String,
    /// The issuing department; `None` for the centre.
    pub department: Option<String>,
    pub issued_on: Date,
    pub issued_at: DateTimeUtc,
    pub issued_by: Option<Uuid>,
    pub body: Json,
}

impl ActiveModelBehavior for ActiveModel {}
