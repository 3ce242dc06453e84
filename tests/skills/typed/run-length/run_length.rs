pub fn encode(text: &str) -> Vec<(char, u32)> {
    let mut runs: Vec<(char, u32)> = Vec::new();
    for c in text.chars() {
        match runs.last_mut() {
            Some((last, n)) if *last == c => *n += 1,
            _ => runs.push((c, 1)),
        }
    }
    runs
}

pub fn decode(runs: &[(char, u32)]) -> String {
    let mut out = String::new();
    for &(c, n) in runs {
        for _ in 0..n {
            out.push(c);
        }
    }
    out
}

pub fn pack(data: &[u8]) -> Vec<(u8, u16)> {
    data.chunk_by(|a, b| a == b).map(|run| (run[0], run.len() as u16)).collect()
}

pub fn unpack(runs: Vec<(u8, u16)>) -> Vec<u8> {
    runs.iter().flat_map(|&(byte, n)| std::iter::repeat(byte).take(n.into())).collect()
}

pub fn longest_run(text: String) -> Option<(char, u32)> {
    let mut best: Option<(char, u32)> = None;
    for run in encode(&text) {
        if best.is_none_or(|b| run.1 > b.1) {
            best = Some(run);
        }
    }
    best
}
