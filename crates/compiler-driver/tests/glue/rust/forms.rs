//! Forms of parameters and results as models write them.
#![allow(clippy::ptr_arg)]

use std::borrow::Cow;
use std::collections::*;
use std::rc::Rc;
use std::sync::Arc;

fn view(s: &str) -> usize { s.len() }
fn value(s: String) -> String { s + "!" }
fn const_ref(s: &String) -> String { s.repeat(2) }
fn changed(s: &mut String) -> &str { s.push('?'); s }
fn cow(s: Cow<str>) -> Cow<str> { if s.is_empty() { Cow::Owned("empty".to_string()) } else { s } }
fn boxed(s: Box<str>) -> Box<str> { s }
fn counted(s: Arc<str>) -> Rc<str> { Rc::from(&*s) }
fn longest<'a>(a: &'a str, b: &'a str) -> &'a str { if a.len() >= b.len() { a } else { b } }
fn literal(yes: bool) -> &'static str { if yes { "yes" } else { "no" } }
fn flip(x: bool) -> bool { !x }
fn s8(x: i8) -> i8 { x }
fn s16(x: i16) -> i16 { x }
fn s32(x: i32) -> i32 { x }
fn s64(x: i64) -> i64 { x }
fn s64_size(x: isize) -> isize { x }
fn u8(x: u8) -> u8 { x }
fn u16(x: u16) -> u16 { x }
fn u32(x: u32) -> u32 { x }
fn u64(x: u64) -> u64 { x }
fn u64_size(x: usize) -> usize { x }
fn f32(x: f32) -> f32 { x * 2.0 }
fn f64(x: f64) -> f64 { x }
fn upper(c: char) -> char { c.to_ascii_uppercase() }
fn by_ref(x: &i32, y: &&f64) -> f64 { f64::from(*x) + **y }
fn mixed(a: bool, b: i8, c: f64, d: &str, e: i16) -> u64 {
    (a as i64 + b as i64 + c as i64 + d.len() as i64 + e as i64) as u64
}
fn nothing() -> i32 { 7 }
fn silent(_x: i32) {}

fn sum(xs: &[i32]) -> i32 { xs.iter().sum() }
fn sorted(mut xs: Vec<f64>) -> Vec<f64> { xs.sort_by(f64::total_cmp); xs }
fn vec_ref(xs: &Vec<i64>) -> i64 { xs.iter().sum() }
fn vec_mut(xs: &mut Vec<i64>) -> &Vec<i64> { xs.push(9); xs }
fn slice_mut(xs: &mut [u8]) -> &[u8] { xs.reverse(); xs }
fn boxed_slice(xs: Box<[u16]>) -> Box<[u16]> { xs }
fn three(xs: [i32; 3]) -> [i32; 2] { [xs[0], xs[2]] }
fn two(xs: &[f64; 2]) -> f64 { xs[0] * xs[1] }
fn deque(mut xs: VecDeque<i32>) -> VecDeque<i32> { xs.rotate_left(1); xs }
fn distinct(xs: HashSet<String>) -> usize { xs.len() }
fn ordered(xs: BTreeSet<i32>) -> BTreeSet<i32> { xs }
fn heap(mut xs: BinaryHeap<i32>) -> Option<i32> { xs.pop() }
fn weigh(m: HashMap<String, u32>) -> u32 { m.values().sum() }
fn counts(words: &[&str]) -> BTreeMap<String, usize> {
    let mut m = BTreeMap::new();
    for w in words { *m.entry(w.to_string()).or_default() += 1; }
    m
}
fn swapped(m: &BTreeMap<i32, &str>) -> Vec<(String, i32)> {
    m.iter().map(|(k, v)| (v.to_string(), *k)).collect()
}
fn chars(xs: &[char]) -> String { xs.iter().collect() }
fn bools(xs: &[bool]) -> Vec<bool> { xs.iter().map(|b| !b).collect() }
fn join(xs: &[String], sep: &str) -> String { xs.join(sep) }
fn join_views(xs: Vec<&str>) -> String { xs.concat() }
fn join_owned(xs: Vec<String>) -> Vec<String> { xs }
fn grid(g: Vec<Vec<i32>>) -> Vec<Vec<i32>> { g }
fn rows(g: &[Vec<i32>]) -> i64 { g.iter().flatten().map(|x| i64::from(*x)).sum() }
fn row_slices(g: &[&[i32]]) -> usize { g.len() + g[0].len() }
fn pair(p: (i32, String)) -> (String, i32) { (p.1, p.0) }
fn pair_ref(p: &(u8, f64, bool)) -> (bool, f64, u8) { (p.2, p.1, p.0) }
fn pairs(p: &[(i32, f64)]) -> Vec<(f64, i32)> { p.iter().map(|(a, b)| (*b, *a)).collect() }
fn maybe(x: Option<i32>) -> Option<i64> { x.map(i64::from) }
fn maybe_str(x: Option<&str>) -> Option<&str> { x.filter(|s| !s.is_empty()) }
fn maybe_ref(x: &Option<String>) -> Option<&String> { x.as_ref() }
fn maybe_inner(x: Option<&f64>) -> f64 { x.copied().unwrap_or(-1.0) }
fn nested(x: Option<Option<u8>>) -> Option<Option<u8>> { x }
fn divide(a: i32, b: i32) -> Result<i32, String> {
    if b == 0 { Err("division by zero".into()) } else { Ok(a / b) }
}
fn taken(r: Result<i32, String>) -> i32 { r.unwrap_or(-1) }
fn parsed(s: &str) -> Result<i32, std::num::ParseIntError> { s.parse() }
fn parsed_box(s: &str) -> Result<f64, Box<dyn std::error::Error>> { Ok(s.parse::<f64>()?) }
fn parsed_thrown(s: &str) -> Result<i32, std::num::ParseIntError> { s.parse() }
fn checked(x: i32) -> Result<(), ()> { if x > 0 { Ok(()) } else { Err(()) } }
#[derive(Debug)]
enum Odd { Odd(i32) }
fn debugged(x: i32) -> Result<(), Odd> { if x % 2 == 0 { Ok(()) } else { Err(Odd::Odd(x)) } }
fn ignored(x: i32) -> Result<i32, Odd> { if x % 2 == 0 { Ok(x) } else { Err(Odd::Odd(x)) } }
fn evens(n: u32) -> impl Iterator<Item = u32> { (0..n).filter(|x| x % 2 == 0) }
fn odds<'a>(xs: &'a [u32]) -> Box<dyn Iterator<Item = &'a u32> + 'a> { Box::new(xs.iter().filter(|x| *x % 2 == 1)) }
fn shown(x: i32) -> impl std::fmt::Display { x * 2 }

