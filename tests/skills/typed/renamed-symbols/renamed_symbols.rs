#[derive(Clone, Copy, Default)]
struct SensorData {
    sensor_id: u16,
    degrees: f32,
}

#[allow(clippy::upper_case_acronyms)]
enum TemperatureLevel {
    LOW,
    HIGH,
}

fn select_kth(mut values: Vec<i64>, k: u32) -> Option<i64> {
    values.sort();
    values.get((k as usize).checked_sub(1)?).copied()
}

#[allow(non_snake_case)]
fn Mean(readings: &[SensorData]) -> SensorData {
    let n = readings.len() as f32;
    SensorData {
        sensor_id: readings.iter().map(|r| r.sensor_id).max().unwrap_or(0),
        degrees: readings.iter().map(|r| r.degrees).sum::<f32>() / n,
    }
}

fn level_of(one: SensorData) -> TemperatureLevel {
    if one.degrees > 30.0 { TemperatureLevel::HIGH } else { TemperatureLevel::LOW }
}
