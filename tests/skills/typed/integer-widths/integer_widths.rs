use std::num::Wrapping;

pub fn sum_eight(data: &[u8]) -> u8 {
    data.iter().map(|&b| Wrapping(b)).sum::<Wrapping<u8>>().0
}

fn two_sums(data: &[u8], start: u32, modulus: u32) -> (u32, u32) {
    data.iter().fold((start, 0), |(a, b), &byte| {
        let a = (a + byte as u32) % modulus;
        (a, (a + b) % modulus)
    })
}

pub fn fletcher(data: &[u8]) -> u16 {
    let (a, b) = two_sums(data, 0, 255);
    (b << 8 | a) as u16
}

pub fn adler(data: Vec<u8>) -> u32 {
    let (a, b) = two_sums(&data, 1, 65521);
    b << 16 | a
}

pub fn fnv(data: &Vec<u8>) -> u64 {
    let mut hash: u64 = 0xcbf29ce484222325;
    for &byte in data {
        hash = (hash ^ byte as u64).wrapping_mul(0x100000001b3);
    }
    hash
}

pub fn swap_bytes(words: Vec<u16>) -> Vec<u16> {
    words.into_iter().map(u16::swap_bytes).collect()
}

pub fn rotate(words: &[u32], by: u8) -> Vec<u32> {
    words.iter().map(|w| w.rotate_left(by as u32)).collect()
}

pub fn xor_all(words: &[u64]) -> u64 {
    words.iter().fold(0, |x, w| x ^ w)
}

pub fn clamp_add(a: i8, b: i8) -> i8 {
    a.saturating_add(b)
}

pub fn negate(values: &[i8]) -> Vec<i16> {
    values.iter().map(|&v| -(v as i16)).collect()
}

pub fn deltas(values: &[i16]) -> Vec<i32> {
    values.windows(2).map(|pair| pair[1] as i32 - pair[0] as i32).collect()
}

pub fn prefix_sums(values: &[i32]) -> Vec<i64> {
    values
        .iter()
        .scan(0i64, |sum, &v| {
            *sum += v as i64;
            Some(*sum)
        })
        .collect()
}

pub fn narrowest(values: &[i64]) -> Vec<i8> {
    values.iter().map(|&v| v.clamp(-128, 127) as i8).collect()
}

pub fn set_bits(word: usize) -> Vec<bool> {
    (0..usize::BITS - word.leading_zeros()).map(|i| word >> i & 1 == 1).collect()
}

pub fn halve(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&v| f64::from(v) / 2.0).collect()
}

pub fn any(flags: &[bool]) -> bool {
    flags.contains(&true)
}
