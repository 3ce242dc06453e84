//! What the false sidecar does, by number. Shared with the tests.

/// What a sidecar may take at least: small, so that the machine does not notice.
const MEMORY: u64 = 64 << 20;

/// Room for modes.
const MODES: u64 = 32;

/// The memory that is asked for when one of this mode and seed is wanted: the one thing that a false
/// sidecar is told before it says anything.
#[allow(dead_code, reason = "the tests ask, the jig does not")]
pub(crate) fn memory(mode: Mode, seed: u64) -> u64 {
    MEMORY + seed % (1 << 20) * MODES + mode as u64
}

/// A seed and the mode, of a limit that is some multiple of [`MODES`] more than that memory.
#[allow(dead_code, reason = "the jig asks, the tests do not")]
pub(crate) fn of(limit: u64) -> Option<(u64, Mode)> {
    let mode = Mode::ALL.into_iter().find(|mode| *mode as u64 == limit % MODES)?;
    Some((limit / MODES, mode))
}

/// How it behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Answers every call with its arguments.
    Honest = 1,
    /// Never says a word.
    Mute,
    /// Says one byte, and another one a second later, and so on.
    Drip,
    /// Says hello for ever.
    Hello,
    /// Is ready before it is confined.
    Early,
    /// Is of another build.
    Stranger,
    /// Sends what is no message.
    Nonsense,
    /// Sends descriptors along with every message, as many as there can be; then is honest.
    Descriptors,
    /// Is ready, and confined by less than was asked for.
    Loose,
    /// Answers calls that were not made before it answers the one that was.
    WrongNumbers,
    /// Answers the call before once more, and then this one twice.
    Again,
    /// Never answers, but says a wrong number every tenth of a second.
    Slowly,
    /// Never answers.
    Silent,
    /// Says that it is dead, and answers then.
    NotDead,
    /// Writes half a result and is killed.
    DiesInReply,
    /// Writes half a result and leaves.
    LeavesInReply,
    /// Says that its result is longer than the arena.
    Beyond,
    /// Answers with a status that there is not.
    Status,
    /// Says that a file could not be mapped, for no reason that there is.
    NotMapped,
    /// In a batch, says that more is done than was asked for, and leaves results outside the arena.
    Overdone,
    /// Prints without end, and crashes in its second call.
    Flood,
    /// Any of it, at random.
    Fuzz,
}

impl Mode {
    /// All of them, in order.
    pub(crate) const ALL: [Mode; 22] = [
        Mode::Honest,
        Mode::Mute,
        Mode::Drip,
        Mode::Hello,
        Mode::Early,
        Mode::Stranger,
        Mode::Nonsense,
        Mode::Descriptors,
        Mode::Loose,
        Mode::WrongNumbers,
        Mode::Again,
        Mode::Slowly,
        Mode::Silent,
        Mode::NotDead,
        Mode::DiesInReply,
        Mode::LeavesInReply,
        Mode::Beyond,
        Mode::Status,
        Mode::NotMapped,
        Mode::Overdone,
        Mode::Flood,
        Mode::Fuzz,
    ];
}
