const TABLE: [(u16, &str); 13] = [
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"),
    (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
];

pub fn to_roman(number: u16) -> Result<String, ()> {
    if !(1..=3999).contains(&number) {
        return Err(());
    }
    let mut left = number;
    let mut out = String::new();
    for &(value, letters) in TABLE.iter() {
        while left >= value {
            out.push_str(letters);
            left -= value;
        }
    }
    Ok(out)
}

pub fn value_of(letter: char) -> Option<u16> {
    TABLE.iter().find(|(_, letters)| letters.len() == 1 && letters.starts_with(letter)).map(|row| row.0)
}

pub fn parse_roman(text: &str) -> Result<u16, String> {
    if text.is_empty() {
        return Err("empty numeral".into());
    }
    let bad = || format!("not a Roman numeral: {text}");
    let values = text.chars().map(value_of).collect::<Option<Vec<_>>>().ok_or_else(bad)?;
    let mut total: i32 = 0;
    for (i, &v) in values.iter().enumerate() {
        match values.get(i + 1) {
            Some(&next) if next > v => total -= i32::from(v),
            _ => total += i32::from(v),
        }
    }
    let number = u16::try_from(total).map_err(|_| bad())?;
    match to_roman(number) {
        Ok(back) if back == text => Ok(number),
        _ => Err(bad()),
    }
}