fn largest<T: PartialOrd + Copy>(xs: &[T]) -> T { let mut m = xs[0]; for &x in xs { if x > m { m = x } } m }
fn same<T>(x: T) -> T { x }
fn shout(s: impl AsRef<str>) -> String { s.as_ref().to_uppercase() }
fn greet<S>(s: S) -> String where S: Into<String> { s.into() + "!" }
fn total(xs: impl Iterator<Item = f64>) -> f64 { xs.sum() }
fn total_into<I: IntoIterator<Item = i32>>(xs: I) -> i32 { xs.into_iter().sum() }
fn total_of<'a, I>(xs: I) -> usize where I: Iterator<Item = &'a str> { xs.map(str::len).sum() }
fn mean<T: Copy + Into<f64>>(xs: &Vec<T>) -> Option<f64> { if xs.is_empty() { return None } Some(xs.iter().map(|&x| x.into()).sum::<f64>() / xs.len() as f64) }

unsafe fn risky(x: &u32) -> u32 { *x }
extern "C" fn foreign(x: i32) -> i32 { x + 1 }
const fn constant(x: i32) -> i32 { x + 2 }
pub mod geometry { pub mod flat { pub fn area(a: f64, b: f64) -> f64 { a * b } } }
struct Solution;
impl Solution { pub fn two_sum(nums: Vec<i32>, target: i32) -> Vec<i32> { vec![nums[0], target] } }
fn remove(s: &str, what: &str) -> String { s.replace(what, "") }
fn strlen(s: &str) -> usize { s.len() }
fn add(a: i32, b: i32) -> i32 { a + b }
fn read(x: i32) -> i32 { x }
fn saggar(x: i32) -> i32 { x }
fn r#match(x: i32) -> i32 { x }
fn main() { println!("{}", add(1, 2)); }

fn index(xs: &[i32], i: usize) -> i32 { xs[i] }
fn thrower(what: &str) { panic!("said {what}") }
fn odd_payload() { std::panic::panic_any(42) }
fn unwraps(x: Option<i32>) -> i32 { x.unwrap() }
fn many(n: u32) -> Vec<u32> { (0..n).collect() }
fn long(n: u32) { panic!("{}", "é".repeat(n as usize)) }
fn caught(n: u32) -> u32 { std::panic::catch_unwind(|| if n > 0 { panic!("x") } else { 1 }).unwrap_or(2) }

mod tests {
    #[test]
    fn it_adds() { assert_eq!(super::add(1, 2), 3); }
}
#[cfg(test)]
mod more { fn add() {} }
