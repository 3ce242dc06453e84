pub struct Item {
    pub name: String,
    pub weight: u16,
    pub worth: u32,
}

pub fn knapsack(items: &[Item], capacity: u16) -> (u32, Vec<String>) {
    let capacity = usize::from(capacity);
    let mut best = vec![vec![0u32; capacity + 1]];
    for item in items {
        let (last, weight) = (&best[best.len() - 1], usize::from(item.weight));
        let row = (0..=capacity)
            .map(|c| if weight <= c { last[c].max(last[c - weight] + item.worth) } else { last[c] })
            .collect();
        best.push(row);
    }
    let mut left = capacity;
    let mut taken = Vec::new();
    for (i, item) in items.iter().enumerate().rev() {
        if best[i + 1][left] != best[i][left] {
            taken.push(item.name.clone());
            left -= usize::from(item.weight);
        }
    }
    taken.reverse();
    (best[items.len()][capacity], taken)
}

pub fn factors(mut n: u64) -> Vec<(u64, u32)> {
    let mut out = vec![];
    let mut p = 2;
    while p * p <= n {
        let mut k = 0;
        while n % p == 0 {
            n /= p;
            k += 1;
        }
        if k > 0 {
            out.push((p, k));
        }
        p += 1;
    }
    if n > 1 {
        out.push((n, 1));
    }
    out
}

pub fn product(factors: &[(u64, u32)]) -> u64 {
    factors.iter().map(|&(p, k)| p.pow(k)).product()
}

fn root(parent: &mut [u32], x: u32) -> u32 {
    let above = parent[x as usize];
    if above == x {
        return x;
    }
    let top = root(parent, above);
    parent[x as usize] = top;
    top
}

pub fn components(count: u32, pairs: Vec<(u32, u32)>) -> Vec<Vec<u32>> {
    let mut parent: Vec<u32> = (0..count).collect();
    for (a, b) in pairs {
        let (a, b) = (root(&mut parent, a), root(&mut parent, b));
        parent[a.max(b) as usize] = a.min(b);
    }
    let mut groups = vec![Vec::new(); count as usize];
    for i in 0..count {
        groups[root(&mut parent, i) as usize].push(i);
    }
    groups.retain(|group| !group.is_empty());
    groups
}

pub fn find(sorted: &[i64], wanted: i64) -> Option<u32> {
    match sorted.binary_search(&wanted) {
        Ok(at) => Some(at as u32),
        Err(_) => None,
    }
}

pub fn range_of(sorted: &[i64], wanted: i64) -> Option<(u32, u32)> {
    let low = sorted.partition_point(|&x| x < wanted) as u32;
    let high = sorted.partition_point(|&x| x <= wanted) as u32;
    (low < high).then_some((low, high))
}
