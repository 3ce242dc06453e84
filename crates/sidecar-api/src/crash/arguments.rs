//! Which argument of a call an address belongs to: the host wrote the block and knows where each
//! list of it lies.

use saggar_skill_abi::{Function, Type, layout};

/// Something outside of what it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outside {
    pub(super) what: String,
    /// So far that it depends on where the kernel put things whether the processor takes it for an
    /// address at all: what it says of the kind of access cannot be told.
    pub(super) far: bool,
    /// It is inside after all, where the process can only read: a file or a buffer.
    pub(super) shown: bool,
}

impl Outside {
    fn new(what: String, distance: u64) -> Self {
        const FAR: u64 = 1 << 34;
        Outside { what, far: distance.cast_signed().unsigned_abs() >= FAR, shown: false }
    }
}

/// A list or text among the arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct List {
    name: String,
    /// Counted from 1.
    number: usize,
    /// Where its elements lie in the process.
    start: u64,
    count: u64,
    size: u64,
    text: bool,
}

/// The lists and texts that a function's parameters directly are. `at` is where the block lies in
/// the process.
pub(super) fn lists(function: &Function, block: &[u8], at: u64) -> Vec<List> {
    let (offsets, _) = layout::record(function);
    let word = |at: usize| block.get(at..)?.first_chunk().map(|word| u64::from_le_bytes(*word));
    let list = |(index, offset): (usize, usize)| {
        let param = function.params.get(index)?;
        let size = match &param.ty {
            Type::String => 1,
            Type::List(element) => layout::size_of(element) as u64,
            _ => return None,
        };
        let text = param.ty == Type::String;
        let (start, count) = (word(offset)?, word(offset + 8)?);
        let start = at.wrapping_add(start);
        Some(List { name: param.name.clone(), number: index + 1, start, count, size, text })
    };
    offsets.into_iter().enumerate().filter_map(list).collect()
}

/// An integer among the arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scalar {
    name: String,
    /// Counted from 1.
    number: usize,
    value: i64,
}

/// The integers that a function's parameters directly are.
pub(super) fn scalars(function: &Function, block: &[u8]) -> Vec<Scalar> {
    let (offsets, _) = layout::record(function);
    let scalar = |(index, offset): (usize, usize)| {
        let param = function.params.get(index)?;
        let bytes = block.get(offset..)?;
        let value = match param.ty {
            Type::S32 => i32::from_le_bytes(*bytes.first_chunk()?).into(),
            Type::U32 => u32::from_le_bytes(*bytes.first_chunk()?).into(),
            Type::S64 | Type::U64 => i64::from_le_bytes(*bytes.first_chunk()?),
            _ => return None,
        };
        Some(Scalar { name: param.name.clone(), number: index + 1, value })
    };
    offsets.into_iter().enumerate().filter_map(scalar).collect()
}

impl List {
    /// What an address is to this list: which element it would be.
    fn place(&self, address: u64) -> Outside {
        let distance = address.wrapping_sub(self.start);
        if distance / self.size < self.count {
            let what =
                format!("argument {} (`{}`), which can only be read", self.number, self.name);
            return Outside { what, far: false, shown: true };
        }
        let offset = distance.cast_signed();
        let index = offset.div_euclid(self.size.cast_signed());
        let (what, holds) = match self.text {
            true => ("byte", "bytes"),
            false => ("element", "elements"),
        };
        let holds = if self.count == 1 { what } else { holds };
        let what = format!(
            "{what} {index} of argument {} (`{}`), which has {} {holds}",
            self.number, self.name, self.count
        );
        Outside::new(what, distance)
    }
}

/// Where executables, heaps, libraries and stacks lie: an index is smaller.
const LOWEST: u64 = 1 << 40;

/// The only one of these lists whose start a register still holds.
fn held<'l>(lists: &'l [List], registers: &[u64]) -> Option<&'l List> {
    let mut held = lists.iter().filter(|list| list.count > 0 && registers.contains(&list.start));
    held.next().filter(|_| held.next().is_none())
}

/// The element of an argument that an address outside of it is meant to be, where a register still
/// holds the argument's start, or there is no doubt because the address lies right behind the arena.
pub(super) fn beyond(
    lists: &[List],
    address: u64,
    registers: &[u64],
    arena_end: u64,
) -> Option<Outside> {
    if let Some(list) = held(lists, registers) {
        return Some(list.place(address));
    }
    const NEAR: u64 = 1 << 16;
    let behind = address.checked_sub(arena_end).is_some_and(|far| far < NEAR);
    let mut filled = lists.iter().filter(|list| list.count > 0);
    let only = filled.next().filter(|_| behind && filled.next().is_none())?;
    Some(only.place(address))
}

