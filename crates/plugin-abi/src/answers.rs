//! The answers to many calls at once, their result blocks in one piece of memory.

use std::ops::Range;

use saggar_model::Feedback;

/// A result block for each call, or how it failed, in the order of the calls.
#[derive(Debug, Default)]
pub struct Answers {
    bytes: Vec<u8>,
    each: Vec<Result<Range<usize>, Box<Feedback>>>,
}

impl Answers {
    /// Answers whose blocks lie at these places of the bytes. A place beyond them is an empty block.
    pub fn new(bytes: Vec<u8>, each: Vec<Result<Range<usize>, Box<Feedback>>>) -> Self {
        Answers { bytes, each }
    }

    /// Adds an answer with its block, or a failure.
    pub fn push(&mut self, answer: Result<Vec<u8>, Box<Feedback>>) {
        let start = self.bytes.len();
        self.each.push(answer.map(|block| {
            self.bytes.extend(block);
            start..self.bytes.len()
        }));
    }

    /// Adds all of others.
    pub fn append(&mut self, others: Answers) {
        if self.each.is_empty() {
            *self = others;
            return;
        }
        let before = self.bytes.len();
        self.bytes.extend_from_slice(&others.bytes);
        let moved = |place: Range<usize>| place.start + before..place.end + before;
        self.each.extend(others.each.into_iter().map(|answer| answer.map(moved)));
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.each.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.each.is_empty()
    }

    /// Takes the answers out, in order.
    pub fn drain(&mut self) -> impl Iterator<Item = Result<&[u8], Box<Feedback>>> {
        let bytes = &self.bytes;
        self.each.drain(..).map(|answer| answer.map(|place| bytes.get(place).unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use saggar_model::{Code, Stage};

    use super::*;

    fn told() -> Box<Feedback> {
        Box::new(Feedback::new(Stage::Call, Code::CallError, "told"))
    }

    #[test]
    fn answers_come_out_as_they_went_in() {
        let mut placed = Answers::new(b"abcdef".to_vec(), vec![Ok(4..6), Ok(5..99)]);
        placed.push(Ok(b"xyz".to_vec()));
        let mut answers = Answers::default();
        answers.append(placed);
        let mut others = Answers::default();
        others.push(Ok(b"1".to_vec()));
        others.push(Err(told()));
        others.push(Ok(b"23".to_vec()));
        answers.append(others);
        assert_eq!((answers.len(), answers.is_empty()), (6, false));
        let out: Vec<_> = answers.drain().map(|answer| answer.map_err(|told| told.code)).collect();
        let blocks: [&[u8]; 3] = [b"ef", b"", b"xyz"];
        let more: [Result<&[u8], Code>; 3] = [Ok(b"1"), Err(Code::CallError), Ok(b"23")];
        assert_eq!(out, [blocks.map(Ok), more].concat());
        assert!(answers.is_empty());
    }
}
