use std::cmp::min;

pub fn distance(a: &str, b: &str) -> u32 {
    let b: Vec<char> = b.chars().collect();
    let mut prev: Vec<u32> = (0..=b.len() as u32).collect();
    for (i, x) in a.chars().enumerate() {
        let mut cur = vec![i as u32 + 1];
        for (j, &y) in b.iter().enumerate() {
            let cost = if x == y { 0 } else { 1 };
            cur.push(min(min(prev[j + 1] + 1, cur[j] + 1), prev[j] + cost));
        }
        prev = cur;
    }
    prev[b.len()]
}

pub fn closest(word: &str, candidates: &[String]) -> Option<String> {
    candidates.iter().min_by_key(|c| distance(word, c)).cloned()
}

pub fn all_distances(words: &Vec<String>) -> Vec<Vec<u8>> {
    words.iter().map(|a| words.iter().map(|b| distance(a, b) as u8).collect()).collect()
}

pub fn similarity(a: &String, b: &String) -> f32 {
    let longest = a.chars().count().max(b.chars().count());
    if longest == 0 {
        return 1.0;
    }
    1.0 - distance(a, b) as f32 / longest as f32
}

fn main() {
    println!("{}", distance("kitten", "sitting"));
}
