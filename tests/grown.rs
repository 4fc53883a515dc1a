//! A centre that was grown for measuring is one that the product itself could have made, and goes on with.

use std::sync::Arc;

use lianshen::case::{self, HandedIn};
use lianshen::config::Config;
use lianshen::db::Db;
use lianshen::env::{Env, MachineClock};
use lianshen::ledger::{self, Audit};
use lianshen::server;
use lianshen_bench::centre;
use lianshen_bench::grow::{Growth, grow};
use lianshen_bench::soundness::examine;
use lianshen_domain::actor::Actor;
use lianshen_domain::applicant::{Applicant, ApplicantKind};
use lianshen_domain::bundle::Answers;
use lianshen_domain::catalogue::CatalogueView as _;
use lianshen_domain::guide::guide;
use lianshen_domain::ids::{AccountId, Id as _, SessionId};
use lianshen_entity::{account, session};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use crate::support::each_db;

const APPLICATIONS: u64 = 300;

each_db! { on empty
    async fn it_is_sound_and_the_product_goes_on_with_it(database: TestDatabase) {
        let mut growth = Growth::of(database.url(), APPLICATIONS);
        growth.lives.ended = 12;
        growth.lives.open = 4;
        let grown = grow(&growth).await.unwrap();
        assert_eq!(grown.applications, APPLICATIONS);

        let found = examine(database.url()).await.unwrap();
        assert_eq!(found.audit, Audit::Sound(grown.events));
        assert!(grown.events > 10 * i64::try_from(APPLICATIONS).unwrap());
        assert_eq!(found.counted.applications, APPLICATIONS);
        assert!(found.counted.clocks > 5 * APPLICATIONS);
        assert!(found.is_sound(), "{found:#?}");

        // A second centre in the same database would give the same numbers again.
        let refused = grow(&growth).await.unwrap_err().to_string();
        assert!(refused.contains("empty one"), "{refused}");

        let events = submit_one_more(database.url()).await;
        let found = examine(database.url()).await.unwrap();
        assert_eq!(found.audit, Audit::Sound(events));
        assert!(events > grown.events);
        assert_eq!(found.counted.applications, APPLICATIONS + 1);
        assert!(found.is_sound(), "{found:#?}");
    }
}

/// Files one application at a window, as the program does, and numbers its events; answers the last position.
async fn submit_one_more(url: &str) -> i64 {
    let mut config = Config::defaults().unwrap();
    config.database_url = url.into();
    let db = server::open_database(&config, None, false).await.unwrap();
    let env = Env::new(Arc::new(MachineClock));
    let app = server::open_app(config, env, db).await.unwrap();
    let clerk = somebody(&app.db, &centre::names::clerk(0)).await;
    let catalogue = centre::published().unwrap().catalogue();
    let code = centre::bundle_code(0);
    let wanted = guide(
        catalogue.bundle(&code).unwrap(),
        &catalogue,
        &Answers::default(),
    )
    .unwrap();
    let materials = wanted.applicant_provides().map(|material| HandedIn {
        code: material.material.clone(),
        originals: 1,
        copies: 0,
        file_name: None,
        sha256: None,
    });
    let command = case::Submit {
        idempotency_key: "one-more".to_owned(),
        bundle: Some(code),
        answers: Vec::new(),
        items: Vec::new(),
        applicant: Applicant {
            kind: ApplicantKind::Enterprise,
            name: lianshen_bench::life::name_of(1),
            id_number: lianshen_bench::life::credit_code_of(1),
            phone: "13800000000".to_owned(),
            agent: None,
        },
        materials: materials.collect(),
        receive_only: false,
        renewal: None,
    };
    case::submit(&app, &clerk, command).await.unwrap();
    ledger::sequence_all(&app.db, &app.env, app.env.uuid())
        .await
        .unwrap();
    let last = ledger::last_position(&app.db).await.unwrap();
    app.db.close().await;
    last
}

/// Who has an account, in the session in which the lives were played.
async fn somebody(db: &Db, name: &str) -> Actor {
    let account = account::Entity::find()
        .filter(account::Column::Name.eq(name))
        .one(db.reader())
        .await
        .unwrap()
        .unwrap();
    let session = session::Entity::find()
        .filter(session::Column::AccountId.eq(account.id))
        .one(db.reader())
        .await
        .unwrap()
        .unwrap();
    Actor {
        account: AccountId::new(account.id),
        session: SessionId::new(session.id),
        role: account.role.0,
        region: account.region,
        department: account.department,
        window: account.window,
        display_name: account.display_name,
    }
}
