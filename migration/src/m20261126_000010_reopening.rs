//! Reviews that begin again: what an opinion relies on, drafts, versions of materials, and who stands in for whom.

use sea_orm_migration::prelude::*;

use crate::check::Check;

/// What was sent back stays as it was said; silence that is stale was never said.
const OPINION: Check = Check {
    table: "review",
    before: "(opinion IS NULL) = (state <> 'GIVEN')",
    now: "state = 'STALE' OR (opinion IS NULL) = (state NOT IN ('GIVEN', 'RETURNED'))",
    word: "GIVEN",
};

/// See the module.
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in [
            ("review", ColumnDef::new("relied_on").json().take()),
            ("review", ColumnDef::new("draft").json().take()),
            ("review", ColumnDef::new("set_aside_because").text().take()),
            (
                "material",
                ColumnDef::new("version")
                    .integer()
                    .not_null()
                    .default(1)
                    .take(),
            ),
            (
                "material",
                ColumnDef::new("replaced_at")
                    .timestamp_with_time_zone()
                    .take(),
            ),
            ("material", ColumnDef::new("replaced_because").text().take()),
        ] {
            let add = Table::alter().table(table).add_column(column).to_owned();
            manager.alter_table(add).await?;
        }
        OPINION.up(manager).await?;
        let absence = Table::create()
            .table("absence")
            .col(ColumnDef::new("id").uuid().not_null().primary_key())
            .col(ColumnDef::new("region").text().not_null())
            .col(ColumnDef::new("department").text().not_null())
            .col(ColumnDef::new("account_id").uuid().not_null())
            .col(ColumnDef::new("substitute_id").uuid().not_null())
            .col(ColumnDef::new("from_on").date().not_null())
            .col(ColumnDef::new("through_on").date().not_null())
            .col(ColumnDef::new("reasons").text().not_null())
            .col(ColumnDef::new("registered_by").uuid().not_null())
            .col(
                ColumnDef::new("registered_at")
                    .timestamp_with_time_zone()
                    .not_null(),
            )
            .col(ColumnDef::new("cancelled_at").timestamp_with_time_zone())
            .col(
                ColumnDef::new("version")
                    .big_integer()
                    .not_null()
                    .default(1),
            )
            .foreign_key(
                ForeignKey::create()
                    .from("absence", "account_id")
                    .to("account", "id"),
            )
            .foreign_key(
                ForeignKey::create()
                    .from("absence", "substitute_id")
                    .to("account", "id"),
            )
            .to_owned();
        manager.create_table(absence).await?;
        // Who stands in for whom, and what a department is to know of.
        for (name, columns) in [
            ("absence_account", &["account_id", "through_on"][..]),
            ("absence_substitute", &["substitute_id", "through_on"][..]),
            (
                "absence_department",
                &["region", "department", "through_on"][..],
            ),
        ] {
            let mut index = Index::create();
            index.name(name).table("absence");
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("absence").to_owned())
            .await?;
        OPINION.down(manager).await?;
        let connection = manager.get_connection();
        for (table, column) in [
            ("review", "relied_on"),
            ("review", "draft"),
            ("review", "set_aside_because"),
            ("material", "version"),
            ("material", "replaced_at"),
            ("material", "replaced_because"),
        ] {
            let drop = format!("ALTER TABLE {table} DROP COLUMN {column}");
            connection.execute_unprepared(&drop).await?;
        }
        Ok(())
    }
}

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261126_000010_reopening"
    }
}
