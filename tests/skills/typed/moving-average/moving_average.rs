pub fn moving_average(values: &[f64], window: u32) -> Vec<Option<f64>> {
    let window = window as usize;
    (0..values.len())
        .map(|i| {
            if window == 0 || i + 1 < window {
                return None;
            }
            let part = &values[i + 1 - window..=i];
            Some(part.iter().sum::<f64>() / window as f64)
        })
        .collect()
}

pub fn fill_gaps(values: &[Option<f64>], start: Option<f64>) -> Vec<f64> {
    let mut last = start.unwrap_or(0.0);
    let mut out = Vec::with_capacity(values.len());
    for v in values {
        last = v.unwrap_or(last);
        out.push(last);
    }
    out
}

pub fn mean(values: Vec<f32>) -> Option<f32> {
    let unused = 3;
    (!values.is_empty()).then(|| values.iter().sum::<f32>() / values.len() as f32)
}

pub fn first_gap(values: &Vec<Option<f64>>) -> Option<usize> {
    values.iter().position(Option::is_none)
}
