//! Walks a stack by the unwind tables of what is on it (`.eh_frame`). The skill's own table is
//! hostile: its size, what is read again and again, and every evaluation have bounds.

use std::collections::HashMap;

use gimli::{
    BaseAddresses, CfaRule, CieOrFde, CommonInformationEntry, EhFrame, EndianSlice, Evaluation,
    EvaluationResult, FrameDescriptionEntry, LittleEndian, Location, RegisterRule, UnwindContext,
    UnwindExpression, UnwindSection as _, Value,
};

use super::left::{INSTRUCTION, Left, RETURN, STACK_POINTER};
use crate::arena::REGISTERS;

type Slice<'a> = EndianSlice<'a, LittleEndian>;

/// Largest table that is read, bytes.
const MAX_TABLE: usize = 4 << 20;
/// Most functions of one.
const MAX_FUNCTIONS: usize = 1 << 16;
/// Bytes of common entries that are read, all together.
const MAX_COMMON: u64 = 4 << 20;
/// Largest entry that is evaluated, bytes: it is run through for every frame.
const MAX_ENTRY: usize = 4 << 10;
/// Most steps of one expression.
const MAX_STEPS: u32 = 256;

/// The registers of a frame as far as they are known, by their numbers in DWARF.
#[derive(Clone, Debug)]
pub(super) struct Registers(Vec<Option<u64>>);

impl Registers {
    pub(super) fn of(left: &Left) -> Self {
        Registers(left.registers.iter().copied().map(Some).collect())
    }

    pub(super) fn get(&self, number: u16) -> Option<u64> {
        self.0.get(usize::from(number)).copied().flatten()
    }

    pub(super) fn instruction(&self) -> u64 {
        self.get(INSTRUCTION).unwrap_or(0)
    }

    pub(super) fn stack_pointer(&self) -> u64 {
        self.get(STACK_POINTER).unwrap_or(0)
    }

    /// A caller of which no more is known than where it goes on.
    pub(super) fn resumed(instruction: u64, stack_pointer: u64) -> Self {
        let mut all = Registers(vec![None; REGISTERS]);
        all.set(INSTRUCTION, Some(instruction));
        all.set(STACK_POINTER, Some(stack_pointer));
        all
    }

    fn set(&mut self, number: u16, value: Option<u64>) {
        if let Some(place) = self.0.get_mut(usize::from(number)) {
            *place = value;
        }
    }
}

/// The unwind table of an executable or library.
pub(super) struct Table<'a> {
    section: EhFrame<Slice<'a>>,
    /// By the address of the first instruction.
    functions: Vec<FrameDescriptionEntry<Slice<'a>>>,
}

impl<'a> Table<'a> {
    /// Reads a table, which lies at this address.
    pub(super) fn read(bytes: &'a [u8], address: u64) -> Self {
        let bytes = if bytes.len() > MAX_TABLE { &[] } else { bytes };
        let section = EhFrame::new(bytes, LittleEndian);
        let bases = BaseAddresses::default().set_eh_frame(address);
        let mut common: HashMap<usize, Option<CommonInformationEntry<Slice<'a>>>> = HashMap::new();
        let mut left = MAX_COMMON;
        let mut functions = Vec::new();
        let mut entries = section.entries(&bases);
        while let Ok(Some(entry)) = entries.next() {
            let CieOrFde::Fde(partial) = entry else { continue };
            let function = partial.parse(|section, bases, offset| {
                let known = common.entry(offset.0).or_insert_with(|| {
                    let length = bytes.get(offset.0..)?.first_chunk().copied()?;
                    left = left.checked_sub(u32::from_le_bytes(length).into())?;
                    section.cie_from_offset(bases, offset).ok()
                });
                known.clone().ok_or(gimli::Error::NoUnwindInfoForAddress)
            });
            functions.extend(function.ok());
            if functions.len() >= MAX_FUNCTIONS || common.len() >= MAX_FUNCTIONS {
                break;
            }
        }
        functions.sort_by_key(FrameDescriptionEntry::initial_address);
        Table { section, functions }
    }

