//! The tables of the main job: catalogue, accounts, applications, cases, reviews, documents, ledger.

use sea_orm_migration::prelude::*;

/// See the module.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261123_000001_main_job"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            manager.create_table(table).await?;
        }
        for index in INDEXES {
            manager.get_connection().execute_unprepared(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables()
            .iter()
            .rev()
            .filter_map(|table| table.get_table_name())
        {
            manager
                .drop_table(Table::drop().table(table.clone()).to_owned())
                .await?;
        }
        Ok(())
    }
}

/// Partial indexes stay as small as the open work.
const INDEXES: &[&str] = &[
    "CREATE UNIQUE INDEX department_code ON department (region, code)",
    "CREATE UNIQUE INDEX item_version_code ON item_version (region, code, version)",
    "CREATE UNIQUE INDEX bundle_version_code ON bundle_version (region, code, version)",
    "CREATE UNIQUE INDEX calendar_notice_year ON calendar_notice (year)",
    "CREATE INDEX session_account ON session (account_id) WHERE ended_at IS NULL",
    "CREATE INDEX application_region ON application (region, received_at, id)",
    "CREATE INDEX application_window ON application (region, \"window\", received_at, id)",
    "CREATE INDEX application_account ON application (applicant_account, received_at, id)",
    "CREATE INDEX application_lead ON application (region, lead_department, received_at, id)",
    "CREATE UNIQUE INDEX case_number ON case_ (region, case_number)",
    "CREATE UNIQUE INDEX document_number ON document (region, number)",
    "CREATE INDEX case_application ON case_ (application_id, ordinal)",
    "CREATE INDEX case_department ON case_ (region, department, application_id)",
    "CREATE INDEX case_lamp ON case_ (lamp_changes_on, id) WHERE lamp_changes_on IS NOT NULL",
    "CREATE INDEX case_deciding ON case_ (region, department, id) WHERE state = 'DECIDING'",
    "CREATE INDEX review_case ON review (case_id)",
    "CREATE INDEX review_application ON review (application_id)",
    "CREATE INDEX review_inbox ON review (region, department, sort_on, id) WHERE state IN ('WAITING', 'OPEN', 'CLAIMED')",
    "CREATE INDEX review_department ON review (region, department, sort_on, id)",
    "CREATE INDEX material_application ON material (application_id, ordinal)",
    "CREATE INDEX document_application ON document (application_id, issued_at, id)",
    "CREATE INDEX event_application ON event (application_id, id)",
    "CREATE UNIQUE INDEX event_position ON event (position) WHERE position IS NOT NULL",
    "CREATE INDEX event_unsequenced ON event (entered_at, id) WHERE position IS NULL",
];

