//! Arguments of a call that are more than JSON: files and buffers, which a skill sees as lists of
//! numbers where they are. Checks them before anything of a sidecar is asked.

use std::borrow::Cow;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType, OFlags, fcntl_getfl, fstat};
use rustix::io::pread;
use saggar_model::{Code, Feedback, Stage};
use saggar_plugin_abi::FileList;
use saggar_sidecar_api::arena::buffer::{Buffer, read_only};
use saggar_skill_abi::Signature;
use saggar_skill_abi::encode::Given;
use serde_json::Value;

use crate::calls::wrong_value;

/// An argument of a call.
///
/// A file or a buffer is a list of numbers, of any type but `bool` and `char`: its bytes are the
/// elements, little-endian, one behind the other. They are not copied; the skill sees them read-only.
#[derive(Clone, Debug)]
pub enum Argument<'a> {
    /// A JSON value of the parameter's type.
    Value(Cow<'a, Value>),
    /// A regular file, or a part of one. It should not become shorter meanwhile: that ends the call.
    File {
        /// Open for reading.
        file: BorrowedFd<'a>,
        /// Where the first element lies: a multiple of an element's size.
        offset: u64,
        /// How many bytes there are of them; all up to the end of the file if `None`.
        length: Option<u64>,
    },
    /// Memory that the caller has filled in place.
    Buffer(&'a Buffer),
}

impl<'a> Argument<'a> {
    /// A whole file.
    pub fn file(file: &'a impl AsFd) -> Self {
        Argument::File { file: file.as_fd(), offset: 0, length: None }
    }
}

impl From<Value> for Argument<'_> {
    fn from(value: Value) -> Self {
        Argument::Value(Cow::Owned(value))
    }
}

impl<'a> From<&'a Value> for Argument<'a> {
    fn from(value: &'a Value) -> Self {
        Argument::Value(Cow::Borrowed(value))
    }
}

impl<'a> From<&'a Buffer> for Argument<'a> {
    fn from(buffer: &'a Buffer) -> Self {
        Argument::Buffer(buffer)
    }
}

/// The arguments of one call, laid out.
pub(crate) struct Prepared<'a> {
    pub(crate) block: Vec<u8>,
    lists: Vec<List<'a>>,
}

/// A list that lies in a file.
struct List<'a> {
    at: usize,
    range: Range<'a>,
    parameter: &'a str,
}

/// A part of a file.
struct Range<'a> {
    /// None for a buffer of no bytes.
    file: Option<File<'a>>,
    offset: u64,
    length: u64,
    buffer: Option<u64>,
}

enum File<'a> {
    Callers(BorrowedFd<'a>),
    /// The same, opened for reading alone.
    Own(OwnedFd),
}

impl Prepared<'_> {
    pub(crate) fn files(&self) -> Vec<FileList<'_>> {
        self.lists.iter().filter_map(List::as_file).collect()
    }
}

impl AsFd for File<'_> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            File::Callers(file) => *file,
            File::Own(file) => file.as_fd(),
        }
    }
}

impl List<'_> {
    fn as_file(&self) -> Option<FileList<'_>> {
        Some(FileList {
            at: self.at,
            file: self.range.file.as_ref()?.as_fd(),
            offset: self.range.offset,
            length: self.range.length,
            buffer: self.range.buffer,
            parameter: self.parameter,
        })
    }
}

/// The values, if there is nothing else among them.
pub(crate) fn values(args: &[Argument<'_>]) -> Option<Vec<Value>> {
    let value = |arg: &Argument<'_>| match arg {
        Argument::Value(value) => Some(value.clone().into_owned()),
        _ => None,
    };
    args.iter().map(value).collect()
}

