//! The system calls of a policy as its text states them, read without the code that compiles them:
//! what a filter should do with a call, and the calls that show it of each rule.

use std::collections::BTreeMap;

use toml::{Table, Value};

/// An argument that no call can use: a bad descriptor, address, size and option at once.
pub(crate) const USELESS: i64 = -1;

/// A call by number, with its six arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) number: i64,
    pub(crate) arguments: [i64; 6],
}

impl Call {
    pub(crate) fn useless(number: i64) -> Self {
        Call { number, arguments: [USELESS; 6] }
    }
}

/// What becomes of a call. The strictest word counts: seccomp(2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fate {
    Passes,
    Answered(i64),
    Killed,
}

/// One rule.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) calls: Vec<String>,
    pub(crate) when: Vec<Condition>,
    /// `None` for a rule that allows.
    pub(crate) errno: Option<i64>,
    /// Where it applies, if not everywhere.
    pub(crate) threads: Option<bool>,
}

/// A condition on an argument: the bits of the mask have this value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Condition {
    pub(crate) argument: usize,
    pub(crate) mask: i64,
    pub(crate) equals: i64,
}

impl Condition {
    fn holds(self, call: &Call) -> bool {
        call.arguments[self.argument] & self.mask == self.equals
    }

    /// The argument that it wants, other bits as they are.
    fn meet(self, call: &mut Call) {
        let argument = &mut call.arguments[self.argument];
        *argument = *argument & !self.mask | self.equals;
    }
}

impl Rule {
    fn read(table: &Value) -> Rule {
        let strings = |key: &str| {
            let list = table.get(key).and_then(Value::as_array).expect("a list");
            list.iter().map(|item| item.as_str().expect("a word").to_owned()).collect()
        };
        let number = |table: &Value, key| table.get(key).and_then(Value::as_integer);
        let condition = |table: &Value| Condition {
            argument: usize::try_from(number(table, "arg").expect("an index")).expect("an index"),
            mask: number(table, "mask").unwrap_or(-1),
            equals: number(table, "equals").expect("a value"),
        };
        let when = table.get("when").and_then(Value::as_array);
        Rule {
            calls: strings("calls"),
            when: when.into_iter().flatten().map(condition).collect(),
            errno: table.get("errno").and_then(Value::as_str).map(errno),
            threads: table.get("threads").and_then(Value::as_bool),
        }
    }

    pub(crate) fn applies(&self, threads: bool) -> bool {
        self.threads.is_none_or(|only| only == threads)
    }

    fn matches(&self, call: &Call, numbers: &BTreeMap<String, i64>) -> bool {
        let named = self.calls.iter().any(|name| numbers.get(name) == Some(&call.number));
        named && self.when.iter().all(|condition| condition.holds(call))
    }

    /// A call that meets every condition. A new process or thread gets nothing that is useless.
    pub(crate) fn met(&self, name: &str, number: i64) -> Call {
        let other = if name == "clone" { 0 } else { USELESS };
        let mut call = Call { number, arguments: [other; 6] };
        self.when.iter().for_each(|condition| condition.meet(&mut call));
        call
    }

    /// The same call with one condition broken, once for each bit of its mask.
    pub(crate) fn broken(&self, name: &str, number: i64) -> Vec<Call> {
        let met = self.met(name, number);
        let bits = |condition: &Condition| {
            let condition = *condition;
            (0..64).filter(move |bit| condition.mask >> bit & 1 == 1).map(move |bit| {
                let mut call = met;
                call.arguments[condition.argument] ^= 1 << bit;
                call
            })
        };
        self.when.iter().flat_map(bits).collect()
    }
}

/// errno.h
fn errno(name: &str) -> i64 {
    let known = [("EPERM", 1), ("ENOENT", 2), ("EAGAIN", 11), ("EACCES", 13), ("EINVAL", 22)];
    let known = known.into_iter().chain([("ENOSYS", 38)]);
    known.into_iter().find(|(known, _)| *known == name).expect("a known errno").1
}

/// The rules of a stage (`build`, `load`, `serve`) of a policy's text.
pub(crate) fn of_stage(policy: &str, stage: &str) -> Vec<Rule> {
    let policy: Table = policy.parse().expect("it is TOML");
    let stage = &policy["seccomp"][stage];
    let list = |key: &str| stage.get(key).and_then(Value::as_array).into_iter().flatten();
    list("allow").chain(list("answer")).map(Rule::read).collect()
}

/// What the rules say of a call.
pub(crate) fn fate(
    rules: &[Rule],
    threads: bool,
    numbers: &BTreeMap<String, i64>,
    call: &Call,
) -> Fate {
    let matching = rules.iter().filter(|rule| rule.applies(threads) && rule.matches(call, numbers));
    matching
        .map(|rule| rule.errno.map_or(Fate::Passes, Fate::Answered))
        .max()
        .unwrap_or(Fate::Killed)
}
