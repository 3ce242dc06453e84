use std::collections::BTreeSet;

struct Graph {
    next: Vec<Vec<u32>>,
    incoming: Vec<usize>,
}

impl Graph {
    fn new(count: u32, edges: &[(u32, u32)]) -> Self {
        let mut graph = Graph { next: vec![vec![]; count as usize], incoming: vec![0; count as usize] };
        for &(from, to) in edges {
            graph.next[from as usize].push(to);
            graph.incoming[to as usize] += 1;
        }
        graph
    }

    fn into_layers(mut self) -> Vec<Vec<u32>> {
        let mut layers = Vec::new();
        let mut ready: Vec<u32> =
            (0..self.next.len() as u32).filter(|&n| self.incoming[n as usize] == 0).collect();
        while !ready.is_empty() {
            let mut following = BTreeSet::new();
            for &node in &ready {
                for &to in &self.next[node as usize] {
                    self.incoming[to as usize] -= 1;
                    if self.incoming[to as usize] == 0 {
                        following.insert(to);
                    }
                }
            }
            layers.push(ready);
            ready = following.into_iter().collect();
        }
        layers
    }
}

pub fn order(count: u32, edges: &[(u32, u32)]) -> Result<Vec<u32>, Vec<u32>> {
    let sorted = Graph::new(count, edges).into_layers().concat();
    if sorted.len() == count as usize {
        Ok(sorted)
    } else {
        Err((0..count).filter(|n| !sorted.contains(n)).collect())
    }
}

pub fn levels(count: u32, edges: Vec<(u32, u32)>) -> Vec<Vec<u32>> {
    Graph::new(count, &edges).into_layers()
}

pub fn has_cycle(count: u32, edges: &Vec<(u32, u32)>) -> bool {
    order(count, edges).is_err()
}
