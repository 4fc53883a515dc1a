//! What departments miss before acceptance, and the points of the one correction notice.

use sea_orm_migration::prelude::*;

/// See the module.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261126_000013_missing_report"
    }
}

/// The reports of an application are read together.
const OF_APPLICATION: &str =
    "CREATE INDEX missing_report_application ON missing_report (application_id)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(missing_report()).await?;
        manager.create_table(correction_notice()).await?;
        manager
            .get_connection()
            .execute_unprepared(OF_APPLICATION)
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["correction_notice", "missing_report"] {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        Ok(())
    }
}

fn missing_report() -> TableCreateStatement {
    Table::create()
        .table("missing_report")
        .col(ColumnDef::new("case_id").uuid().not_null())
        .col(ColumnDef::new("round").integer().not_null())
        .col(ColumnDef::new("application_id").uuid().not_null())
        .col(ColumnDef::new("region").string().not_null())
        .col(ColumnDef::new("department").string().not_null())
        .col(ColumnDef::new("points").json().not_null())
        .col(
            ColumnDef::new("reported_at")
                .timestamp_with_time_zone()
                .not_null(),
        )
        .col(ColumnDef::new("due_on").date().not_null())
        .primary_key(Index::create().col("case_id").col("round"))
        .foreign_key(
            ForeignKey::create()
                .name("missing_report_case_id_fkey")
                .from("missing_report", "case_id")
                .to("case_", "id"),
        )
        .foreign_key(
            ForeignKey::create()
                .name("missing_report_application_id_fkey")
                .from("missing_report", "application_id")
                .to("application", "id"),
        )
        .take()
}

fn correction_notice() -> TableCreateStatement {
    Table::create()
        .table("correction_notice")
        .col(
            ColumnDef::new("application_id")
                .uuid()
                .not_null()
                .primary_key(),
        )
        .col(ColumnDef::new("region").string().not_null())
        .col(ColumnDef::new("points").json().not_null())
        .foreign_key(
            ForeignKey::create()
                .name("correction_notice_application_id_fkey")
                .from("correction_notice", "application_id")
                .to("application", "id"),
        )
        .take()
}
