//! The codes a feedback can carry, and the exit code each one ends the command line with.

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal => $exit:literal,)+) => {
        /// What went wrong, in one word that programs can match on. Every code is listed here with
        /// the exit code it maps to.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Code {
            $($(#[doc = $doc])+ #[serde(rename = $text)] $name,)+
        }

        impl Code {
            /// Every code there is.
            pub const ALL: &[Code] = &[$(Code::$name),+];

            /// The word itself.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $text),+ }
            }

            /// The exit code of a command that ends with it.
            pub fn exit(self) -> u8 {
                match self { $(Code::$name => $exit),+ }
            }
        }
    };
}

codes! {
    /// The function returned an error, or something that the interface's type cannot hold.
    CallError = "call-error" => 1,
    /// The function threw a C++ exception and did not catch it.
    Exception = "exception" => 1,
    /// The function panicked, in Rust.
    Panic = "panic" => 1,
    /// The command line or the arguments of a call are wrong.
    Usage = "usage" => 2,
    /// Wrong number of arguments.
    Arity = "arity" => 2,
    /// An argument is of another type, or out of its range.
    Argument = "argument" => 2,
    /// The plan is no TOML, lacks a key, or has an unknown one.
    PlanToml = "plan-toml" => 3,
    /// A key of the plan has a value that is not allowed.
    PlanValue = "plan-value" => 3,
    /// The interface is missing, no WIT, or uses what this version does not serve.
    PlanInterface = "plan-interface" => 3,
    /// The source file is missing, no regular file, too large or no text.
    PlanSource = "plan-source" => 3,
    /// A test of the plan does not fit the interface, or none asserts anything.
    PlanTests = "plan-tests" => 3,
    /// A limit beyond the policy's ceiling, or a flag, network or standard it does not allow.
    PlanPolicy = "plan-policy" => 3,
    /// The compiler refused the source.
    Compile = "compile" => 4,
    /// The linker refused the object.
    Link = "link" => 4,
    /// The source lacks a function that the interface promises.
    MissingFunction = "missing-function" => 4,
    /// The source declares a function otherwise than the interface does.
    TypeMismatch = "type-mismatch" => 4,
    /// The build wrote something else than one regular file.
    BuildOutput = "build-output" => 4,
    /// The compiler was killed or crashed.
    CompilerCrashed = "compiler-crashed" => 4,
    /// The artifact breaks the scan policy.
    ScanRejected = "scan-rejected" => 5,
    /// The sidecar could not load the artifact.
    LoadFailed = "load-failed" => 6,
    /// The skill was ended by a signal that has no code of its own.
    Crash = "crash" => 6,
    /// SIGSEGV: memory was touched that is not there, or not for this kind of access.
    Segfault = "segfault" => 6,
    /// The stack is used up: SIGSEGV beyond its end.
    StackOverflow = "stack-overflow" => 6,
    /// SIGBUS: an address that the processor cannot use, or memory without a file behind it.
    BusError = "bus-error" => 6,
    /// SIGFPE: an integer division that has no result.
    ArithmeticError = "arithmetic-error" => 6,
    /// SIGILL: an instruction that the processor does not know, or a trap of the compiler's.
    IllegalInstruction = "illegal-instruction" => 6,
    /// SIGABRT: a failed assertion, a check of the C library, or `std::terminate`.
    Abort = "abort" => 6,
    /// The skill made a system call that its confinement forbids.
    Forbidden = "forbidden-syscall" => 6,
    /// The skill ended its process instead of returning.
    Exited = "exited" => 6,
    /// The result in shared memory is not what the interface says.
    BadResult = "bad-result" => 6,
    /// A test of the plan failed.
    TestFailed = "test-failed" => 7,
    /// Compilation is off.
    GateClosed = "gate-closed" => 9,
    /// The jail the policy demands cannot be had on this machine.
    SandboxUnavailable = "sandbox-unavailable" => 11,
    /// The build ran past its deadline.
    BuildDeadline = "build-deadline" => 12,
    /// The build ran out of memory.
    BuildMemory = "build-memory" => 12,
    /// The build's output or artifact is larger than the policy allows.
    BuildTooLarge = "build-too-large" => 12,
    /// Every compiler that may run at once was busy for too long.
    Busy = "busy" => 12,
    /// Loading ran past its deadline.
    LoadDeadline = "load-deadline" => 12,
    /// The call ran past its deadline.
    CallDeadline = "call-deadline" => 12,
    /// The caller ended the call.
    Cancelled = "cancelled" => 12,
    /// The skill ran out of memory.
    CallMemory = "call-memory" => 12,
    /// The arguments do not fit in the arena.
    ArgumentsTooLarge = "arguments-too-large" => 12,
    /// The result does not fit in the arena.
    ResultTooLarge = "result-too-large" => 12,
    /// The store failed.
    Store = "store" => 13,
    /// The ledger failed, or its chain is broken.
    Ledger = "ledger" => 13,
    /// The home is in use, cannot be made, or belongs to another version.
    Home = "home" => 13,
    /// No such skill, function, release, submission or object.
    NotFound = "not-found" => 15,
    /// The skill belongs to another principal.
    NotOwner = "not-owner" => 15,
    /// No usable compiler is installed.
    Toolchain = "toolchain-unavailable" => 11,
    /// A fault of Saggar itself.
    Internal = "internal" => 70,
}

impl Code {
    /// Whether a signal ended the skill, whichever it was. What the kernel or the host ended for a
    /// reason of its own (system call, memory, deadline) is no crash.
    pub fn is_crash(self) -> bool {
        matches!(
            self,
            Code::Crash
                | Code::Segfault
                | Code::StackOverflow
                | Code::BusError
                | Code::ArithmeticError
                | Code::IllegalInstruction
                | Code::Abort
        )
    }

    /// Whether the function itself said that it failed: by an error, an exception or a panic.
    pub fn is_call_error(self) -> bool {
        matches!(self, Code::CallError | Code::Exception | Code::Panic)
    }

    /// Whether the call that it is about did not come to its end: what happened depends on the
    /// arguments, and calling again with them shows it again.
    pub fn ends_call(self) -> bool {
        self.is_crash()
            || matches!(
                self,
                Code::Forbidden | Code::Exited | Code::CallDeadline | Code::CallMemory
            )
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_is_the_serialised_form_and_unique() {
        let mut words: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        for code in Code::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
        for code in Code::ALL.iter().filter(|code| code.is_crash()) {
            assert_eq!(code.exit(), Code::Crash.exit(), "{code}");
        }
        for code in Code::ALL {
            assert_eq!(code.is_call_error(), code.exit() == 1, "{code}");
        }
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Code::ALL.len());
    }
}
