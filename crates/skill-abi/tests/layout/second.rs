//! The layout a second time, with values of its own: reads and writes blocks, and says which JSON
//! stands for a value. Knows nothing of the first implementation but the types.

use saggar_skill_abi::Type;
use serde_json::{Map, Value, json};

/// A value of some type.
#[derive(Clone, Debug)]
pub(crate) enum Data {
    Bool(bool),
    Integer(i128),
    Float32(f32),
    Float64(f64),
    Char(char),
    Text(String),
    List(Vec<Data>),
    /// The members of a tuple or record.
    Members(Vec<Data>),
    Case(usize),
    None,
    Some(Box<Data>),
    Ok(Option<Box<Data>>),
    Err(Option<Box<Data>>),
}

/// Size and alignment.
fn extent(ty: &Type) -> (usize, usize) {
    match ty {
        Type::Bool | Type::S8 | Type::U8 => (1, 1),
        Type::S16 | Type::U16 => (2, 2),
        Type::S32 | Type::U32 | Type::F32 | Type::Char => (4, 4),
        Type::S64 | Type::U64 | Type::F64 => (8, 8),
        Type::String | Type::List(_) => (16, 8),
        Type::Enum(cases) if cases.cases.len() > 256 => (2, 2),
        Type::Enum(_) => (1, 1),
        Type::Tuple(_) | Type::Record(_) => {
            let members = members(ty);
            let align = members.iter().map(|(_, ty)| extent(ty).1).max().unwrap();
            let (last, ty) = members.last().unwrap();
            (round(last + extent(ty).0, align), align)
        }
        Type::Option(inner) => {
            let (size, align) = extent(inner);
            (align + size, align)
        }
        Type::Result { ok, err } => {
            let payloads = [ok, err].map(|ty| ty.as_ref().map_or((0, 1), |ty| extent(ty)));
            let align = payloads[0].1.max(payloads[1].1);
            (round(align + payloads[0].0.max(payloads[1].0), align), align)
        }
    }
}

/// Room for the tag of a `result` without payloads is the one byte that rounding up leaves.
fn round(size: usize, align: usize) -> usize {
    size.div_ceil(align) * align
}

/// The members of a tuple or record with their offsets.
fn members(ty: &Type) -> Vec<(usize, &Type)> {
    let types: Vec<&Type> = match ty {
        Type::Tuple(members) => members.iter().collect(),
        Type::Record(record) => record.fields.iter().map(|field| &field.ty).collect(),
        _ => panic!("{ty} has no members"),
    };
    in_sequence(&types)
}

fn in_sequence<'t>(types: &[&'t Type]) -> Vec<(usize, &'t Type)> {
    let mut placed = Vec::new();
    let mut free = 0;
    for ty in types {
        let (size, align) = extent(ty);
        while free % align != 0 {
            free += 1;
        }
        placed.push((free, *ty));
        free += size;
    }
    placed
}

/// The bytes of a number in place.
fn width(ty: &Type) -> usize {
    extent(ty).0
}

fn signed(ty: &Type) -> bool {
    matches!(ty, Type::S8 | Type::S16 | Type::S32 | Type::S64)
}

/// Which bytes of a block have been read, each at most once.
struct Reader<'b> {
    block: &'b [u8],
    used: Vec<bool>,
    zero_after_text: bool,
}

/// Reads a value, and checks that all bytes that carry nothing are zero.
pub(crate) fn read(ty: &Type, block: &[u8]) -> Data {
    let mut reader = Reader { block, used: vec![false; block.len()], zero_after_text: true };
    let value = reader.value(ty, 0);
    reader.check_padding();
    value
}

/// Reads a value whose padding may hold anything.
pub(crate) fn read_loose(ty: &Type, block: &[u8]) -> Data {
    let mut reader = Reader { block, used: vec![false; block.len()], zero_after_text: false };
    reader.value(ty, 0)
}

/// Reads the parameter record.
pub(crate) fn read_args(types: &[Type], block: &[u8]) -> Vec<Data> {
    let mut reader = Reader { block, used: vec![false; block.len()], zero_after_text: true };
    let placed = in_sequence(&types.iter().collect::<Vec<_>>());
    let end = placed.last().map_or(0, |(at, ty)| at + extent(ty).0);
    assert!(block.len() >= round(end, 8));
    let values = placed.iter().map(|(at, ty)| reader.value(ty, *at)).collect();
    reader.check_padding();
    values
}

