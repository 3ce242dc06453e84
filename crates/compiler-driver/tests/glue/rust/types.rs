//! Structs and enums, and names that the glue must not stumble over.
#![deny(warnings)]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

use std::collections::HashMap as Map;
use shapes::Circle;

mod std_like { pub struct Vec; }
mod core {}
struct Frame;
struct Call;
trait In {}
trait Out {}
enum Stop {}
type Done = Result<()>;
type Result<T> = ::std::result::Result<T, Failure>;
macro_rules! vec { () => { compile_error!("not this one") } }
macro_rules! format { () => { compile_error!("not this one") } }
macro_rules! wire { () => { compile_error!("not this one") } }
macro_rules! assert { () => { compile_error!("not this one") } }
fn drop(_x: i32) {}

#[derive(Debug)]
enum Failure { Empty, Low { by: i32 } }

struct Point { x: f64, y: f64 }
#[derive(Clone, Copy, PartialEq)]
enum Color { Red, DarkGreen, BLUE, Unlisted }
struct Item { color: Color, at: Point, tagNames: Vec<String>, r#type: Option<u8>, weights: Map<String, f32> }
struct Meters(f64, u8);
struct Word<'a> { text: &'a str, count: usize }
struct Span<T> { start: T, end: T }
mod shapes { pub struct Circle { pub radius: f64 } pub fn area(c: &Circle) -> f64 { c.radius * 2.0 }
    pub enum level { low, high } pub fn rise(l: level) -> level { match l { level::low => level::high, level::high => level::low } } }
type Spot = Point;
type Grid<T> = Vec<Vec<T>>;
macro_rules! define { ($name:ident) => { struct $name { width: u32, height_mm: u32 } } }
define!(Plain);


fn norm(p: &Point) -> f64 { (p.x * p.x + p.y * p.y).sqrt() }
fn mid(a: Point, b: Spot) -> Point { Point { x: (a.x + b.x) / 2.0, y: (a.y + b.y) / 2.0 } }
fn shift(p: &mut Point, by: f64) -> &Point { p.x += by; p }
fn centre(points: &[Point]) -> Option<Point> {
    if points.is_empty() { return None }
    let n = points.len() as f64;
    Some(Point { x: points.iter().map(|p| p.x).sum::<f64>() / n, y: points.iter().map(|p| p.y).sum::<f64>() / n })
}
fn as_tuple(span: (u8, u8)) -> (u8, u8) { (span.1, span.0) }
fn next(c: Color) -> Color { match c { Color::Red => Color::DarkGreen, Color::DarkGreen => Color::BLUE, _ => Color::Unlisted } }
fn colors(cs: Vec<Color>) -> usize { cs.iter().filter(|c| **c == Color::Red).count() }
fn echo(item: Item) -> Item { item }
fn heaviest(items: &Vec<Item>) -> Result<&Item> {
    items.iter().max_by(|a, b| a.weights.values().sum::<f32>().total_cmp(&b.weights.values().sum())).ok_or(Failure::Empty)
}
fn long(m: &Meters) -> Meters { Meters(m.0 * 2.0, m.1) }
fn words(text: &str) -> Vec<Word<'_>> { text.split(' ').map(|text| Word { text, count: text.len() }).collect() }
fn longest<'a>(words: &[Word<'a>]) -> Option<Word<'a>> { words.iter().max_by_key(|w| w.count).map(|w| Word { text: w.text, count: w.count }) }
fn widen(s: Span<i32>) -> Span<i32> { Span { start: s.start - 1, end: s.end + 1 } }
fn round(r: f64) -> Circle { Circle { radius: r } }
fn flat(g: Grid<u8>) -> Vec<u8> { g.concat() }
fn checked(n: i32) -> Result<i32> { if n < 0 { Err(Failure::Low { by: -n }) } else { Ok(n) } }
fn generic_points<P: AsRef<[Point]>>(p: P) -> usize { p.as_ref().len() }
fn wide(p: Plain) -> u32 { p.width + p.height_mm }
