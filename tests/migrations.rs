//! The migrations make the tables that the entities expect, from nothing and after going back.

use std::collections::{BTreeMap, BTreeSet};

use lianshen_migration::{Migrator, MigratorTrait as _};
use sea_orm::{
    ColumnTrait as _, ColumnType, ConnectionTrait as _, Database, DatabaseConnection, DbBackend,
    EntityTrait, IdenStatic as _, Iterable as _, Statement,
};

use crate::support::{TestDatabase, each_db};

each_db! {
    on empty

    async fn a_second_run_changes_nothing(database: TestDatabase) {
        let connection = connect(database).await;
        Migrator::up(&connection, None).await.unwrap();
        let before = definitions(&connection).await;

        Migrator::up(&connection, None).await.unwrap();

        assert!(before.len() > 20, "too few tables and indexes: {before:?}");
        assert_eq!(definitions(&connection).await, before);
        let pending = Migrator::get_pending_migrations(&connection).await.unwrap();
        assert!(pending.is_empty());
    }

    async fn what_was_taken_back_can_be_made_again(database: TestDatabase) {
        let connection = connect(database).await;
        Migrator::up(&connection, None).await.unwrap();
        let before = definitions(&connection).await;

        Migrator::down(&connection, None).await.unwrap();

        assert_eq!(tables(&connection).await, BTreeMap::new());

        Migrator::up(&connection, None).await.unwrap();

        assert_eq!(definitions(&connection).await, before);
    }

    /// Stricter than SeaORM's own `sync`, which only asks whether a column is there.
    async fn every_entity_is_a_table_as_the_migrations_make_it(database: TestDatabase) {
        let connection = connect(database).await;
        Migrator::up(&connection, None).await.unwrap();

        let made = tables(&connection).await;

        let mut wanted = entities();
        if connection.get_database_backend() == DbBackend::Sqlite {
            // There an integer is as large as it needs to be, and no two types are told apart.
            let columns = wanted.values_mut().flat_map(|table| table.columns.values_mut());
            columns.filter(|column| column.kind == "bigint").for_each(|column| column.kind = "integer");
        }
        let names = |tables: &BTreeMap<String, Table>| tables.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&made), names(&wanted), "each table has one entity");
        for (name, table) in &wanted {
            assert_eq!(&made[name], table, "table {name}: the database is on the left, the entity on the right");
        }
    }

    /// Its rows know no region and no replacement; they hold for the country, and one of them a year.
    async fn notices_of_the_first_version_stay_in_force(database: TestDatabase) {
        let connection = connect(database).await;
        let run = async |statement: &str| connection.execute_unprepared(statement).await;
        let definition = r#"{"number":"国办发明电〔2025〕7号","issuer":"国务院办公厅","issued_on":"2025-11-04","year":2026,
            "days":[{"date":"2026-01-01","holiday":"元旦","kind":"OFF"}]}"#;
        let all = Migrator::migrations();
        let before = all.iter().take_while(|one| !one.name().ends_with("_calendars")).count();
        let before = u32::try_from(before).unwrap();
        let after = u32::try_from(all.len()).unwrap() - before;
        Migrator::up(&connection, Some(before)).await.unwrap();
        run(&format!(
            "INSERT INTO calendar_notice (number, year, adopted_at, definition) \
             VALUES ('国办发明电〔2025〕7号', 2026, '2025-11-05 00:00:00+00:00', '{definition}')"
        ))
        .await
        .unwrap();

        Migrator::up(&connection, None).await.unwrap();

        let calendars = lianshen::calendar::adopted(&connection).await.unwrap();
        assert!(!calendars.of("320999", Some("SJJ")).is_workday("2026-01-01".parse().unwrap()));
        assert_eq!(calendars.notices()[0].superseded_at, None);
        let add = |number: &str, region: &str, superseded_at: &str| {
            format!(
                "INSERT INTO calendar_notice (number, year, adopted_at, definition, region, superseded_at) \
                 VALUES ('{number}', 2026, '2026-01-05 00:00:00+00:00', '{{}}', '{region}', {superseded_at})"
            )
        };
        assert!(run(&add("second", "", "NULL")).await.is_err(), "a year has one national notice in force");
        run(&add("replaced", "", "'2026-01-06 00:00:00+00:00'")).await.unwrap();
        run(&add("local", "320999", "NULL")).await.unwrap();
        run(&add("another", "320999", "NULL")).await.unwrap();

        Migrator::down(&connection, Some(after)).await.unwrap();

        let left = ask(&connection, "SELECT number FROM calendar_notice", "SELECT number FROM calendar_notice").await;
        assert_eq!(left, [["国办发明电〔2025〕7号"]], "the former table holds one notice a year");
        Migrator::up(&connection, None).await.unwrap();
        assert_eq!(lianshen::calendar::adopted(&connection).await.unwrap().notices().len(), 1);
    }

    async fn the_migrations_that_are_missing_are_named(database: TestDatabase) {
        let db = database.open().await;
        assert_eq!(db.pending_migrations().await.unwrap()[0], "m20261123_000001_main_job");

        db.migrate().await.unwrap();

        assert_eq!(db.pending_migrations().await.unwrap(), Vec::<String>::new());
        db.close().await;
    }
}

/// Columns by name.
#[derive(Debug, PartialEq, Eq)]
struct Table {
    columns: BTreeMap<String, Column>,
    key: BTreeSet<String>,
}

