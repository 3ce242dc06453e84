use std::error::Error;
use std::fmt;

#[derive(Debug)]
enum MathError {
    Negative(f64),
}

impl fmt::Display for MathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MathError::Negative(x) => write!(f, "negative: {x}"),
        }
    }
}

impl Error for MathError {}

pub struct Version {
    pub major: u8,
    pub minor: u8,
}

pub fn nth(values: Vec<i32>, index: usize) -> i32 {
    values[index]
}

pub fn first_char(text: &str) -> char {
    text.chars().next().expect("text is empty")
}

pub fn sum(values: &[u8]) -> u8 {
    let total: u32 = values.iter().map(|&v| v as u32).sum();
    if total > 255 {
        panic!("{total} does not fit into {} bits", u8::BITS);
    }
    total as u8
}

pub fn parse_version(text: &str) -> Result<Version, Box<dyn Error>> {
    let (major, minor) = text.split_once('.').ok_or(format!("no dot in {text}"))?;
    Ok(Version { major: major.parse()?, minor: minor.parse()? })
}

pub fn ratio(a: i32, b: i32) -> i32 {
    a / b
}

fn sqrt(x: f64) -> Result<f64, MathError> {
    if x < 0.0 {
        return Err(MathError::Negative(x));
    }
    Ok(x.sqrt())
}
