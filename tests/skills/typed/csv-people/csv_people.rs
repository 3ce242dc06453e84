#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    pub name: String,
    pub age: u32,
    pub email: Option<String>,
    pub scores: Vec<f32>,
}

impl Person {
    fn from_line(line: &str) -> Option<Person> {
        let mut cells = line.split(',');
        let name = cells.next()?.to_string();
        let age = cells.next()?.parse().ok()?;
        let email = cells.next().filter(|cell| !cell.is_empty()).map(str::to_owned);
        let scores = cells
            .next()
            .unwrap_or("")
            .split(';')
            .filter_map(|score| score.parse().ok())
            .collect();
        Some(Person { name, age, email, scores })
    }
}

pub fn parse_people(text: &str) -> Vec<Person> {
    text.lines().filter(|line| !line.is_empty()).filter_map(Person::from_line).collect()
}

pub fn oldest(people: &[Person]) -> Option<Person> {
    let mut people = people.iter();
    let mut best = people.next()?;
    for person in people {
        if person.age > best.age {
            best = person;
        }
    }
    Some(best.clone())
}

pub fn best_score(who: &Person) -> Option<f32> {
    who.scores.iter().copied().reduce(f32::max)
}

pub fn to_csv(people: Vec<Person>) -> String {
    let mut out = String::new();
    for Person { name, age, email, scores } in people {
        out += &format!("{name},{age},{},{}\n", email.unwrap_or_default(), scores.len());
    }
    out
}
