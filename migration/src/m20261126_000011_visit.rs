//! Joint site visits and joint meetings.

use sea_orm_migration::prelude::*;

/// See the module.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261126_000011_visit"
    }
}

/// The visits of an application are read together, and no two have one number.
const NUMBER: &str = "CREATE UNIQUE INDEX visit_number ON visit (application_id, number)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(visit()).await?;
        manager.get_connection().execute_unprepared(NUMBER).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("visit").to_owned())
            .await
    }
}

fn visit() -> TableCreateStatement {
    Table::create()
        .table("visit")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("application_id").uuid().not_null())
        .col(ColumnDef::new("region").string().not_null())
        .col(ColumnDef::new("number").integer().not_null())
        .col(ColumnDef::new("kind").string().not_null())
        .col(ColumnDef::new("state").string().not_null())
        .col(
            ColumnDef::new("begins_at")
                .timestamp_with_time_zone()
                .not_null(),
        )
        .col(ColumnDef::new("place").string().not_null())
        .col(ColumnDef::new("convener").string())
        .col(ColumnDef::new("parts").json().not_null())
        .col(ColumnDef::new("because").string())
        .col(ColumnDef::new("record").string())
        .col(ColumnDef::new("defects").json().not_null())
        .col(ColumnDef::new("version").big_integer().not_null())
        // Whatever was held has its one record, and nothing else has.
        .check(Expr::cust("(record IS NULL) = (state <> 'HELD')"))
        .foreign_key(
            ForeignKey::create()
                .name("visit_application_id_fkey")
                .from("visit", "application_id")
                .to("application", "id"),
        )
        .take()
}
