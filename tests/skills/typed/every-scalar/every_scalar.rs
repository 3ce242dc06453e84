#[derive(Clone, Copy, Debug)]
pub struct Packed {
    pub flag: bool,
    pub tiny: i8,
    pub wide: i64,
    pub letter: char,
    pub narrow: u8,
    pub half: f32,
    pub small: i16,
    pub whole: f64,
}

pub fn negate_all(a: i8, b: i16, c: i32, d: i64, flag: bool) -> (i8, i16, i32, i64, bool) {
    (-a, -b, -c, -d, !flag)
}

pub fn double_all(a: u8, b: u16, c: u32, d: u64, x: f32, y: f64) -> (u8, u16, u32, u64, f32, f64) {
    (a * 2, b * 2, c * 2, d * 2, x * 2.0, y * 2.0)
}

pub fn pack(
    flag: bool,
    tiny: i8,
    wide: i64,
    letter: char,
    narrow: u8,
    half: f32,
    small: i16,
    whole: f64,
) -> Packed {
    Packed { flag, tiny, wide, letter, narrow, half, small, whole }
}

pub fn toggle(p: Packed) -> Packed {
    let letter = char::from_u32(p.letter as u32 + 1).unwrap();
    Packed { flag: !p.flag, letter, narrow: p.narrow + 1, ..p }
}

pub fn either(a: Option<bool>, b: Option<i16>, c: Option<char>) -> Option<i16> {
    match (a, c) {
        (Some(true), _) => b,
        (_, Some(c)) => Some(c as i16),
        _ => None,
    }
}

pub fn count_true(pairs: &[(bool, u16, u64)]) -> u64 {
    pairs.iter().filter(|p| p.0).map(|p| p.2).sum()
}
