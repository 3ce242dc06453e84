pub fn reverse(text: &str) -> String {
    text.chars().rev().collect()
}

pub fn count_char(text: &str, which: char) -> u32 {
    text.chars().filter(|&c| c == which).count() as u32
}

fn rotate(c: char, first: u8, by: u8) -> char {
    ((c as u8 - first + by) % 26 + first) as char
}

pub fn caesar(text: &str, shift: i8) -> String {
    let by = shift.rem_euclid(26) as u8;
    text.chars()
        .map(|c| match c {
            'a'..='z' => rotate(c, b'a', by),
            'A'..='Z' => rotate(c, b'A', by),
            _ => c,
        })
        .collect()
}

pub fn code_points(text: String) -> Vec<char> {
    text.chars().collect()
}

pub fn from_chars(chars: &[char]) -> String {
    chars.iter().collect()
}

pub fn first_upper(text: &str) -> Option<char> {
    text.chars().find(|c| c.is_uppercase())
}

pub fn next_char(c: char) -> char {
    let mut points = c..=char::MAX;
    points.next();
    points.next().unwrap_or('\0')
}
