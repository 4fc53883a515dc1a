//! What several requests ask for at the same moment is read in one statement.
//!
//! **Invariant.** A question is put to the database after it was asked, never before: nobody is answered from what was
//! read for somebody earlier. Who asks while others are being answered waits for the next statement, and shares it.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::error::{AppError, Lacking};

/// How many statements are under way at once: a second one passes by a first that is held up.
const LANES: usize = 2;
/// How many questions share a statement.
const MOST: usize = 256;
/// How long a statement may take; the server may be gone without a word.
const PATIENCE: Duration = Duration::from_secs(5);

/// Questions about keys that wait for their answers.
pub struct Gather<K, V> {
    waiting: Arc<Mutex<Waiting<K, V>>>,
}

struct Waiting<K, V> {
    asked: Asked<K, V>,
    under_way: usize,
}

impl<K, V> Default for Gather<K, V> {
    fn default() -> Self {
        Self {
            waiting: Arc::new(Mutex::new(Waiting {
                asked: Vec::new(),
                under_way: 0,
            })),
        }
    }
}

impl<K, V> Gather<K, V>
where
    K: Copy + Eq + Hash + Send + 'static,
    V: Clone + Send + 'static,
{
    /// Asks for what belongs to a key; `read` reads for several.
    ///
    /// # Errors
    /// What `read` answers; busy when it takes too long.
    pub async fn ask<F>(
        &self,
        key: K,
        read: impl Fn(Vec<K>) -> F + Send + 'static,
    ) -> Result<Option<V>, AppError>
    where
        F: Future<Output = Result<HashMap<K, V>, AppError>> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let lane = {
            let mut waiting = lock(&self.waiting);
            waiting.asked.push((key, answer));
            (waiting.under_way < LANES).then(|| {
                waiting.under_way += 1;
                Lane(Some(self.waiting.clone()))
            })
        };
        if let Some(lane) = lane {
            // In a task of its own: who asked first may stop waiting, and the others shall not.
            tokio::spawn(lane.answer_all(read));
        }
        answered
            .await
            .unwrap_or_else(|_| Err(AppError::internal("a question was dropped unanswered")))
    }
}

/// One statement after the other, until nobody waits.
struct Lane<K, V>(Option<Arc<Mutex<Waiting<K, V>>>>);

type Asked<K, V> = Vec<(K, oneshot::Sender<Result<Option<V>, AppError>>)>;

impl<K, V> Lane<K, V>
where
    K: Copy + Eq + Hash,
    V: Clone,
{
    async fn answer_all<F>(mut self, read: impl Fn(Vec<K>) -> F)
    where
        F: Future<Output = Result<HashMap<K, V>, AppError>>,
    {
        while let Some(asked) = self.next() {
            let mut keys: Vec<K> = Vec::with_capacity(asked.len());
            for (key, _) in &asked {
                if !keys.contains(key) {
                    keys.push(*key);
                }
            }
            let found = tokio::time::timeout(PATIENCE, read(keys)).await;
            let found = found.unwrap_or(Err(AppError::Busy(Lacking::Time)));
            for (key, answer) in asked {
                // Who stopped waiting needs no answer.
                let _ = answer.send(match &found {
                    Ok(found) => Ok(found.get(&key).cloned()),
                    Err(AppError::Busy(what)) => Err(AppError::Busy(*what)),
                    Err(error) => Err(AppError::internal(error.to_string())),
                });
            }
        }
    }

    /// Those that wait; where nobody does the lane ends, in the same breath, so that who comes next opens another.
    fn next(&mut self) -> Option<Asked<K, V>> {
        let mut waiting = lock(self.0.as_ref()?);
        if !waiting.asked.is_empty() {
            let some = waiting.asked.len().min(MOST);
            return Some(waiting.asked.drain(..some).collect());
        }
        waiting.under_way -= 1;
        drop(waiting);
        self.0 = None;
        None
    }
}

impl<K, V> Drop for Lane<K, V> {
    /// One that panicked: if no other is there to answer, those that wait are told so by the end of their channels.
    fn drop(&mut self) {
        if let Some(waiting) = self.0.take() {
            let mut waiting = lock(&waiting);
            waiting.under_way -= 1;
            if waiting.under_way == 0 {
                waiting.asked.clear();
            }
        }
    }
}

fn lock<T>(waiting: &Mutex<T>) -> MutexGuard<'_, T> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Doubles even numbers; slowly, so that others come meanwhile.
    async fn doubled(keys: Vec<u32>) -> Result<HashMap<u32, u32>, AppError> {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let even = keys.into_iter().filter(|key| key % 2 == 0);
        Ok(even.map(|key| (key, key * 2)).collect())
    }

    #[tokio::test]
    async fn many_questions_share_few_statements_and_each_gets_its_own_answer() {
        let gather = Arc::new(Gather::<u32, u32>::default());
        let statements = Arc::new(AtomicUsize::new(0));
        let asked = (0..100).map(|key| {
            let (gather, statements) = (gather.clone(), statements.clone());
            tokio::spawn(async move {
                let counting = move |keys| {
                    statements.fetch_add(1, Ordering::Relaxed);
                    doubled(keys)
                };
                gather.ask(key, counting).await.unwrap()
            })
        });
        let asked: Vec<_> = asked.collect();
        for (key, answer) in (0..).zip(asked) {
            let expected = (key % 2 == 0).then_some(key * 2);
            assert_eq!(answer.await.unwrap(), expected);
        }
        assert!(statements.load(Ordering::Relaxed) <= 4);
        assert_eq!(lock(&gather.waiting).under_way, 0);
    }

    #[tokio::test]
    async fn what_is_asked_later_is_read_later() {
        let gather = Arc::new(Gather::<u32, usize>::default());
        let clock = Arc::new(AtomicUsize::new(0));
        let read = |clock: Arc<AtomicUsize>| {
            move |keys: Vec<u32>| {
                let at = clock.load(Ordering::Relaxed);
                async move {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    Ok(keys.into_iter().map(|key| (key, at)).collect())
                }
            }
        };
        let early = [1, 1, 1].map(|key| {
            let (gather, read) = (gather.clone(), read(clock.clone()));
            tokio::spawn(async move { gather.ask(key, read).await.unwrap() })
        });
        tokio::time::sleep(Duration::from_millis(10)).await;
        clock.store(7, Ordering::Relaxed);
        assert_eq!(gather.ask(1, read(clock.clone())).await.unwrap(), Some(7));
        for answer in early {
            assert!(answer.await.unwrap().is_some());
        }
    }

    #[tokio::test]
    async fn failure_panic_and_silence_reach_all_who_wait_and_end_there() {
        let gather = Gather::<u32, u32>::default();
        let busy = gather.ask(2, |_| async { Err(AppError::Busy(Lacking::Disk)) });
        assert!(matches!(busy.await, Err(AppError::Busy(Lacking::Disk))));
        let silent = gather.ask(2, |_| std::future::pending());
        assert!(matches!(silent.await, Err(AppError::Busy(Lacking::Time))));
        let broken = gather.ask(2, |keys| async move {
            assert!(keys.is_empty(), "as it should");
            Ok(HashMap::new())
        });
        assert!(matches!(broken.await, Err(AppError::Internal(_))));
        assert_eq!(gather.ask(2, doubled).await.unwrap(), Some(4));
    }
}
