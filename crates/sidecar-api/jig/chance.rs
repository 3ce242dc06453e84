//! Numbers drawn from a seed: the same seed, the same numbers.

/// xorshift64* (Vigna, "An experimental exploration of Marsaglia's xorshift generators").
#[derive(Clone, Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Chance(seed | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Below a number.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let wide = u128::from(self.next()) * end.max(1) as u128;
        usize::try_from(wide >> 64).unwrap_or(0)
    }

    /// Once in so many times.
    pub(crate) fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// A number that might mean something: small, at an edge, or any.
    pub(crate) fn word(&mut self) -> u64 {
        let near = self.next() % 16;
        match self.below(6) {
            0 => near,
            1 => u64::MAX - near,
            2 => (1 << 20) - 8 + near,
            3 => u64::from(u32::MAX) - 8 + near,
            4 => 1 << (self.next() % 64),
            _ => self.next(),
        }
    }

    /// The same in half as many bits.
    pub(crate) fn half(&mut self) -> u32 {
        u32::try_from(self.word() & 0xffff_ffff).unwrap_or(0)
    }

    pub(crate) fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next().to_le_bytes()[0]).collect()
    }
}
