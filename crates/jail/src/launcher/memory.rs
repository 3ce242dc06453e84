//! The supervisor of a jail whose memory no cgroup holds: looks at all its processes many times a
//! second, and says when they have too much together. Runs in the launcher's loop; ends nothing
//! itself.
//!
//! What counts is RssAnon, RssShmem and VmPTE of `/proc/PID/status`, which is readable for processes
//! that are not dumpable too. Pages that several processes share count for each, so that it errs
//! against the jail; files in `/work` that nobody maps do not count, their size is held by the
//! mount. RssShmem is left out of a jail that can make no shared memory: what it has of it is an
//! arena, or an argument that lies in memory, and the host's. Source: proc_pid_status(5),
//! proc_tid_children(5).

use std::fs::{self, File};
use std::io::{self, Read};
use std::time::{Duration, Instant};

/// How soon after a look at a busy jail the next follows.
const BUSY: Duration = Duration::from_millis(20);

/// The same for a jail in which nothing changes.
const IDLE: Duration = Duration::from_millis(80);

/// How much longer the pause between two looks is at least than the last one took, so that a jail
/// of many processes does not cost more than a fiftieth of a processor; [`IDLE`] bounds that too.
const PAUSE: u32 = 50;

/// How soon too much is looked at again: between vfork and exec two processes share all memory,
/// which counts twice for a moment.
const CONFIRM: Duration = Duration::from_millis(3);

/// How many walks one look takes at most: one more when processes came and went under the first.
const WALKS: u32 = 2;

/// How many processes a walk meets at most, of each that may be: others were gone by then.
const GONE: usize = 4;

/// Who is looked at, and when next.
pub(super) struct Watch {
    /// First process of the jail, as the launcher sees it.
    init: i32,
    memory: u64,
    counted: Pages,
    /// Processes and threads, init included.
    tasks: u64,
    next: Instant,
    period: Duration,
    last: Sum,
    /// What there was too much of at the last look.
    suspected: Option<Excess>,
}

/// What all processes of a jail come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    tasks: u64,
    bytes: u64,
    /// A process was gone when it was to be looked at, and may have left children to init.
    torn: bool,
}

/// Which pages count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pages {
    /// All that are no file's.
    All,
    /// Those that no other process has: shared ones are the host's.
    Private,
}

/// What a jail has too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Excess {
    Memory,
    Processes,
}

impl Watch {
    /// A watch over a process and its descendants; it must be alive.
    ///
    /// # Errors
    /// When this process cannot see what it is to watch.
    pub(super) fn new(
        init: i32,
        (memory, counted): (u64, Pages),
        processes: u32,
    ) -> io::Result<Self> {
        let mut text = String::new();
        read(&format!("/proc/{init}/status"), &mut text)?;
        read(&format!("/proc/{init}/task/{init}/children"), &mut text)?;
        Ok(Watch {
            init,
            memory,
            counted,
            tasks: u64::from(processes) + 1,
            next: Instant::now() + BUSY,
            period: BUSY,
            last: Sum::default(),
            suspected: None,
        })
    }

    /// How long until the next look.
    pub(super) fn due_in(&self, now: Instant) -> Duration {
        self.next.saturating_duration_since(now)
    }

    /// Looks, if it is time to; says what there is too much of, twice seen.
    pub(super) fn look(&mut self, now: Instant) -> Option<Excess> {
        if self.next > now {
            return None;
        }
        let start = Instant::now();
        let sum = self.sum();
        let took = start.elapsed();
        let excess = self.excess(sum);
        let before = std::mem::replace(&mut self.suspected, excess);
        if excess.is_some() && before.is_some() {
            return excess;
        }
        let period = if sum == self.last { self.period * 2 } else { BUSY };
        self.period = period.max(took * PAUSE).min(IDLE);
        self.last = sum;
        self.next = Instant::now() + if excess.is_some() { CONFIRM } else { self.period };
        None
    }

    fn excess(&self, sum: Sum) -> Option<Excess> {
        if sum.bytes > self.memory {
            return Some(Excess::Memory);
        }
        (sum.tasks > self.tasks).then_some(Excess::Processes)
    }

    /// The most that a bounded number of walks saw: one that was torn may have missed somebody.
    fn sum(&self) -> Sum {
        let mut most = Sum::default();
        for _ in 0..WALKS {
            let sum = self.walk();
            most.bytes = most.bytes.max(sum.bytes);
            most.tasks = most.tasks.max(sum.tasks);
            most.torn = sum.torn;
            if !sum.torn {
                break;
            }
        }
        most
    }

