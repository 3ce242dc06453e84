use std::borrow::Cow;

pub fn longest<'a>(a: &'a str, b: &'a str) -> &'a str {
    if a.len() > b.len() { a } else { b }
}

pub fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

pub fn greet(name: Option<&str>) -> String {
    format!("Hello, {}!", name.unwrap_or("you"))
}

pub fn join(parts: &[&str], separator: &str) -> String {
    parts.join(separator)
}

pub fn find_pair<'a>(pairs: &'a [(String, u64)], key: &str) -> Option<&'a (String, u64)> {
    pairs.iter().find(|(name, _)| name == key)
}

pub fn tidy(text: &str) -> Cow<'_, str> {
    if text.contains('\t') { Cow::Owned(text.replace('\t', " ")) } else { Cow::Borrowed(text) }
}

pub fn split_at_char(text: &str, at: char) -> Option<(&str, &str)> {
    text.split_once(at)
}

pub fn middle(values: &[f64]) -> &[f64] {
    let quarter = values.len() / 4;
    &values[quarter..values.len() - quarter]
}
