pub fn multiply(a: &[Vec<f64>], b: &[Vec<f64>]) -> Result<Vec<Vec<f64>>, String> {
    let width = a.first().map_or(0, |row| row.len());
    let cols = b.first().map_or(0, |row| row.len());
    if width != b.len() {
        return Err(format!("shapes {}x{} and {}x{} do not match", a.len(), width, b.len(), cols));
    }
    let mut c = vec![vec![0.0; cols]; a.len()];
    for i in 0..a.len() {
        for j in 0..cols {
            for k in 0..b.len() {
                c[i][j] += a[i][k] * b[k][j];
            }
        }
    }
    Ok(c)
}

pub fn transpose(matrix: Vec<Vec<i32>>) -> Vec<Vec<i32>> {
    if matrix.is_empty() {
        return vec![];
    }
    (0..matrix[0].len()).map(|j| matrix.iter().map(|row| row[j]).collect()).collect()
}

pub fn trace(matrix: &Vec<Vec<f64>>) -> Option<f64> {
    let n = matrix.len();
    matrix.iter().enumerate().map(|(i, row)| (row.len() == n).then(|| row[i])).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_by_one() {
        assert_eq!(multiply(&[vec![2.0]], &[vec![3.0]]), Ok(vec![vec![6.0]]));
    }
}