#[expect(
    clippy::too_many_lines,
    reason = "a list of tables, read from top to bottom"
)]
fn tables() -> Vec<TableCreateStatement> {
    vec![
        table("centre")
            .col(key("region"))
            .col(text("name"))
            .col(text("region_name"))
            .col(number("revision"))
            .take(),
        table("department")
            .col(id("id"))
            .col(text("region"))
            .col(text("code"))
            .col(text("name"))
            .col(text("short_name"))
            .col(json("definition"))
            .take(),
        table("item_version")
            .col(id("id"))
            .col(text("region"))
            .col(text("code"))
            .col(small("version"))
            .col(text("name"))
            .col(text("department"))
            .col(instant("published_at"))
            .col(flag("open"))
            .col(json("definition"))
            .take(),
        table("bundle_version")
            .col(id("id"))
            .col(text("region"))
            .col(text("code"))
            .col(small("version"))
            .col(text("name"))
            .col(text("lead_department"))
            .col(instant("published_at"))
            .col(flag("open"))
            .col(json("definition"))
            .take(),
        table("catalogue_part")
            .col(text("region"))
            .col(text("kind"))
            .col(text("code"))
            .col(json("definition"))
            .primary_key(Index::create().col("region").col("kind").col("code"))
            .take(),
        table("calendar_notice")
            .col(key("number"))
            .col(small("year"))
            .col(instant("adopted_at"))
            .col(json("definition"))
            .take(),
        table("account")
            .col(id("id"))
            .col(text("region"))
            .col(text("name").unique_key())
            .col(text("display_name"))
            .col(text("role"))
            .col(maybe(text("department")))
            .col(maybe(text("window")))
            .col(text("password_hash"))
            .col(instant("created_at"))
            .col(maybe(instant("closed_at")))
            .col(number("version"))
            .take(),
        table("session")
            .col(id("id"))
            .col(uuid("account_id"))
            .col(text("refresh_hash"))
            .col(maybe(text("previous_hash")))
            .col(instant("rotated_at"))
            .col(instant("created_at"))
            .col(instant("last_seen_at"))
            .col(instant("expires_at"))
            .col(maybe(instant("ended_at")))
            .col(maybe(text("end_reason")))
            .foreign_key(&mut belongs_to("session", "account_id", "account"))
            .take(),
        table("signing_key")
            .col(key("kid"))
            .col(text("secret"))
            .col(instant("created_at"))
            .take(),
        application(),
        case(),
        review(),
        table("material")
            .col(id("id"))
            .col(uuid("application_id"))
            .col(text("region"))
            .col(small("ordinal"))
            .col(text("code"))
            .col(text("name"))
            .col(small("originals"))
            .col(small("copies"))
            .col(maybe(text("file_name")))
            .col(maybe(text("sha256")))
            .col(json("wanted_by"))
            .col(text("readers"))
            .col(instant("received_at"))
            .foreign_key(&mut belongs_to("material", "application_id", "application"))
            .take(),
        table("document")
            .col(id("id"))
            .col(uuid("application_id"))
            .col(maybe(uuid("case_id")))
            .col(text("region"))
            .col(text("kind"))
            .col(text("number"))
            .col(maybe(text("department")))
            .col(date("issued_on"))
            .col(instant("issued_at"))
            .col(maybe(uuid("issued_by")))
            .col(json("body"))
            .foreign_key(&mut belongs_to("document", "application_id", "application"))
            .take(),
        table("event")
            .col(id("id"))
            .col(maybe(uuid("application_id")))
            .col(maybe(uuid("case_id")))
            .col(maybe(uuid("review_id")))
            .col(text("region"))
            .col(text("kind"))
            .col(maybe(text("department")))
            .col(flag("public"))
            .col(instant("happened_at"))
            .col(instant("entered_at"))
            .col(maybe(uuid("actor")))
            .col(maybe(text("actor_role")))
            .col(json("detail"))
            .col(maybe(number("position")))
            .col(maybe(text("hash")))
            .take(),
        table("serial").col(key("key")).col(number("value")).take(),
        table("idempotency")
            .col(uuid("account_id"))
            .col(text("key"))
            .col(text("request_hash"))
            .col(json("result"))
            .col(instant("created_at"))
            .primary_key(Index::create().col("account_id").col("key"))
            .take(),
        table("lease")
            .col(key("name"))
            .col(uuid("holder"))
            .col(number("fence"))
            .col(instant("until"))
            .take(),
    ]
}

fn application() -> TableCreateStatement {
    table("application")
        .col(id("id"))
        .col(text("region"))
        .col(text("receipt_number").unique_key())
        .col(text("query_code"))
        .col(text("state").check(Expr::cust(
            "state IN ('RECEIVED', 'IN_REVIEW', 'CONCLUDED', 'CLOSED')",
        )))
        .col(maybe(text("outcome")))
        .col(text("channel"))
        .col(maybe(text("window")))
        .col(maybe(uuid("bundle_version_id")))
        .col(maybe(text("bundle")))
        .col(maybe(text("lead_department")))
        .col(json("answers"))
        .col(text("applicant_kind"))
        .col(text("applicant_name"))
        .col(text("applicant_number"))
        .col(text("applicant_phone"))
        .col(maybe(json("agent")))
        .col(maybe(uuid("applicant_account")))
        .col(uuid("submitted_by"))
        .col(maybe(uuid("accepted_by")))
        .col(instant("received_at"))
        .col(date("received_on"))
        .col(maybe(date("accepted_on")))
        .col(maybe(date("joint_promised_due_on")))
        .col(maybe(date("joint_statutory_due_on")))
        .col(maybe(date("joint_alert_on")))
        .col(maybe(instant("concluded_at")))
        .col(maybe(instant("closed_at")))
        .col(number("version"))
        .check(Expr::cust("(outcome IS NULL) = (concluded_at IS NULL)"))
        .take()
}

