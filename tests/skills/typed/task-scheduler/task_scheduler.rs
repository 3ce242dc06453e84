use std::cmp::Reverse;
use std::collections::BinaryHeap;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    Low,
    Normal,
    High,
    VeryUrgent,
}

#[derive(Debug, Clone)]
pub struct Task {
    pub title: String,
    pub level: Priority,
    pub minutes: u16,
    pub due: Option<u8>,
}

pub fn schedule(tasks: &[Task]) -> Vec<String> {
    let mut heap: BinaryHeap<(Priority, Reverse<u16>, &str)> =
        tasks.iter().map(|t| (t.level, Reverse(t.minutes), t.title.as_str())).collect();
    let mut order = vec![];
    while let Some((_, _, title)) = heap.pop() {
        order.push(title.to_owned());
    }
    order
}

pub fn count_levels(levels: &[Priority]) -> Vec<(Priority, u32)> {
    use Priority::*;
    [Low, Normal, High, VeryUrgent]
        .into_iter()
        .map(|p| (p, levels.iter().filter(|l| **l == p).count() as u32))
        .collect()
}

pub fn highest(levels: Vec<Priority>) -> Option<Priority> {
    levels.into_iter().max()
}

pub fn promote(level: Priority) -> Priority {
    match level {
        Priority::Low => Priority::Normal,
        Priority::Normal => Priority::High,
        Priority::High | Priority::VeryUrgent => Priority::VeryUrgent,
    }
}

pub fn most_pressing(tasks: Vec<Task>, within: u16) -> Option<Task> {
    tasks
        .into_iter()
        .filter(|t| t.minutes <= within)
        .max_by_key(|t| (t.level, Reverse(t.minutes)))
}
