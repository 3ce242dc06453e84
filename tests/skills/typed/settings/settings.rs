type Entries = Vec<(String, Option<String>)>;

pub fn lookup(entries: &Entries, key: &str) -> Option<Option<String>> {
    entries.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone())
}

pub fn flatten(value: Option<Option<i32>>) -> Option<i32> {
    value.flatten()
}

pub fn check(entries: Entries) -> Result<(), ()> {
    if entries.iter().any(|(name, _)| name.is_empty()) { Err(()) } else { Ok(()) }
}

pub fn require(entries: &[(String, Option<String>)], key: &str) -> Result<(), String> {
    match entries.iter().find(|(name, _)| name == key) {
        Some((_, Some(_))) => Ok(()),
        Some((_, None)) => Err(format!("{key} has no value")),
        None => Err(format!("{key} is missing")),
    }
}

pub fn number(text: &str) -> Result<i64, ()> {
    text.parse().map_err(|_| ())
}

pub fn all_numbers(texts: &[String]) -> Vec<Result<i64, String>> {
    texts.iter().map(|t| number(t).map_err(|()| format!("no number: {t}"))).collect()
}

pub fn good_ones(results: &[Result<i64, String>]) -> Vec<i64> {
    results.iter().flatten().copied().collect()
}