fn case() -> TableCreateStatement {
    table("case_")
        .col(id("id"))
        .col(uuid("application_id"))
        .col(text("region"))
        .col(small("ordinal"))
        .col(uuid("item_version_id"))
        .col(text("item"))
        .col(text("item_name"))
        .col(text("department"))
        .col(json("predecessors"))
        .col(text("case_number"))
        .col(maybe(number("accepted_seq")))
        .col(text("state"))
        .col(maybe(date("started_on")))
        .col(maybe(date("promised_due_on")))
        .col(maybe(date("statutory_due_on")))
        .col(maybe(date("alert_on")))
        .col(flag("provisional"))
        .col(maybe(date("lamp_changes_on")))
        .col(maybe(text("result")))
        .col(maybe(text("result_reasons")))
        .col(maybe(uuid("result_by")))
        .col(maybe(instant("result_at")))
        .col(maybe(date("result_on")))
        .col(number("version"))
        .check(Expr::cust("(result IS NULL) = (state IN ('RECEIVED', 'AWAITING_PREDECESSOR', 'IN_REVIEW', 'DECIDING'))"))
        .check(Expr::cust("result <> 'REFUSED' OR result_reasons IS NOT NULL"))
        .foreign_key(&mut belongs_to("case_", "application_id", "application"))
        .foreign_key(&mut belongs_to("case_", "item_version_id", "item_version"))
        .take()
}

fn review() -> TableCreateStatement {
    table("review")
        .col(id("id"))
        .col(uuid("case_id"))
        .col(uuid("application_id"))
        .col(text("region"))
        .col(text("department"))
        .col(text("state"))
        .col(maybe(uuid("claimed_by")))
        .col(maybe(instant("claimed_at")))
        .col(maybe(text("opinion")))
        .col(maybe(text("reasons")))
        .col(maybe(uuid("given_by")))
        .col(maybe(instant("given_at")))
        .col(text("item"))
        .col(maybe(text("bundle")))
        .col(date("sort_on"))
        .col(maybe(date("promised_due_on")))
        .col(maybe(date("statutory_due_on")))
        .col(maybe(date("alert_on")))
        .col(text("search_text"))
        .col(number("version"))
        .check(Expr::cust("(opinion IS NULL) = (state <> 'GIVEN')"))
        .check(Expr::cust("opinion <> 'DISAGREE' OR reasons IS NOT NULL"))
        .foreign_key(&mut belongs_to("review", "case_id", "case_"))
        .take()
}

fn table(name: &'static str) -> TableCreateStatement {
    Table::create().table(name).take()
}

fn id(name: &'static str) -> ColumnDef {
    uuid(name).primary_key().take()
}

fn key(name: &'static str) -> ColumnDef {
    text(name).primary_key().take()
}

fn uuid(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().not_null().take()
}

fn text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).string().not_null().take()
}

fn json(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).json().not_null().take()
}

fn number(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().take()
}

fn small(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).integer().not_null().take()
}

fn flag(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).boolean().not_null().take()
}

fn date(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).date().not_null().take()
}

fn instant(name: &'static str) -> ColumnDef {
    ColumnDef::new(name)
        .timestamp_with_time_zone()
        .not_null()
        .take()
}

/// The same column, allowed to be empty.
fn maybe(mut column: ColumnDef) -> ColumnDef {
    column.null().take()
}

fn belongs_to(
    from: &'static str,
    column: &'static str,
    to: &'static str,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("{from}_{column}_fkey"))
        .from(from, column)
        .to(to, "id")
        .take()
}