impl Reader<'_> {
    fn bytes(&mut self, at: usize, count: usize) -> Vec<u8> {
        for used in &mut self.used[at..at + count] {
            assert!(!*used, "byte {at} carries two values");
            *used = true;
        }
        self.block[at..at + count].to_vec()
    }

    fn unsigned(&mut self, at: usize, count: usize) -> u64 {
        self.bytes(at, count).iter().rev().fold(0, |number, byte| number * 256 + u64::from(*byte))
    }

    fn check_padding(&self) {
        let stray = self.used.iter().zip(self.block).position(|(used, byte)| !used && *byte != 0);
        assert_eq!(stray, None, "padding is not zero: {:?}", self.block);
    }

    fn value(&mut self, ty: &Type, at: usize) -> Data {
        assert_eq!(at % extent(ty).1, 0, "{ty} is not aligned");
        match ty {
            Type::Bool => match self.unsigned(at, 1) {
                0 => Data::Bool(false),
                1 => Data::Bool(true),
                other => panic!("{other} is no bool"),
            },
            Type::F32 => Data::Float32(f32::from_bits(self.unsigned(at, 4).try_into().unwrap())),
            Type::F64 => Data::Float64(f64::from_bits(self.unsigned(at, 8))),
            Type::Char => {
                let number = self.unsigned(at, 4).try_into().unwrap();
                Data::Char(char::from_u32(number).unwrap())
            }
            Type::String => {
                let (start, count) = self.pair(at);
                let text = if count > 0 { self.bytes(start, count) } else { Vec::new() };
                if self.zero_after_text {
                    assert_eq!(self.bytes(start + count, 1), [0]);
                }
                Data::Text(String::from_utf8(text).unwrap())
            }
            Type::List(element) => {
                let (start, count) = self.pair(at);
                let stride = extent(element).0;
                Data::List((0..count).map(|i| self.value(element, start + i * stride)).collect())
            }
            Type::Tuple(_) | Type::Record(_) => {
                let members = members(ty).into_iter();
                Data::Members(members.map(|(offset, ty)| self.value(ty, at + offset)).collect())
            }
            Type::Enum(_) => Data::Case(self.unsigned(at, width(ty)).try_into().unwrap()),
            Type::Option(inner) => match self.unsigned(at, 1) {
                0 => Data::None,
                1 => Data::Some(Box::new(self.value(inner, at + extent(ty).1))),
                other => panic!("{other} is no tag"),
            },
            Type::Result { ok, err } => {
                let tag = self.unsigned(at, 1);
                let payload = at + extent(ty).1;
                let mut read =
                    |of: &Option<Box<Type>>| Some(Box::new(self.value(of.as_ref()?, payload)));
                match tag {
                    0 => Data::Ok(read(ok)),
                    1 => Data::Err(read(err)),
                    other => panic!("{other} is no tag"),
                }
            }
            _ => {
                let bits = 8 * width(ty);
                let number = i128::from(self.unsigned(at, width(ty)));
                let negative = signed(ty) && number >> (bits - 1) == 1;
                Data::Integer(if negative { number - (1 << bits) } else { number })
            }
        }
    }

    fn pair(&mut self, at: usize) -> (usize, usize) {
        let [offset, count] = [at, at + 8].map(|at| self.unsigned(at, 8).try_into().unwrap());
        (offset, count)
    }
}

/// Writes a value; with a seed, what lies out of place comes in any order, with gaps between, and
/// bytes that carry nothing are garbage.
pub(crate) fn write(ty: &Type, value: &Data, seed: Option<u64>) -> Vec<u8> {
    let mut writer = Writer { block: Vec::new(), noise: seed.map(Noise), waiting: Vec::new() };
    writer.allot(extent(ty).0, 1);
    writer.value(ty, 0, value);
    while !writer.waiting.is_empty() {
        let next = writer.pick(writer.waiting.len());
        let (at, ty, value) = writer.waiting.remove(next);
        writer.aside(at, ty, value);
    }
    let gap = writer.pick(9);
    writer.allot(gap, 1);
    writer.block
}

struct Writer<'v> {
    block: Vec<u8>,
    noise: Option<Noise>,
    /// Texts and lists whose offset and length are still to be written, and where.
    waiting: Vec<(usize, &'v Type, &'v Data)>,
}

impl<'v> Writer<'v> {
    /// Fresh bytes at the end of the block.
    fn allot(&mut self, size: usize, align: usize) -> usize {
        let start = round(self.block.len(), align);
        while self.block.len() < start + size {
            let byte = self.noise.as_mut().map_or(0, |noise| noise.next().to_le_bytes()[0]);
            self.block.push(byte);
        }
        start
    }

    /// A number below `end`: 0 without noise.
    fn pick(&mut self, end: usize) -> usize {
        let number = self.noise.as_mut().map_or(0, Noise::next);
        usize::try_from(number % end as u64).unwrap()
    }

    fn store(&mut self, at: usize, bytes: &[u8]) {
        self.block[at..at + bytes.len()].copy_from_slice(bytes);
    }

