//! Requests for shared materials, and which materials were had by sharing.

use sea_orm_migration::prelude::*;

/// See the module.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261126_000015_sharing"
    }
}

/// Those of an application are read together; those that are open, by when somebody is asked next. The second stays as small
/// as the open ones.
const INDEXES: [&str; 2] = [
    "CREATE UNIQUE INDEX sharing_request_application ON sharing_request (application_id, code)",
    "CREATE INDEX sharing_request_next ON sharing_request (next_at, id) WHERE next_at IS NOT NULL",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let by_sharing = ColumnDef::new("by_sharing")
            .boolean()
            .not_null()
            .default(false)
            .take();
        let add = Table::alter()
            .table("material")
            .add_column(by_sharing)
            .to_owned();
        manager.alter_table(add).await?;
        manager.create_table(sharing_request()).await?;
        for index in INDEXES {
            manager.get_connection().execute_unprepared(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("sharing_request").to_owned())
            .await?;
        manager
            .get_connection()
            .execute_unprepared("ALTER TABLE material DROP COLUMN by_sharing")
            .await?;
        Ok(())
    }
}

fn sharing_request() -> TableCreateStatement {
    Table::create()
        .table("sharing_request")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("application_id").uuid().not_null())
        .col(ColumnDef::new("region").text().not_null())
        .col(ColumnDef::new("ordinal").integer().not_null())
        .col(ColumnDef::new("code").text().not_null())
        .col(ColumnDef::new("name").text().not_null())
        .col(ColumnDef::new("asked_of").text())
        .col(ColumnDef::new("wanted_by").json().not_null())
        .col(ColumnDef::new("readers").text().not_null())
        .col(ColumnDef::new("state").text().not_null())
        .col(ColumnDef::new("attempts").integer().not_null())
        .col(ColumnDef::new("next_at").timestamp_with_time_zone())
        .col(ColumnDef::new("problem").text())
        .col(ColumnDef::new("ended_at").timestamp_with_time_zone())
        .col(ColumnDef::new("material_id").uuid())
        // Whoever is over is not asked again, and says when it was.
        .check(Expr::cust(
            "(state = 'OPEN') = (next_at IS NOT NULL) AND (state = 'OPEN') = (ended_at IS NULL)",
        ))
        .check(Expr::cust(
            "(state = 'FETCHED') = (material_id IS NOT NULL)",
        ))
        .foreign_key(
            ForeignKey::create()
                .name("sharing_request_application_id_fkey")
                .from("sharing_request", "application_id")
                .to("application", "id"),
        )
        .foreign_key(
            ForeignKey::create()
                .name("sharing_request_material_id_fkey")
                .from("sharing_request", "material_id")
                .to("material", "id"),
        )
        .take()
}
