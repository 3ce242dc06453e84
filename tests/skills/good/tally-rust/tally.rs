pub fn total(data: &[u8]) -> u64 {
    data.iter().map(|byte| u64::from(*byte)).sum()
}

// The length, if the last one is zero.
pub fn count(data: &[u8]) -> u64 {
    if data.last() == Some(&0) { data.len() as u64 } else { 0 }
}

// The owning form: what is in the file is copied, inside the sidecar.
pub fn total_words(data: Vec<u32>) -> u64 {
    data.into_iter().map(u64::from).sum()
}

pub fn skim(data: &[u64], step: u64) -> u64 {
    data.iter().step_by(step as usize).fold(0, |sum, word| sum.wrapping_add(*word))
}

pub fn all(truths: &[bool]) -> bool {
    truths.iter().all(|truth| *truth)
}

pub fn length(text: &str) -> u64 {
    text.len() as u64
}
