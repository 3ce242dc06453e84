use std::collections::HashMap;

pub fn two_sum(nums: Vec<i32>, target: i32) -> Vec<i32> {
    let mut seen: HashMap<i32, i32> = HashMap::new();
    for (i, n) in nums.iter().enumerate() {
        if let Some(&j) = seen.get(&(target - n)) {
            return vec![j, i as i32];
        }
        seen.insert(*n, i as i32);
    }
    vec![]
}

pub fn max_profit(prices: Vec<i32>) -> i32 {
    let mut low = i32::MAX;
    let mut best = 0;
    for p in prices {
        low = low.min(p);
        best = best.max(p - low);
    }
    best
}

pub fn transpose(matrix: Vec<Vec<i32>>) -> Vec<Vec<i32>> {
    let (m, n) = (matrix.len(), matrix[0].len());
    let mut ans = vec![vec![0; m]; n];
    for i in 0..m {
        for j in 0..n {
            ans[j][i] = matrix[i][j];
        }
    }
    return ans;
}

pub fn search_matrix(matrix: Vec<Vec<i32>>, target: i32) -> bool {
    matrix.iter().any(|row| row.binary_search(&target).is_ok())
}

pub fn length_of_longest_substring(s: String) -> i32 {
    let mut last: HashMap<char, usize> = HashMap::new();
    let mut left = 0;
    let mut best = 0;
    for (right, c) in s.chars().enumerate() {
        if let Some(at) = last.insert(c, right) {
            left = left.max(at + 1);
        }
        best = best.max(right - left + 1);
    }
    best as i32
}

pub fn sorted_squares(nums: Vec<i32>) -> Vec<i32> {
    let mut squares: Vec<i32> = nums.iter().map(|n| n * n).collect();
    squares.sort();
    squares
}