#[derive(Debug, PartialEq, Eq)]
struct Column {
    kind: &'static str,
    is_nullable: bool,
}

async fn connect(database: &TestDatabase) -> DatabaseConnection {
    let mode = if database.url().starts_with("sqlite") {
        "?mode=rwc"
    } else {
        ""
    };
    Database::connect(format!("{}{mode}", database.url()))
        .await
        .unwrap()
}

async fn ask(
    connection: &DatabaseConnection,
    on_sqlite: &str,
    on_postgres: &str,
) -> Vec<Vec<String>> {
    let backend = connection.get_database_backend();
    let question = if backend == DbBackend::Sqlite {
        on_sqlite
    } else {
        on_postgres
    };
    let rows = connection
        .query_all_raw(Statement::from_string(backend, question))
        .await
        .unwrap();
    let row = |row: &sea_orm::QueryResult| {
        let width = row.column_names().len();
        (0..width)
            .map(|at| row.try_get_by_index(at).unwrap())
            .collect()
    };
    rows.iter().map(row).collect()
}

/// Every table and index, in the words of the database.
async fn definitions(connection: &DatabaseConnection) -> Vec<Vec<String>> {
    let columns = "SELECT table_name || '.' || column_name, data_type || ' ' || is_nullable \
         FROM information_schema.columns WHERE table_schema = 'public'";
    let indexes = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'";
    let constraints = "SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) FROM pg_constraint \
         WHERE connamespace = 'public'::regnamespace";
    ask(
        connection,
        "SELECT name, coalesce(sql, '') FROM sqlite_schema ORDER BY name",
        &format!("{columns} UNION ALL {indexes} UNION ALL {constraints} ORDER BY 1, 2"),
    )
    .await
}

/// What is in the database, but for the book of the migrations.
async fn tables(connection: &DatabaseConnection) -> BTreeMap<String, Table> {
    let rows = ask(
        connection,
        "SELECT t.name, c.name, lower(c.type), CAST(c.\"notnull\" = 0 AS TEXT), CAST(c.pk > 0 AS TEXT) \
         FROM sqlite_schema AS t, pragma_table_info(t.name) AS c \
         WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name <> 'seaql_migrations'",
        "SELECT c.table_name::text, c.column_name::text, c.data_type::text, \
           CASE c.is_nullable WHEN 'YES' THEN '1' ELSE '0' END, \
           CASE WHEN EXISTS (SELECT FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid \
             WHERE i.indisprimary AND i.indrelid = quote_ident(c.table_name)::regclass \
             AND a.attnum = ANY (i.indkey) AND a.attname = c.column_name) THEN '1' ELSE '0' END \
         FROM information_schema.columns AS c \
         WHERE c.table_schema = 'public' AND c.table_name <> 'seaql_migrations'",
    )
    .await;
    let mut tables = BTreeMap::new();
    for row in rows {
        let [table, column, kind, is_nullable, is_key] = row.try_into().unwrap();
        let table = tables.entry(table).or_insert_with(|| Table {
            columns: BTreeMap::new(),
            key: BTreeSet::new(),
        });
        if is_key == "1" {
            table.key.insert(column.clone());
        }
        // SQLite allows a null in a text key unless told otherwise; the entity then says what holds.
        let kind = kind_by_name(&kind);
        table.columns.insert(
            column,
            Column {
                kind,
                is_nullable: is_nullable == "1",
            },
        );
    }
    tables
}

/// One word for what the engines name differently.
fn kind_by_name(name: &str) -> &'static str {
    match name {
        "uuid" | "uuid_text" => "uuid",
        "character varying" | "varchar" | "text" => "text",
        "bigint" => "bigint",
        "integer" => "integer",
        "boolean" => "boolean",
        "date" | "date_text" => "date",
        "timestamp with time zone" | "timestamp_with_timezone_text" => "instant",
        "json" | "jsonb" | "json_text" | "jsonb_text" => "json",
        other => panic!("no entity has a column of type {other}"),
    }
}

fn kind_by_type(kind: &ColumnType) -> &'static str {
    match kind {
        ColumnType::Uuid => "uuid",
        ColumnType::String(_) | ColumnType::Text => "text",
        ColumnType::BigInteger => "bigint",
        ColumnType::Integer => "integer",
        ColumnType::Boolean => "boolean",
        ColumnType::Date => "date",
        ColumnType::TimestampWithTimeZone => "instant",
        ColumnType::Json | ColumnType::JsonBinary => "json",
        other => panic!("no table has a column of type {other:?}"),
    }
}

fn entities() -> BTreeMap<String, Table> {
    macro_rules! all {
        ($($module:ident)+) => {
            [$(table::<lianshen_entity::$module::Entity>()),+]
        };
    }
    let all = all![
        absence account application bundle_version calendar_notice card case_ catalogue_part centre clock correction_notice department digest document event
        idempotency item_version lease material mediation missing_report review serial session sharing_request signing_key tally
        tally_change visit
    ];
    all.into_iter().collect()
}

fn table<E: EntityTrait>() -> (String, Table) {
    let column = |column: E::Column| {
        let definition = column.def();
        let kind = kind_by_type(definition.get_column_type());
        (
            column.as_str().to_owned(),
            Column {
                kind,
                is_nullable: definition.is_null(),
            },
        )
    };
    let columns = E::Column::iter().map(column).collect();
    let key = E::PrimaryKey::iter()
        .map(|key| key.as_str().to_owned())
        .collect();
    (E::default().table_name().to_owned(), Table { columns, key })
}
