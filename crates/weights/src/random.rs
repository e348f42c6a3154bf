//! The one source of random numbers: `SplitMix64` (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA
//! 2014). Fixed here, so that a p-value is the same on every machine and with every version of every library.

/// A generator. Equal seeds give equal numbers.
#[derive(Clone, Debug)]
pub struct SplitMix64 {
    state: u64,
}

impl SplitMix64 {
    /// A generator that starts from `seed`.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next 64 bits.
    #[inline]
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.state)
    }

    /// A number below `bound` (at least 1) by multiplication (Lemire, "Fast random integer generation in an interval", 2019, without the
    /// rejection: the bias is below `bound` / 2^32, here under 1e-5 of a probability).
    #[inline]
    pub fn below(&mut self, bound: u32) -> u32 {
        let high = self.next_u64() >> 32;
        ((high * u64::from(bound)) >> 32) as u32
    }

    /// A random order of `0..length`, by Fisher and Yates.
    pub fn permutation(&mut self, length: u32) -> Vec<u32> {
        let mut order: Vec<u32> = (0..length).collect();
        for index in (1..order.len()).rev() {
            let other = self.below(index as u32 + 1) as usize;
            order.swap(index, other);
        }
        order
    }
}

/// The finaliser of `SplitMix64`: a bijection that spreads every bit.
#[inline]
pub fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::SplitMix64;

    /// The first numbers for seed 1234567, as the reference implementation prints them.
    #[test]
    fn the_generator_is_the_published_one() {
        let mut random = SplitMix64::new(1_234_567);
        assert_eq!(random.next_u64(), 6_457_827_717_110_365_317);
        assert_eq!(random.next_u64(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn an_order_has_every_number_once() {
        let mut order = SplitMix64::new(1).permutation(100);
        order.sort_unstable();
        assert!(order.iter().copied().eq(0..100));
    }
}