    /// Adds up the descendants of init, which itself is of the launcher's own code and has next to
    /// nothing. Ends when there is too much of anything, also of processes that are gone before
    /// they are looked at, so that its length is bounded whatever the jail does.
    fn walk(&self) -> Sum {
        let mut sum = Sum::default();
        let (mut text, mut seen) = (String::new(), vec![self.init]);
        let most = usize::try_from(self.tasks).unwrap_or(usize::MAX).saturating_mul(GONE);
        for at in 0..most {
            let Some(pid) = seen.get(at).copied() else { break };
            let threads = if at == 0 {
                vec![pid]
            } else {
                let Some(threads) = threads(pid, &mut text, self.counted) else {
                    sum.torn = true;
                    continue;
                };
                sum.bytes += memory(pid, &threads, &mut text, self.counted);
                threads
            };
            sum.tasks += threads.len() as u64;
            if self.excess(sum).is_some() {
                break;
            }
            for thread in threads {
                sum.torn |=
                    read(&format!("/proc/{pid}/task/{thread}/children"), &mut text).is_err();
                let children = text.split_whitespace().filter_map(|word| word.parse().ok());
                for child in children {
                    if !seen.contains(&child) {
                        seen.push(child);
                    }
                }
            }
        }
        sum
    }
}

/// The threads of a process, whose status is left in `text`; `None` when it is gone.
fn threads(pid: i32, text: &mut String, counted: Pages) -> Option<Vec<i32>> {
    read(&format!("/proc/{pid}/status"), text).ok()?;
    if Status::parse(text, counted).threads <= 1 {
        return Some(vec![pid]);
    }
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).ok()?;
    Some(tasks.flatten().filter_map(|task| task.file_name().to_str()?.parse().ok()).collect())
}

/// The memory of a process, from its status in `text`. When its first thread has ended before the
/// others, that shows none, and the others are asked.
fn memory(pid: i32, threads: &[i32], text: &mut String, counted: Pages) -> u64 {
    let first = Status::parse(text, counted).bytes;
    let others = threads.iter().filter(|thread| first.is_none() && **thread != pid);
    let mut others = others.filter_map(|thread| {
        read(&format!("/proc/{pid}/task/{thread}/status"), text).ok()?;
        Status::parse(text, counted).bytes
    });
    first.or_else(|| others.next()).unwrap_or(0)
}

/// A file of the kernel's, whole; empty when it cannot be read.
fn read(path: &str, text: &mut String) -> io::Result<()> {
    text.clear();
    File::open(path)?.read_to_string(text).map(drop)
}

/// What matters of `/proc/PID/status`.
#[derive(Debug, Default, PartialEq, Eq)]
struct Status {
    /// `None` for a thread that has ended.
    bytes: Option<u64>,
    threads: u64,
}

impl Status {
    fn parse(text: &str, counted: Pages) -> Self {
        let mut status = Status::default();
        for line in text.lines() {
            let Some((key, value)) = line.split_once(':') else { continue };
            let number = || value.split_whitespace().next().and_then(|n| n.parse::<u64>().ok());
            match key {
                "RssShmem" if counted == Pages::Private => {}
                "RssAnon" | "RssShmem" | "VmPTE" => {
                    *status.bytes.get_or_insert(0) += number().unwrap_or(0) * 1024;
                }
                "Threads" => status.threads = number().unwrap_or(0),
                _ => {}
            }
        }
        status
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anonymous_and_shared_memory_and_page_tables_count_and_files_do_not() {
        let text = "Name:\tcc1plus\nVmRSS:\t  900 kB\nRssAnon:\t     512 kB\nRssFile:\t     300 kB\n\
                    RssShmem:\t      88 kB\nVmPTE:\t      40 kB\nThreads:\t3\n";
        let status = |kib: u64| Status { bytes: Some(kib * 1024), threads: 3 };
        assert_eq!(Status::parse(text, Pages::All), status(640));
        assert_eq!(Status::parse(text, Pages::Private), status(552));
    }

    #[test]
    fn a_dead_thread_has_no_memory() {
        let text = "Name:\tas\nState:\tZ (zombie)\nThreads:\t1\n";
        assert_eq!(Status::parse(text, Pages::All), Status { bytes: None, threads: 1 });
    }

    #[test]
    fn who_cannot_be_seen_cannot_be_watched() {
        // Above the largest pid_max.
        assert!(Watch::new(1 << 23, (1, Pages::All), 1).is_err());
    }

    #[test]
    fn a_process_sees_its_own_memory() {
        let own = i32::try_from(std::process::id()).expect("a pid");
        let held = vec![1u8; 32 << 20];
        let mut text = String::new();
        let threads = threads(own, &mut text, Pages::All).expect("alive");
        assert!(threads.contains(&own));
        assert!(memory(own, &threads, &mut text, Pages::Private) >= held.len() as u64);
    }
}