    /// The registers of the caller of a frame. `address` is the instruction that the frame is at,
    /// relative as the table is; that of a caller lies before where it goes on.
    pub(super) fn caller(
        &self,
        address: u64,
        registers: &Registers,
        left: &Left,
    ) -> Option<Registers> {
        let after = self.functions.partition_point(|f| f.initial_address() <= address);
        let function = self.functions.get(after.checked_sub(1)?)?;
        if address - function.initial_address() >= function.len()
            || function.entry_len() > MAX_ENTRY
            || function.cie().entry_len() > MAX_ENTRY
        {
            return None;
        }
        let mut context = UnwindContext::new();
        let bases = BaseAddresses::default();
        let row =
            function.unwind_info_for_address(&self.section, &bases, &mut context, address).ok()?;
        let run = |expression: &UnwindExpression<usize>, first: Option<u64>| {
            self.evaluate(expression, function, registers, left, first)
        };
        let cfa = match row.cfa() {
            CfaRule::RegisterAndOffset { register, offset } => {
                registers.get(register.0)?.wrapping_add_signed(*offset)
            }
            CfaRule::Expression(expression) => run(expression, None)?,
        };
        let mut caller = registers.clone();
        // What a function may change without saying so is not the caller's any more.
        for number in 0..caller.0.len() {
            if !is_preserved(number) {
                caller.0[number] = None;
            }
        }
        caller.set(STACK_POINTER, Some(cfa));
        let mut goes_on = registers.get(RETURN).filter(|_| RETURN != INSTRUCTION);
        for (register, rule) in row.registers() {
            let value = match rule {
                RegisterRule::Undefined => None,
                RegisterRule::SameValue => registers.get(register.0),
                RegisterRule::Offset(offset) => left.word(cfa.wrapping_add_signed(*offset)),
                RegisterRule::ValOffset(offset) => Some(cfa.wrapping_add_signed(*offset)),
                RegisterRule::Register(other) => registers.get(other.0),
                RegisterRule::Expression(e) => run(e, Some(cfa)).and_then(|at| left.word(at)),
                RegisterRule::ValExpression(e) => run(e, Some(cfa)),
                _ => None,
            };
            caller.set(register.0, value);
            if register.0 == RETURN {
                goes_on = value;
            }
        }
        caller.set(INSTRUCTION, Some(goes_on.filter(|at| *at != 0)?));
        // A stack only shrinks on the way out.
        (cfa > registers.stack_pointer()).then_some(caller)
    }

    fn evaluate(
        &self,
        expression: &UnwindExpression<usize>,
        function: &FrameDescriptionEntry<Slice<'a>>,
        registers: &Registers,
        left: &Left,
        first: Option<u64>,
    ) -> Option<u64> {
        let expression = expression.get(&self.section).ok()?;
        let mut evaluation: Evaluation<Slice<'a>> =
            expression.evaluation(function.cie().encoding());
        evaluation.set_max_iterations(MAX_STEPS);
        if let Some(first) = first {
            evaluation.set_initial_value(first);
        }
        let mut state = evaluation.evaluate().ok()?;
        for _ in 0..MAX_STEPS {
            state = match state {
                EvaluationResult::Complete => break,
                EvaluationResult::RequiresRegister { register, .. } => {
                    let value = Value::Generic(registers.get(register.0)?);
                    evaluation.resume_with_register(value).ok()?
                }
                EvaluationResult::RequiresMemory { address, size: 8, .. } => {
                    let value = Value::Generic(left.word(address)?);
                    evaluation.resume_with_memory(value).ok()?
                }
                _ => return None,
            };
        }
        match evaluation.as_result().first()?.location {
            Location::Address { address } => Some(address),
            Location::Value { value: Value::Generic(value) } => Some(value),
            _ => None,
        }
    }
}