/// The element of an argument that is so far out that its address is none.
pub(super) fn beyond_all(
    lists: &[List],
    registers: &[u64],
    is_no_address: impl Fn(u64) -> bool,
) -> Option<Outside> {
    let list = held(lists, registers)?;
    let addresses = registers
        .iter()
        .filter(|index| **index < LOWEST)
        .map(|index| list.start.wrapping_add(index.wrapping_mul(list.size)));
    let mut found: Vec<u64> = addresses.filter(|address| is_no_address(*address)).collect();
    found.dedup();
    match found.as_slice() {
        [only] => Some(list.place(*only)),
        _ => None,
    }
}

/// The index that an address was computed with, where two registers and a size make just that
/// address, and the argument that it is.
pub(super) fn index(scalars: &[Scalar], address: u64, registers: &[u64]) -> Option<Outside> {
    const SMALLEST: u64 = 256;
    let mut pairs = registers.iter().filter(|base| **base >= LOWEST).flat_map(|base| {
        let sizes = [8u64, 4, 2, 1].into_iter();
        sizes.flat_map(move |size| registers.iter().map(move |index| (*base, *index, size)))
    });
    let (base, index, size) = pairs.find(|(base, index, size)| {
        let small = (SMALLEST..LOWEST).contains(&index.cast_signed().unsigned_abs());
        small && base.wrapping_add(index.wrapping_mul(*size)) == address
    })?;
    let index = index.cast_signed();
    let argument = scalars.iter().find(|scalar| scalar.value == index);
    let argument = argument
        .map(|scalar| format!(" (the value of argument {}, `{}`)", scalar.number, scalar.name));
    let what = format!(
        "element {index}{} of an array with elements of {size} bytes, far outside of it",
        argument.unwrap_or_default()
    );
    Some(Outside::new(what, address.wrapping_sub(base)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use saggar_skill_abi::{Param, encode};
    use serde_json::json;

    fn function() -> Function {
        let param = |name: &str, ty| Param { name: name.into(), ty };
        let list = Type::List(Box::new(Type::U32));
        Function {
            name: "pick".into(),
            params: vec![
                param("at", Type::U32),
                param("values", list),
                param("text", Type::String),
            ],
            result: None,
        }
    }

    #[test]
    fn an_address_beyond_an_argument_is_told_as_its_element() {
        let block = encode::args(&function(), &[json!(1), json!([1, 2, 3]), json!("ab")]).unwrap();
        let lists = lists(&function(), &block, 0x10000);
        let (values, text) = (lists[0].start, lists[1].start);
        let far = values + 4 * 1_000_000;
        let told = |address, registers: &[u64]| {
            beyond(&lists, address, registers, 0x5000_0000).map(|outside| outside.what)
        };
        assert_eq!(
            told(far, &[7, values]).as_deref(),
            Some("element 1000000 of argument 2 (`values`), which has 3 elements")
        );
        assert_eq!(
            told(values - 4, &[values]).as_deref(),
            Some("element -1 of argument 2 (`values`), which has 3 elements")
        );
        assert_eq!(
            told(text + 99, &[text]).as_deref(),
            Some("byte 99 of argument 3 (`text`), which has 2 bytes")
        );
        assert_eq!(
            told(values + 8, &[values]).as_deref(),
            Some("argument 2 (`values`), which can only be read")
        );
        assert_eq!(told(far, &[]), None, "no register says which");
        assert_eq!(told(far, &[values, text]), None, "two registers say different things");
    }

    #[test]
    fn an_index_is_found_in_the_registers() {
        let block = encode::args(&function(), &[json!(90_000), json!([]), json!("")]).unwrap();
        let scalars = scalars(&function(), &block);
        let base = 0x5555_5555_0000;
        let told = |index: i64| {
            let index = index.cast_unsigned();
            index_of(&scalars, base, index)
        };
        assert_eq!(
            told(90_000).as_deref(),
            Some(
                "element 90000 (the value of argument 1, `at`) of an array with elements of 4 bytes, \
                 far outside of it"
            )
        );
        let minus = "element -70000 of an array with elements of 4 bytes, far outside of it";
        assert_eq!(told(-70_000).as_deref(), Some(minus));
        assert_eq!(index(&scalars, base + 5, &[base, 1, 2]), None);
    }

    fn index_of(scalars: &[Scalar], base: u64, at: u64) -> Option<String> {
        let outside = index(scalars, base.wrapping_add(at.wrapping_mul(4)), &[3, at, 0, base]);
        outside.map(|outside| outside.what)
    }

    #[test]
    fn a_block_that_is_too_short_has_no_lists() {
        assert_eq!(lists(&function(), &[0; 12], 0), []);
    }
}
