pub struct Date {
    pub year: i16,
    pub month: u8,
    pub day: u8,
}

#[derive(PartialEq)]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Date {
    fn valid(&self) -> bool {
        let leap = self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0);
        let last = match self.month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => 0,
        };
        (1..=last).contains(&self.day)
    }

    fn number(&self) -> i32 {
        let y = i32::from(self.year) - if self.month <= 2 { 1 } else { 0 };
        let m = (i32::from(self.month) + 9) % 12;
        365 * y + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400) + (153 * m + 2) / 5
            + i32::from(self.day) - 1
    }
}

fn parts(text: &str) -> Option<Date> {
    let (head, day) = text.rsplit_once('-')?;
    let (year, month) = head.rsplit_once('-')?;
    Some(Date { year: year.parse().ok()?, month: month.parse().ok()?, day: day.parse().ok()? })
}

pub fn parse_date(text: &str) -> Result<Date, String> {
    let date = parts(text).ok_or_else(|| format!("not a date: {text}"))?;
    if date.valid() { Ok(date) } else { Err(format!("no such day: {text}")) }
}

pub fn days_between(a: Date, b: Date) -> i32 {
    b.number() - a.number()
}

pub fn day_of_week(day: &Date) -> Weekday {
    match day.number().rem_euclid(7) {
        0 => Weekday::Wednesday,
        1 => Weekday::Thursday,
        2 => Weekday::Friday,
        3 => Weekday::Saturday,
        4 => Weekday::Sunday,
        5 => Weekday::Monday,
        _ => Weekday::Tuesday,
    }
}

pub fn weekend_days(days: &[Weekday]) -> usize {
    days.iter().filter(|d| matches!(d, Weekday::Saturday | Weekday::Sunday)).count()
}
