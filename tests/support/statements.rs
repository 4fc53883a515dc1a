//! Counting statements: an operation that asks more of the database when there is more in it is a failure.

use std::sync::{Arc, Mutex, PoisonError};

use lianshen::db::Observer;

/// Every statement that the program has sent to the database, in its order.
///
/// `BEGIN` and `COMMIT` are not seen here: a write transaction costs two round trips more than it counts.
#[derive(Clone, Default)]
pub struct Statements(Arc<Mutex<Vec<String>>>);

impl Statements {
    /// The observer that writes here.
    pub fn observer(&self) -> Observer {
        let seen = self.clone();
        Arc::new(move |statement, _, failed| {
            let mark = if failed { " -- failed" } else { "" };
            seen.0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(format!("{statement}{mark}"));
        })
    }

    /// Begins to count.
    pub fn count(&self) -> Counted {
        Counted {
            from: self.so_far().len(),
            all: self.clone(),
        }
    }

    fn so_far(&self) -> Vec<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// The statements since a point.
pub struct Counted {
    all: Statements,
    from: usize,
}

impl Counted {
    /// The statements themselves.
    pub fn list(&self) -> Vec<String> {
        self.all.so_far().split_off(self.from)
    }

    /// Fails unless there were exactly so many; names them all then.
    #[track_caller]
    pub fn assert(&self, expected: usize) {
        let list = self.list();
        assert_eq!(list.len(), expected, "statements:\n  {}", list.join("\n  "));
    }
}
