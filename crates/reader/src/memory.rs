//! What was learned about bytes by their hash, as much as fits into a number of bytes.

use std::collections::{HashMap, VecDeque};

use certvigil_model::Fingerprint;

/// A map that drops its oldest entries when it grows too heavy.
#[derive(Debug)]
pub(crate) struct Memory<V> {
    entries: HashMap<Fingerprint, V>,
    /// Keys and their weights, the oldest first.
    order: VecDeque<(Fingerprint, usize)>,
    weight: usize,
    limit: usize,
}

impl<V: Clone> Memory<V> {
    /// An empty memory that holds entries of `limit` bytes together.
    pub(crate) fn new(limit: usize) -> Self {
        Self { entries: HashMap::new(), order: VecDeque::new(), weight: 0, limit }
    }

    /// What was kept for `key`.
    pub(crate) fn recall(&self, key: &Fingerprint) -> Option<V> {
        self.entries.get(key).cloned()
    }

    /// Keeps `value`, which takes about `weight` bytes. One that is too heavy is not kept: it
    /// would push out all the others.
    pub(crate) fn keep(&mut self, key: Fingerprint, value: V, weight: usize) {
        let weight = weight + OVERHEAD;
        if weight > self.limit / 16 || self.entries.insert(key, value).is_some() {
            return;
        }
        self.order.push_back((key, weight));
        self.weight += weight;
        while self.weight > self.limit {
            let Some((oldest, weight)) = self.order.pop_front() else { return };
            self.entries.remove(&oldest);
            self.weight -= weight;
        }
    }
}

/// Bytes of the key in both lists, with the room that they keep for growing.
const OVERHEAD: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u32) -> Fingerprint {
        Fingerprint::of(&number.to_le_bytes())
    }

    #[test]
    fn the_oldest_go_and_the_weight_stays_below_the_limit() {
        let mut memory = Memory::new(32 * (OVERHEAD + 100));
        for number in 0..1000 {
            memory.keep(key(number), number, 100);
            assert!(memory.weight <= memory.limit);
        }
        let kept: Vec<u32> = (0..1000).filter_map(|number| memory.recall(&key(number))).collect();
        assert_eq!(kept, (968..1000).collect::<Vec<_>>());
        assert_eq!((memory.entries.len(), memory.order.len()), (32, 32));
    }

    #[test]
    fn one_giant_does_not_push_out_the_others() {
        let mut memory = Memory::new(16_000);
        memory.keep(key(1), 1, 100);
        memory.keep(key(2), 2, 1_000);
        assert_eq!((memory.recall(&key(1)), memory.recall(&key(2))), (Some(1), None));
    }

    #[test]
    fn a_second_value_for_a_key_weighs_nothing_more() {
        let mut memory = Memory::new(16_000);
        memory.keep(key(1), 1, 100);
        let weight = memory.weight;
        memory.keep(key(1), 2, 100);
        assert_eq!((memory.recall(&key(1)), memory.weight), (Some(2), weight));
    }
}
