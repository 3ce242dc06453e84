//! Sources that are odd but right.
#![allow(dead_code, non_camel_case_types)]
#![deny(unsafe_code, unused, clippy::all)]

pub mod std { pub fn nothing() {} }
pub mod __saggar { pub fn kept() -> u8 { 9 } }
struct Vec2;
struct Option2;
enum Option<T> { Some(T), None }
struct String(u8);
struct Box;
trait From {}
trait Iterator {}
fn panic(x: u8) -> u8 { x }
fn format(x: u8) -> u8 { x }
macro_rules! panic { ($($t:tt)*) => { loop {} } }
macro_rules! println { ($($t:tt)*) => { () } }
macro_rules! thread_local { ($($t:tt)*) => { () } }
macro_rules! scalars { ($($t:tt)*) => { compile_error!("source's own") } }
macro_rules! tuples { ($($t:tt)*) => { compile_error!("source's own") } }
macro_rules! make { ($name:ident) => { fn $name(x: i32) -> i32 { x + 1 } } }
make!(made);

fn text() -> ::std::string::String { "a".into() }
fn kept(s: &::std::string::String) -> usize { s.len() }
fn maybe(x: ::std::option::Option<u8>) -> ::std::option::Option<u8> { x }
fn destructured((a, b): (i32, i32), [c, d]: [u8; 2], &e: &u8) -> i32 { a + b + i32::from(c + d + e) }
fn in_where<'a, 'b: 'a, T>(a: &'a [T], b: &'b T) -> &'a T where T: PartialOrd { if a.contains(b) { b } else { &a[0] } }
fn nested_refs(a: &[&[&str]]) -> usize { a.iter().map(|x| x.iter().map(|s| s.len()).sum::<usize>()).sum() }
fn option_slice(a: ::std::option::Option<&[f64]>) -> f64 { a.map_or(0.0, |a| a.iter().sum()) }
fn tuple_views((a, b): (&str, &[u8])) -> (usize, usize) { (a.len(), b.len()) }
fn results(a: &[Result<u8, ::std::string::String>]) -> Vec<Result<u8, ::std::string::String>> { a.to_vec() }
fn collect_results(a: Vec<i32>) -> Result<Vec<i32>, &'static str> { if a.is_empty() { Err("empty") } else { Ok(a) } }
type Fallible<T> = Result<T, ::std::fmt::Error>;
fn aliased(a: i32) -> Fallible<Vec<i32>> { if a > 0 { Ok(::std::vec![a]) } else { Err(::std::fmt::Error) } }
fn io(a: i32) -> ::std::io::Result<()> { if a > 0 { Ok(()) } else { Err(::std::io::Error::other("negative")) } }
fn iter_result(n: u8) -> Result<impl ::std::iter::Iterator<Item = u8>, ::std::string::String> { Ok(0..n) }
fn shared(a: ::std::rc::Rc<Vec<u8>>, b: ::std::sync::Arc<::std::string::String>) -> ::std::rc::Rc<[u8]> { let mut v = (*a).clone(); v.extend(b.bytes()); v.into() }
fn spawned(n: i32) -> i32 { ::std::thread::spawn(move || if n > 0 { ::std::panic!("inner") } else { n }).join().unwrap_or(-7) }
fn huge(n: u64) -> Vec<u8> { Vec::with_capacity(n as usize) }
fn deep(n: u64) -> Result<u64, ::std::boxed::Box<dyn ::std::error::Error + Send + Sync>> { if n == 0 { Err("zero")? } Ok(n) }
struct Bomb;
impl Drop for Bomb { fn drop(&mut self) { ::std::panic!("dropped") } }
fn bombs() { let _bomb = Bomb; }
fn resumed() { ::std::panic::resume_unwind(::std::boxed::Box::new("thrown")) }
fn relayed() { let _ = ::std::panic::catch_unwind(|| ::std::panic!("caught")); ::std::panic::resume_unwind(::std::boxed::Box::new("thrown")) }
fn joined() { ::std::thread::spawn(|| ::std::panic!("inner")).join().expect("it ends well") }
fn hooked() { let _ = ::std::panic::take_hook(); ::std::panic::set_hook(::std::boxed::Box::new(|_| {})); ::std::panic!("quiet") }
