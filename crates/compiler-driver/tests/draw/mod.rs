//! Numbers that look random and are the same in every run.

/// Xorshift (Marsaglia, "Xorshift RNGs", 2003) with a fixed seed.
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) fn new() -> Self {
        Draw(0x9e37_79b9_7f4a_7c15)
    }

    /// A number below another.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits") % end
    }

    /// One of some texts.
    pub(crate) fn one<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.below(of.len())]
    }

    /// Fewer than so many of some texts, with something between them.
    pub(crate) fn some(&mut self, of: &[&str], end: usize, between: &str) -> String {
        let texts: Vec<&str> = (0..self.below(end)).map(|_| self.one(of)).collect();
        texts.join(between)
    }
}
