//! Mediations of conflicts between opinions.

use sea_orm_migration::prelude::*;

/// See the module.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261126_000012_mediation"
    }
}

const INDEXES: [&str; 3] = [
    // No two of an application have one number.
    "CREATE UNIQUE INDEX mediation_number ON mediation (application_id, number)",
    // A conflict is mediated once at a time.
    "CREATE UNIQUE INDEX mediation_open ON mediation (first_review, second_review) WHERE state = 'OPEN'",
    // Whom the government named sees the application.
    "CREATE INDEX mediation_named ON mediation (application_id, named_department) WHERE named_department IS NOT NULL",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(mediation()).await?;
        for index in INDEXES {
            manager.get_connection().execute_unprepared(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("mediation").to_owned())
            .await
    }
}

fn mediation() -> TableCreateStatement {
    let text = |name: &'static str| ColumnDef::new(name).string().not_null().take();
    let uuid = |name: &'static str| ColumnDef::new(name).uuid().not_null().take();
    Table::create()
        .table("mediation")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(uuid("application_id"))
        .col(uuid("case_id"))
        .col(text("region"))
        .col(text("department"))
        .col(ColumnDef::new("number").integer().not_null())
        .col(text("kind"))
        .col(uuid("first_review"))
        .col(text("first_department"))
        .col(uuid("second_review"))
        .col(text("second_department"))
        .col(ColumnDef::new("first_category").string())
        .col(ColumnDef::new("second_category").string())
        .col(text("question"))
        .col(text("state"))
        .col(text("level"))
        .col(ColumnDef::new("named_department").string())
        .col(ColumnDef::new("levels").json().not_null())
        .col(ColumnDef::new("positions").json().not_null())
        .col(ColumnDef::new("settlement").string())
        .col(ColumnDef::new("minority_department").string())
        .col(ColumnDef::new("minority_view").string())
        .col(ColumnDef::new("ended_on").date())
        .col(ColumnDef::new("version").big_integer().not_null())
        // Whatever ended did so on a day, and says what came of it.
        .check(Expr::cust("(ended_on IS NULL) = (state = 'OPEN')"))
        .check(Expr::cust("(settlement IS NULL) = (state <> 'SETTLED')"))
        .check(Expr::cust(
            "(minority_department IS NULL) = (state <> 'MINORITY_VIEW')",
        ))
        .check(Expr::cust(
            "(minority_view IS NULL) = (state <> 'MINORITY_VIEW')",
        ))
        .foreign_key(
            ForeignKey::create()
                .name("mediation_application_id_fkey")
                .from("mediation", "application_id")
                .to("application", "id"),
        )
        .foreign_key(
            ForeignKey::create()
                .name("mediation_case_id_fkey")
                .from("mediation", "case_id")
                .to("case_", "id"),
        )
        .take()
}
