//! Another order each round, so that one list does not mean one load pattern.

/// Items that wait at most while the order is shuffled.
pub const WINDOW: usize = 4096;

/// The items of `items` in an order that `seed` decides, in memory for [`WINDOW`] of them.
///
/// Each item is drawn from the window of those read and not yet given, so neighbours in a list of
/// any length (mostly one server's names) come apart, and the list is never held as a whole.
pub fn shuffled<I: IntoIterator>(items: I, seed: u64) -> Shuffled<I::IntoIter> {
    Shuffled { items: items.into_iter(), window: Vec::new(), state: seed }
}

/// See [`shuffled`].
#[derive(Debug)]
pub struct Shuffled<I: Iterator> {
    items: I,
    window: Vec<I::Item>,
    state: u64,
}

impl<I: Iterator> Shuffled<I> {
    /// SplitMix64 (Steele, Lea, Flood 2014): enough for an order that nobody bets on.
    fn next_number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

impl<I: Iterator> Iterator for Shuffled<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        let room = WINDOW - self.window.len();
        self.window.extend(self.items.by_ref().take(room));
        if self.window.is_empty() {
            return None;
        }
        let drawn = (u128::from(self.next_number()) * self.window.len() as u128) >> 64;
        Some(self.window.swap_remove(drawn as usize))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The outputs that are published for checking an implementation, seed 1234567.
    #[test]
    fn the_numbers_are_those_of_splitmix64() {
        let mut shuffled = shuffled(std::iter::empty::<()>(), 1_234_567);
        let numbers = [shuffled.next_number(), shuffled.next_number(), shuffled.next_number()];
        assert_eq!(
            numbers,
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
    }

    #[test]
    fn every_item_comes_once_and_never_more_than_a_window_early() {
        let order: Vec<usize> = shuffled(0..20_000, 7).collect();
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..20_000).collect::<Vec<_>>());
        assert!(order.iter().enumerate().all(|(at, item)| *item < at + WINDOW));
    }

    #[test]
    fn a_seed_decides_the_order_and_another_changes_it() {
        let order = |seed| shuffled(0..1000, seed).collect::<Vec<_>>();
        assert_eq!(order(1), order(1));
        assert_ne!(order(1), order(2));
        assert_ne!(order(1), (0..1000).collect::<Vec<_>>());
    }

    #[test]
    fn no_more_than_a_window_is_read_ahead() {
        let read = std::cell::Cell::new(0);
        let mut shuffled = shuffled((0..100_000).inspect(|_| read.set(read.get() + 1)), 3);
        for given in 0..10_000 {
            assert!(shuffled.next().is_some());
            assert!(read.get() <= given + WINDOW);
        }
    }
}
