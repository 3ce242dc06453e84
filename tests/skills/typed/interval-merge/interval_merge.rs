type Interval = (i32, i32);

fn merge(intervals: &[Interval]) -> Vec<Interval> {
    let mut sorted = intervals.to_vec();
    sorted.sort_unstable();
    let mut merged: Vec<Interval> = Vec::new();
    for (start, end) in sorted {
        match merged.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => merged.push((start, end)),
        }
    }
    merged
}

fn covered(intervals: Vec<(i32, i32)>) -> i64 {
    merge(&intervals).iter().map(|&(lo, hi)| i64::from(hi) - i64::from(lo)).sum()
}

pub fn insert(mut intervals: Vec<(i32, i32)>, new_interval: (i32, i32)) -> Vec<(i32, i32)> {
    intervals.push(new_interval);
    merge(&intervals)
}

pub fn widest(intervals: &[Interval]) -> Option<Interval> {
    let mut best: Option<Interval> = None;
    for &(lo, hi) in intervals {
        let width = hi as i64 - lo as i64;
        if best.map_or(true, |(a, b)| width > b as i64 - a as i64) {
            best = Some((lo, hi));
        }
    }
    best
}
