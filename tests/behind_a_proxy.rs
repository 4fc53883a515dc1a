//! Whose attempts are whose, where everybody comes through a proxy.

use serde_json::json;

use crate::support::log::Log;
use crate::support::seed::PASSWORD;
use crate::support::{Client, TestApp, documents, each_db};

/// What signing in to one account is answered, from behind a proxy that writes these addresses.
async fn sign_in(app: &TestApp, password: &str, forwarded_for: &'static str) -> Vec<String> {
    let input = json!({ "accountName": "clerk", "password": password });
    let caller = Client::nobody(app).forwarded_for(forwarded_for);
    caller.act(documents::SIGN_IN, input).await.codes()
}

each_db! { on seeded
    async fn who_guesses_behind_a_trusted_proxy_shuts_out_nobody_but_themselves(database: TestDatabase) {
        let (app, server) = TestApp::start_with(database, &Log::default(), false, |config| {
            config.trusted_proxies = ["127.0.0.1", "10.0.0.0/8"].map(|net| net.parse().unwrap()).into();
        })
        .await;
        // What stands before the last address that is no proxy's is made up, and another each time.
        for made_up in [
            "192.0.2.1, 198.51.100.7, 10.0.0.2", "192.0.2.2, 198.51.100.7", "10.9.9.9, 198.51.100.7", "198.51.100.7", "x, 198.51.100.7",
        ] {
            assert_eq!(sign_in(&app, "not the password", made_up).await, ["SIGN_IN_FAILED"]);
        }
        assert_eq!(sign_in(&app, PASSWORD, "192.0.2.3, 198.51.100.7").await, ["TOO_MANY_ATTEMPTS"]);
        assert_eq!(sign_in(&app, PASSWORD, "198.51.100.8").await, [""; 0]);
        server.stop().await;
    }

    async fn nobody_else_says_where_they_come_from(database: TestDatabase) {
        let (app, server) = TestApp::start(database, &Log::default(), false).await;
        for made_up in ["198.51.100.1", "198.51.100.2", "198.51.100.3", "198.51.100.4", "198.51.100.5"] {
            assert_eq!(sign_in(&app, "not the password", made_up).await, ["SIGN_IN_FAILED"]);
        }
        assert_eq!(sign_in(&app, PASSWORD, "198.51.100.6").await, ["TOO_MANY_ATTEMPTS"]);
        server.stop().await;
    }
}