/// Whether a called function gives this register back as it was.
#[cfg(target_arch = "x86_64")]
fn is_preserved(number: usize) -> bool {
    // rbx, rbp, r12 to r15.
    matches!(number, 3 | 6 | 12..=15)
}

/// Whether a called function gives this register back as it was.
#[cfg(target_arch = "aarch64")]
fn is_preserved(number: usize) -> bool {
    matches!(number, 19..=29)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crash::image::Image;

    /// Numbers that look random and are the same every time.
    fn noise(seed: u64) -> impl Iterator<Item = u8> {
        let next = |state: &u64| Some(state.wrapping_mul(6364136223846793005).wrapping_add(1));
        std::iter::successors(Some(seed), next).map(|state| (state >> 56) as u8)
    }

    /// A common entry and a function of 64 bytes at 0x100, as x86_64 has them: the return address
    /// lies below the frame, 16 bytes further in the function.
    fn table() -> Vec<u8> {
        let common = b"\x14\0\0\0\0\0\0\0\x01zR\0\x01\x78\x10\x01\x1b\x0c\x07\x08\x90\x01\0\0";
        let mut bytes = common.to_vec();
        let function = [24, 0, 0, 0, 28, 0, 0, 0];
        bytes.extend(function);
        let at = i32::try_from(bytes.len()).unwrap();
        bytes.extend((0x100 - at).to_le_bytes());
        bytes.extend([64, 0, 0, 0]);
        // After 4 bytes the frame is 16 bytes larger.
        bytes.extend([0, 0x44, 0x0e, 0x18, 0, 0, 0, 0, 0, 0, 0, 0]);
        bytes.extend([0; 4]);
        bytes
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn the_caller_goes_on_where_the_table_says() {
        let bytes = table();
        let table = Table::read(&bytes, 0);
        let left = Left::of(&[(7, 0x7000), (16, 0x110)], 0x7000, &[1, 2, 0x555, 4]);
        let registers = Registers::of(&left);
        let caller = table.caller(0x110, &registers, &left).unwrap();
        assert_eq!((caller.instruction(), caller.stack_pointer()), (0x555, 0x7018));
        let caller = table.caller(0x101, &registers, &left).unwrap();
        assert_eq!((caller.instruction(), caller.stack_pointer()), (1, 0x7008));
        assert!(table.caller(0x140, &registers, &left).is_none(), "no function of the table's");
    }

    #[test]
    fn no_table_ends_the_host() {
        let left = Left::of(&[(7, 0x7000), (16, 0x110)], 0x7000, &[0x7000; 8]);
        let registers = Registers::of(&left);
        let good = table();
        for round in 0..4000u64 {
            let mut bytes = good.clone();
            let mut noise = noise(round);
            for _ in 0..1 + round % 6 {
                let at = usize::from(noise.next().unwrap_or(0)) % bytes.len();
                bytes[at] = noise.next().unwrap_or(0);
            }
            let table = Table::read(&bytes, 0);
            for address in [0, 0x100, 0x110, u64::MAX] {
                table.caller(address, &registers, &left);
            }
        }
    }

    #[test]
    fn no_file_ends_the_host() {
        let mut elf = vec![0u8; 4096];
        elf[..20].copy_from_slice(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0");
        for round in 0..4000usize {
            let mut bytes = elf.clone();
            for (byte, noise) in bytes[20..300].iter_mut().zip(noise(round as u64)) {
                *byte = if noise & 3 == 0 { noise >> 4 } else { 0 };
            }
            // Where it was loaded may be the skill's word.
            let base = [0x1000, 0, 1, u64::MAX - 0xfff, u64::MAX][round % 5];
            let Some(image) = Image::parse(&bytes, base) else { continue };
            for address in [0, 1, 0x1000, 0x1100, u64::MAX] {
                let _ = image.relative(address).map(|at| image.before(at, 7));
                let _ = (image.bytes(address), image.function(address), image.imported(address));
            }
            let _ = image.section(".eh_frame");
            let _ = crate::crash::lines::Lines::of(&image).map(|lines| lines.places(16));
        }
    }
}
