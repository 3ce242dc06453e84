use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Color {
    pub red: u8,
    pub green: u8,
    pub blue: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HexError {
    WrongLength,
    BadDigit,
    NoHash,
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

impl std::str::FromStr for Color {
    type Err = HexError;

    fn from_str(text: &str) -> Result<Self, HexError> {
        let digits = text.strip_prefix('#').ok_or(HexError::NoHash)?;
        if digits.len() != 6 {
            return Err(HexError::WrongLength);
        }
        let value = |c: u8| (c as char).to_digit(16).ok_or(HexError::BadDigit);
        let mut bytes = [0; 3];
        for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks(2)) {
            let (high, low) = (value(pair[0])?, value(pair[1])?);
            *byte = (high * 16 + low) as u8;
        }
        Ok(Color { red: bytes[0], green: bytes[1], blue: bytes[2] })
    }
}

pub fn mix(a: Color, b: Color, share: f32) -> Color {
    let blend = |x: u8, y: u8| (x as f32 + (y as f32 - x as f32) * share) as u8;
    Color { red: blend(a.red, b.red), green: blend(a.green, b.green), blue: blend(a.blue, b.blue) }
}

pub fn parse_hex(text: &str) -> Result<Color, HexError> {
    text.parse()
}

pub fn to_hex(c: Color) -> String {
    c.to_string()
}

pub fn average(colors: &[Color]) -> Option<Color> {
    let n = colors.len();
    if n == 0 {
        return None;
    }
    let mean = |part: fn(&Color) -> u8| (colors.iter().map(|c| part(c) as usize).sum::<usize>() / n) as u8;
    Some(Color { red: mean(|c| c.red), green: mean(|c| c.green), blue: mean(|c| c.blue) })
}

pub fn gradient(first: Color, last: Color, steps: u16) -> Vec<Color> {
    let most = steps.saturating_sub(1).max(1) as f32;
    (0..steps).map(|i| mix(first, last, i as f32 / most)).collect()
}

pub fn worst(problems: Vec<HexError>) -> Option<HexError> {
    problems.iter().copied().max()
}
