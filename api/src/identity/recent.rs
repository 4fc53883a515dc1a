//! A map of bounded size that forgets what was not touched for longest.

use std::collections::HashMap;
use std::hash::Hash;
use std::mem;

/// Two generations: when the young one is full it becomes the old one, and the old one is dropped.
pub(super) struct Recent<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    most: usize,
}

impl<K: Eq + Hash + Copy, V: Default + Copy> Recent<K, V> {
    pub(super) fn new(remembered: usize) -> Self {
        Self {
            young: HashMap::new(),
            old: HashMap::new(),
            most: (remembered / 2).max(1),
        }
    }

    pub(super) fn entry(&mut self, key: K) -> &mut V {
        if !self.young.contains_key(&key) && self.young.len() >= self.most {
            // The key itself must not be lost with the generation that it stands in.
            let kept = self.old.remove(&key);
            self.old = mem::take(&mut self.young);
            self.young.extend(kept.map(|value| (key, value)));
        }
        let old = &mut self.old;
        self.young
            .entry(key)
            .or_insert_with(|| old.remove(&key).unwrap_or_default())
    }

    /// What is remembered of a key. It is touched by that; a key of which nothing is remembered takes no place.
    pub(super) fn get(&mut self, key: K) -> V {
        if self.young.contains_key(&key) || self.old.contains_key(&key) {
            *self.entry(key)
        } else {
            V::default()
        }
    }

    pub(super) fn each(&mut self, mut visit: impl FnMut(&K, &mut V)) {
        self.young
            .iter_mut()
            .chain(&mut self.old)
            .for_each(|(key, value)| visit(key, value));
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }
}