/// Lays out the arguments of a call. A list without elements is none that is mapped.
pub(crate) fn prepare<'a>(
    function: &'a Signature,
    args: &'a [Argument<'a>],
) -> Result<Prepared<'a>, Box<Feedback>> {
    let mut lists = Vec::new();
    let mut given = Vec::with_capacity(args.len());
    for (index, arg) in args.iter().enumerate() {
        let value = match arg {
            Argument::Value(value) => Given::Value(value),
            Argument::File { .. } | Argument::Buffer(_) => {
                // Too many arguments are refused below.
                let Some(param) = function.function().params.get(index) else {
                    given.push(Given::Elsewhere(0));
                    continue;
                };
                let wrong = |why: &str, hint: &str| refuse(index, &param.name, why, hint);
                let Some((at, size)) = function.list(index) else {
                    let why = format!(
                        "is a {}, and only a list of numbers can be a file or a buffer",
                        param.ty
                    );
                    let hint =
                        "pass the value as JSON; declare the parameter list<u8> to take bytes";
                    return Err(wrong(&why, hint));
                };
                let range = range(arg).map_err(|why| wrong(&why, READABLE))?;
                let (count, length) = (range.length / size as u64, range.length);
                if length % size as u64 != 0 || range.offset % size as u64 != 0 {
                    let why = format!(
                        "has {length} bytes from {} on, and the elements of {} have {size} each",
                        range.offset, param.ty
                    );
                    return Err(wrong(
                        &why,
                        "pass whole elements, little-endian, with nothing between",
                    ));
                }
                if count > 0 {
                    lists.push(List { at, range, parameter: &param.name });
                }
                Given::Elsewhere(count)
            }
        };
        given.push(value);
    }
    let block = function.encode_with(&given).map_err(wrong_value)?;
    Ok(Prepared { block, lists })
}

const READABLE: &str = "pass a regular file that is open for reading, or what it holds as JSON";

fn refuse(index: usize, name: &str, why: &str, hint: &str) -> Box<Feedback> {
    let summary = format!("args[{index}]: `{name}` {why}");
    Box::new(Feedback::new(Stage::Call, Code::Argument, summary).hint(hint))
}

/// Where the elements lie that a file or a buffer holds.
fn range<'a>(arg: &'a Argument<'a>) -> Result<Range<'a>, String> {
    match arg {
        Argument::Value(_) => Ok(Range { file: None, offset: 0, length: 0, buffer: None }),
        Argument::Buffer(buffer) => Ok(Range {
            file: buffer.shown().map(File::Callers),
            offset: 0,
            length: buffer.len() as u64,
            buffer: Some(buffer.number()),
        }),
        Argument::File { file, offset, length } => {
            let (file, size) = readable(*file)?;
            if size == 0 && length.is_none() && holds_something(&file) {
                return Err(
                    "is a file that only tells how much it holds when it is read".to_owned()
                );
            }
            let rest = size.saturating_sub(*offset);
            let length = length.unwrap_or(rest);
            if *offset > size || length > rest {
                return Err(format!(
                    "is {length} bytes from {offset} on, and the file has {size} bytes"
                ));
            }
            Ok(Range { file: Some(file), offset: *offset, length, buffer: None })
        }
    }
}

/// Whether a file of no bytes has some all the same, as many in `/proc` do. Never waits for them.
fn holds_something(file: &File<'_>) -> bool {
    let file = file.as_fd();
    let ready = poll(&mut [PollFd::new(&file, PollFlags::IN)], Some(&Timespec::default()));
    ready.is_ok_and(|ready| ready > 0) && pread(file, &mut [0], 0).is_ok_and(|read| read > 0)
}

/// A regular file with its size, as a descriptor that can do nothing but read.
fn readable(file: BorrowedFd<'_>) -> Result<(File<'_>, u64), String> {
    let failed = |errno: rustix::io::Errno| format!("is a file that cannot be looked at: {errno}");
    let stat = fstat(file).map_err(failed)?;
    let kind = match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => None,
        FileType::Directory => Some("a directory"),
        FileType::Fifo => Some("a FIFO"),
        FileType::Socket => Some("a socket"),
        FileType::CharacterDevice | FileType::BlockDevice => Some("a device"),
        _ => Some("something else"),
    };
    if let Some(kind) = kind {
        return Err(format!("is {kind}, no regular file"));
    }
    let size = stat.st_size.cast_unsigned();
    let flags = fcntl_getfl(file).map_err(failed)?;
    if flags & (OFlags::ACCMODE | OFlags::PATH) == OFlags::RDONLY {
        return Ok((File::Callers(file), size));
    }
    // A descriptor that can write would let its holder write.
    let own = read_only(file);
    let own =
        own.map_err(|errno| format!("is a file that cannot be opened for reading: {errno}"))?;
    Ok((File::Own(own), size))
}
