use std::collections::*;

pub fn histogram(text: &str) -> Vec<(String, u64)> {
    let mut out: BTreeMap<String, u64> = BTreeMap::new();
    for word in text.split(|c: char| !c.is_ascii_alphabetic()).filter(|w| !w.is_empty()) {
        let word = word.to_lowercase();
        *out.entry(word.clone()).or_insert(0) += 1;
    }
    out.into_iter().collect()
}

pub fn add_counts(a: Vec<(String, u64)>, b: Vec<(String, u64)>) -> Vec<(String, u64)> {
    let mut sum = HashMap::new();
    for (word, n) in a.into_iter().chain(b) {
        *sum.entry(word).or_insert(0u64) += n;
    }
    let mut all: Vec<_> = sum.into_iter().collect();
    all.sort();
    all
}

pub fn lookup(counts: &[(String, u64)], word: &str) -> Option<u64> {
    counts.iter().find(|(w, _)| w == word).map(|&(_, n)| n)
}

pub fn longest_words(words: &[String]) -> Vec<String> {
    let most = words.iter().map(String::len).max().unwrap_or(0);
    words.iter().filter(|w| w.len() == most).cloned().collect()
}