    fn value(&mut self, ty: &'v Type, at: usize, value: &'v Data) {
        match (ty, value) {
            (_, Data::Bool(flag)) => self.store(at, &[u8::from(*flag)]),
            (_, Data::Integer(number)) => {
                self.store(at, &number.to_le_bytes()[..width(ty)]);
            }
            (_, Data::Float32(number)) => self.store(at, &number.to_bits().to_le_bytes()),
            (_, Data::Float64(number)) => self.store(at, &number.to_bits().to_le_bytes()),
            (_, Data::Char(c)) => self.store(at, &u32::from(*c).to_le_bytes()),
            (_, Data::Case(case)) => self.store(at, &case.to_le_bytes()[..width(ty)]),
            (_, Data::Text(_) | Data::List(_)) => self.waiting.push((at, ty, value)),
            (_, Data::Members(values)) => {
                for ((offset, ty), value) in members(ty).into_iter().zip(values) {
                    self.value(ty, at + offset, value);
                }
            }
            (_, Data::None) => self.store(at, &[0]),
            (Type::Option(inner), Data::Some(value)) => {
                self.store(at, &[1]);
                self.value(inner, at + extent(ty).1, value);
            }
            (Type::Result { ok, .. }, Data::Ok(value)) => self.outcome(ty, at, 0, ok, value),
            (Type::Result { err, .. }, Data::Err(value)) => self.outcome(ty, at, 1, err, value),
            _ => panic!("{value:?} is no {ty}"),
        }
    }

    fn outcome(
        &mut self,
        ty: &'v Type,
        at: usize,
        tag: u8,
        of: &'v Option<Box<Type>>,
        value: &'v Option<Box<Data>>,
    ) {
        self.store(at, &[tag]);
        if let (Some(of), Some(value)) = (of, value) {
            self.value(of, at + extent(ty).1, value);
        }
    }

    /// Writes a text or list at the end, and at `at` where it is.
    fn aside(&mut self, at: usize, ty: &'v Type, value: &'v Data) {
        let gap = self.pick(17);
        self.allot(gap, 1);
        let (start, count) = match (ty, value) {
            (_, Data::Text(text)) => {
                let start = self.allot(text.len(), 1);
                self.store(start, text.as_bytes());
                (start, text.len())
            }
            (Type::List(element), Data::List(items)) => {
                let (stride, align) = extent(element);
                let start = self.allot(stride * items.len(), align);
                for (i, item) in items.iter().enumerate() {
                    self.value(element, start + i * stride, item);
                }
                (start, items.len())
            }
            _ => panic!("{value:?} lies in place"),
        };
        let nowhere = self.noise.as_mut().filter(|_| count == 0).map(Noise::next);
        self.store(at, &nowhere.unwrap_or(start as u64).to_le_bytes());
        self.store(at + 8, &(count as u64).to_le_bytes());
    }
}

/// A fixed sequence of numbers (splitmix64).
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }
}

/// The JSON that stands for a value.
pub(crate) fn json(ty: &Type, value: &Data) -> Value {
    match (ty, value) {
        (_, Data::Bool(flag)) => json!(flag),
        (_, Data::Integer(number)) => u64::try_from(*number)
            .map_or_else(|_| json!(i64::try_from(*number).unwrap()), |number| json!(number)),
        (_, Data::Float32(number)) => {
            let short: f64 = shortest(*number).parse().unwrap();
            #[expect(clippy::cast_possible_truncation, reason = "whether it comes back is asked")]
            let comes_back = short as f32 == *number;
            float(if comes_back { short } else { f64::from(*number) })
        }
        (_, Data::Float64(number)) => float(*number),
        (_, Data::Char(c)) => json!(c.to_string()),
        (_, Data::Text(text)) => json!(text),
        (Type::List(element), Data::List(items)) => {
            Value::Array(items.iter().map(|item| json(element, item)).collect())
        }
        (Type::Tuple(types), Data::Members(values)) => {
            Value::Array(types.iter().zip(values).map(|(ty, value)| json(ty, value)).collect())
        }
        (Type::Record(record), Data::Members(values)) => {
            let fields = record.fields.iter().zip(values);
            Value::Object(fields.map(|(f, value)| (f.name.clone(), json(&f.ty, value))).collect())
        }
        (Type::Enum(cases), Data::Case(case)) => json!(cases.cases[*case]),
        (_, Data::None) => Value::Null,
        (Type::Option(inner), Data::Some(value)) => match **inner {
            Type::Option(_) => json!({ "some": json(inner, value) }),
            _ => json(inner, value),
        },
        (Type::Result { ok, .. }, Data::Ok(value)) => outcome("ok", ok, value),
        (Type::Result { err, .. }, Data::Err(value)) => outcome("err", err, value),
        _ => panic!("{value:?} is no {ty}"),
    }
}

fn outcome(name: &str, ty: &Option<Box<Type>>, value: &Option<Box<Data>>) -> Value {
    let payload = ty.as_ref().zip(value.as_ref()).map_or(Value::Null, |(ty, v)| json(ty, v));
    Value::Object(Map::from_iter([(name.to_owned(), payload)]))
}

fn float(number: f64) -> Value {
    if number.is_nan() {
        json!("NaN")
    } else if number.is_infinite() {
        json!(if number > 0.0 { "Infinity" } else { "-Infinity" })
    } else {
        json!(number)
    }
}

/// As few digits as tell a number from its neighbours. Where two such decimals are equally near,
/// the even one.
fn shortest(number: f32) -> String {
    let text = format!("{number:e}");
    let mantissa = text.split('e').next().unwrap();
    let decimals = mantissa.split('.').nth(1).map_or(0, str::len);
    // Rounds the exact value, ties to even; the digits that `text` chose in a tie are anybody's.
    format!("{:.decimals$e}", f64::from(number))
}
