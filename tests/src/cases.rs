//! The cases, as one table: `cargo xtask regress` runs it line by line, the integration binary
//! makes a test of each line. Ids are those of ATTACKS where there is one.

mod acts;
mod build;
mod calls;
mod compilers;
mod constructors;
mod crashes;
mod ends;
mod features;
mod files;
mod found;
mod held;
mod hosts;
mod ipc;
mod late;
mod ledger;
mod limits;
mod load;
mod meetings;
mod needless;
mod output;
mod plan;
mod policies;
mod reach;
mod skills;
mod state;
mod texts;
mod tree;
mod typed;
mod user;
mod wrong;

use crate::{Env, Verdict};

/// One case.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// Its id, unique.
    pub id: &'static str,
    /// What it shows, as a fact.
    pub title: &'static str,
    /// Shows it.
    pub run: fn(&Env) -> Verdict,
}

/// Hands the whole table to a macro: `name, module::function, id, title` for each case.
#[macro_export]
macro_rules! for_each_case {
    ($then:path) => {
        $then! {
            r21, tree::deadline, "R21-B17", "a build past its deadline ends with its whole process tree, a daemon of its own session included";
            r22, build::duplicate, "R22", "a duplicate submission starts no compiler";
            r23, hosts::crash_beside_service, "R23", "a skill that crashes costs another not one call";
            b01, build::include, "B01", "a source that includes a host file gets no byte of it back";
            b02, build::incbin, "B02", "a source that assembles a host file in gets no byte of it back";
            b01_rust, build::include_rust, "B01-rust", "a Rust source that includes a host file gets no byte of it back";
            b02_rust, build::include_bytes, "B02-rust", "a Rust source that embeds a host file gets no byte of it back";
            b01_forms, reach::forms, "B01-forms", "no other way to include a host file, in C, C++ or Rust, gets a byte of it back";
            b02_embed, reach::embed, "B02-embed", "a C source that embeds a host file gets no byte of it back";
            b03, build::environment, "B03", "a source learns nothing of the environment";
            b03_file, reach::environment, "B03-file", "a source finds no environment in a file";
            b04, reach::oracle, "B04", "a source cannot ask which host files there are";
            b05, reach::special_files, "B05", "no FIFO and no device of the host can be included";
            b05_endless, reach::endless_file, "B05-endless", "a file without an end meets the memory limit or the deadline";
            b06, limits::flood, "B06", "a flood of diagnostics is cut off, and feedback and log say so";
            b07, limits::doubling, "B07", "macros that double to a thousand million meet the memory limit";
            b08, limits::assembler_bomb, "B08", "an assembler repetition of a thousand million meets the memory limit";
            b09, build::const_loop, "B09", "a constant without an end meets the deadline of the build";
            b10, limits::array, "B10", "an array of 8 GiB is too large, and no crash of the compiler";
            b11, build::file_names, "B11", "a file name that reads as an option is no file name";
            b12, build::flags, "B12", "a flag that the policy does not list is denied";
            b13, compilers::script, "B13", "a linker script that poses as an object is no object";
            b14_files, compilers::descriptors, "B14-files", "a compiler may have as many files open as the policy says, whatever saggar itself may";
            b14, compilers::environment, "B14", "no variable of saggar's own environment reaches a compiler";
            b14_honoured, compilers::variables_change_nothing, "B14-twin", "variables that turn a plain compiler turn none of a build";
            b15_through, output::through, "B15", "an output path replaced by a symlink before linking is refused";
            b15_symlink, output::symlink, "B15-after", "an output replaced by a symlink after linking is refused";
            b16_hard, output::hard_link, "B16-hard-link", "an output with a second name is refused";
            b16_fifo, output::fifo, "B16-fifo", "an output that is a FIFO is refused and not waited for";
            b16_directory, output::directory, "B16-directory", "an output that is a directory is refused";
            b18, compilers::forks, "B18", "a build has no more processes than the policy says, as root and as an ordinary user";
            b18_bomb, compilers::fork_bomb, "B18-bomb", "a fork bomb meets the deadline and leaves nothing";
            b19, compilers::reaching, "B19", "what a build starts reaches neither network nor home";
            b19_rust, compilers::rust_programs, "B19-rust", "no procedural macro and no build script of a skill ever runs";
            b20, meetings::places, "B20", "two builds at once find nothing of each other's in any common place";
            b20_filter, meetings::filter, "B20-filter", "no build leaves a lock or a key for another";
            b21, limits::three_ends, "B21", "out of memory, ended by a signal, past the deadline: three errors";
            b22, texts::escaped, "B22", "nothing that a compiler prints steers a terminal";
            b23, texts::names, "B23", "a name that is more than a name is refused in Plan";
            b23_out, texts::way_out, "B23-out", "no source leads out of the directory of its skill";
            b23_case, texts::two_cases, "B23-case", "names that differ only in case are different names";
            b24, limits::full_disk, "B24", "a work directory that is full is named as what it is";
            b25, build::reproducible, "B25", "two homes build the same artifact from the same submission";
            b26, compilers::unavailable, "B26", "a compiler that is missing, too old, or none, is no fault of the skill";
            b27, tree::killed_host, "B27", "a host killed in mid-build leaves no process, and the same submission succeeds";
            b28, build::at_once, "B28", "two identical submissions at once build once";
            b29, meetings::waiters, "B29", "a build killed while another waits for it: that one takes over";
            l01_call, load::l01_call, "L01-call", "a socket from a call ends that call";
            l01_ctor, load::l01_ctor, "L01-ctor", "a socket from a constructor ends the load";
            l04_call, load::l04_call, "L04-call", "io_uring from a call ends that call";
            l04_ctor, load::l04_ctor, "L04-ctor", "io_uring from a constructor ends the load";
            l02, acts::l02, "L02", "an x32 system call ends the process, from a call and from a constructor";
            l03, acts::l03, "L03", "a 32-bit system call ends the process, from a call and from a constructor";
            l05, acts::l05, "L05", "no new process, by clone3, clone or vfork, whoever holds";
            l06, acts::l06, "L06", "no program and no code out of a memory file, which Landlock would let run";
            l07, acts::l07, "L07", "no executable memory after the load; before it, none where the kernel has MDWE";
            l09, acts::l09, "L09", "no other process is traced, read, written, compared or robbed of a descriptor, whoever holds";
            l10, acts::l10, "L10", "no other process is signalled, whoever holds";
            l11, acts::l11, "L11", "no Unix socket, abstract or by path, whoever holds";
            l12, acts::l12, "L12", "no UDP, vsock or netlink, whoever holds";
            l13, acts::l13, "L13", "no keys, bpf, perf, userfaultfd, persona, terminal input, namespace or mount, whoever holds";
            l14, acts::l14, "L14", "no look at a file and no change of its mode, owner or times, whoever holds";
            l27, acts::l27, "L27-filter", "a filter of the skill's own ends the call, and from a constructor the load";
            l28, acts::l28, "L28", "no memory mapped twice, which MDWE would let run";
            l08_call, load::l08_call, "L08-call", "a call finds no descriptor of the host's";
            l08_ctor, load::l08_ctor, "L08-ctor", "a constructor finds no descriptor of the host's";
            s14_rust, load::s14_rust, "S14-rust", "a system call by number, which Scan lets a Rust skill import, ends the call";
            l15, load::l15, "L15", "a violation on a second thread ends the process";
            l15_ctor, load::l15_ctor, "L15-ctor", "a violation on a constructor's thread ends the load";
            l16, ends::l16, "L16", "a handler that ends a crash with exit code 0 makes no answer of it";
            l17, ends::l17, "L17", "exit, atexit, abort, a jump, a stop, and the end of one thread of two are ends with names";
            l18, ends::l18, "L18", "a thread that runs on after the return costs the next call nothing";
            l19, ends::l19, "L19", "no end of time, stack or memory, in a call or a constructor, is without a name";
            l19_huge, ends::huge, "L19-huge", "a result without end meets the size of the arena";
            l17_exit, load::exit, "L17-exit", "exit(0) in a call reads as an end, not as an answer";
            l17_abort, load::abort, "L17-abort", "abort in a call is a crash with its signal";
            l19_loop, load::endless, "L19-loop", "a call without an end meets its deadline";
            l19_memory, load::memory, "L19-memory", "a call that hoards memory meets its limit";
            l19_rust_memory, load::rust_memory, "L19-memory-rust", "a Rust call that hoards memory meets its limit";
            rust_null, load::rust_null, "CRASH-rust", "a crash in Rust names the line of the source";
            crash_cpp, crashes::cpp, "CRASH-c++", "every kind of crash in C++ names its cause, its calls and their lines, twice the same";
            crash_c, crashes::c, "CRASH-c", "every kind of crash in C names its cause, its calls and their lines, twice the same";
            crash_rust, crashes::rust, "CRASH-kinds-rust", "every kind of crash in Rust names its cause, its calls and their lines, twice the same";
            late_call, late::called, "LATE-call", "a call that takes too long names the loop it was in, or nothing where it lets nobody ask";
            late_load, late::loaded, "LATE-load", "a constructor that takes too long names the loop it was in, or nothing where it lets nobody ask";
            late_contained, late::contained, "LATE-container", "the same without namespaces";
            late_verify, late::verified, "LATE-verify", "a test of the plan that takes too long names the loop it was in";
            crash_load, constructors::told, "CRASH-load", "a crash in a static initialiser, a constructor or .init_array names its cause, its calls and their lines, twice the same";
            crash_later, constructors::later, "CRASH-later", "a released skill whose constructor crashes in a later load names the lines too";
            crash_forged, constructors::forged, "CRASH-forged", "a constructor that forges where it lies is told with its signal, and no line of nowhere";
            crash_replay, crashes::replay, "CRASH-replay", "a call that crashed is kept and made again, with the source that crashed and with a mended one";
            l19_stack, load::stack, "L19-stack", "recursion without an end is a crash";
            held, held::seen_from_outside, "HELD", "the kernel's own word on a serving sidecar: confined, unprivileged, in a namespace of its own";
            state_inside, state::from_inside, "HELD-state", "a skill finds no descriptor, variable, capability, blocked signal or mask of a host in disorder";
            l24, state::from_outside, "L24", "the sidecar of a host in disorder is in order, and no core of it can be written";
            l20, hosts::killed, "L20", "a host that is killed takes its sidecars along, serving or loading";
            l27_sham, found::sham, "L27-sham", "a second stage that is a sham is found out by the number of filters, or the first one holds";
            l30, load::honest, "L30", "code that sorts, formats, throws, uses locale, time and threads is not killed for it";
            network, load::network, "NETWORK", "a plan that asks for a network is refused with the reason before anything is built";
            l27_thread, found::thread_filter, "L27-thread", "a thread with a filter of its own cannot make the second stage a sham";
            l27_message, found::forged_message, "L27-message", "a constructor that speaks for the sidecar is blamed for it";
            l29, found::uncounted_memory, "L29", "memory that no limit counts is not to be had";
            l29_ctor, found::uncounted_while_loading, "L29-ctor", "memory that no limit counts is bounded in a constructor too";
            i02, ipc::length_race, "I02", "a length changed behind the host's back gives the right answer or an error";
            i05, ipc::flood, "I05", "a flood of output holds nobody up, is cut, and what is lost is counted";
            i03, ipc::truncate, "I03", "a skill cannot cut the memory it shares with the host";
            i10, ipc::values, "I10", "text that is no UTF-8 and bits that are no value of their type are refused by name; a NaN is a NaN";
            d05, ledger::damage, "D05", "a ledger line edited, deleted, inserted or moved is found and named";
            d06, ledger::cut, "D06", "a ledger cut at its end is found";
            good_c, skills::c, "GOOD-C", "every good skill in C is released, its duplicate deduplicated";
            good_cpp, skills::cpp, "GOOD-C++", "every good skill in C++ is released, its duplicate deduplicated";
            typed_first, typed::first, "TYPED-1", "the same typed skill in C++, C and Rust is released and answers alike; its bug is found (first part)";
            typed_second, typed::second, "TYPED-2", "the same typed skill in C++, C and Rust is released and answers alike; its bug is found (second part)";
            typed_third, typed::third, "TYPED-3", "the same typed skill in C++, C and Rust is released and answers alike; its bug is found (third part)";
            typed_fourth, typed::fourth, "TYPED-4", "the same typed skill in C++, C and Rust is released and answers alike; its bug is found (fourth part)";
            log, skills::log_digest, "LOG", "the log skill in C++ and in C says what the Python script says";
            run, skills::run_once, "RUN", "run answers with the function's result and releases nothing";
            syntax_error, wrong::syntax_error, "WRONG-syntax-error", "the feedback names file, line and what to do";
            many_errors, wrong::many_errors, "WRONG-many-errors", "sixty errors are told from the first on";
            missing_function, wrong::missing_function, "WRONG-missing-function", "the feedback names file, line and what to do";
            type_mismatch, wrong::type_mismatch, "WRONG-type-mismatch", "the feedback names file, line and what to do";
            link_error, wrong::link_error, "WRONG-link-error", "the feedback names file, line and what to do";
            endless_template, wrong::endless_template, "WRONG-endless-template", "the feedback names file, line and what to do";
            crash_in_test, wrong::crash_in_test, "WRONG-crash-in-test", "the feedback names file, line and what to do";
            wrong_answer, wrong::wrong_answer, "WRONG-wrong-answer", "the feedback names file, line and what to do";
            missing_source, wrong::missing_source, "WRONG-missing-source", "the feedback names file, line and what to do";
            bad_toml, wrong::bad_toml, "WRONG-bad-toml", "the feedback names file, line and what to do";
            unknown_key, wrong::unknown_key, "WRONG-unknown-key", "the feedback names file, line and what to do";
            gate, calls::gate, "GATE", "without --allow-compile nothing is compiled, and the refusal says how";
            arguments, calls::arguments, "ARGS", "arguments of the wrong number, type or range are refused before the skill sees them";
            values, calls::values, "VALUES", "values stand on the command line as the contract says";
            call_error, calls::function_error, "ERROR", "an exception is the function's error, exit 1";
            unknown, calls::unknown, "UNKNOWN", "what is not there is not found, exit 15";
            records, calls::records, "RECORDS", "list, show, history and log tell what was submitted";
            plan_skeleton, plan::skeleton, "PLAN-skeleton", "an empty directory gets a plan, a plan its source, which compiles and is refused by Verify until it is written";
            plan_infer, plan::infer, "PLAN-infer", "the interface of a source is read out of it, without a compiler or a home";
            files, files::lists, "FILES", "an argument may be a file: C, C++ and Rust see a list, and text stays text";
            files_refused, files::refusals, "FILES-refused", "what is no regular file, or no list of numbers, is refused by name and not waited for";
            files_large, files::large, "FILES-large", "a file of ten gibibytes is an argument of a skill that has 64 MiB";
            files_memory, files::in_memory, "FILES-memory", "a file that lies in memory is no memory of the skill's, summed or not";
            files_scribble, files::scribble, "FILES-scribble", "a skill that writes to a file that it is given crashes, and the file stays as it is";
            files_cut, files::cut, "FILES-cut", "a file that is cut while it is read ends the call, which says so, and not the host";
            needless, needless::rules, "NEEDLESS", "every system call that the policy names is one that honest work needs";
            user, user::ordinary, "USER", "an ordinary user submits and calls";
            l21_landlock, features::landlock, "L21-landlock", "without Landlock nothing runs, and the refusal says what to boot with";
            l21_seccomp, features::seccomp, "L21-seccomp", "without seccomp nothing runs";
            l21_clone3, features::clone3, "L21-clone3", "without clone3 nothing runs, and the refusal names sysctl and Docker flag";
            l21_mounts, features::mounts, "L21-mounts", "where a mount is refused nothing runs, and the refusal names the AppArmor profile";
            l21_pidfd, features::handles, "L21-pidfd", "without process handles nothing runs";
            l21_close_range, features::close_range, "L21-close-range", "without close_range nothing runs";
            l21_userns, features::no_more_namespaces, "L21-userns", "where no user namespace may be made nothing runs, and the refusal names the limit";
            l21_cgroup, features::cgroup, "L21-cgroup", "strict without cgroups is refused with the delegation command; default and container are not";
            policy_container, policies::container, "POLICY-container", "without namespaces C, C++ and Rust are released and called, and the artifact is the same";
            policy_container_denied, policies::container_denied, "POLICY-container-denied", "container works where every namespace and mount call is denied";
            policy_container_user, policies::container_user, "POLICY-container-user", "container serves an ordinary user";
            policy_strict, policies::strict, "POLICY-strict", "strict is held by cgroups and MDWE, or refused with the delegation command";
            policy_names, policies::names, "POLICY-names", "a policy is named or is a file, and what is neither is refused";
            b01_container, policies::host_files, "B01-container", "without namespaces a source gets no byte of a host file back either";
            l01_container, policies::socket, "L01-container", "without namespaces a socket ends the call too";
            b17_container, policies::daemon, "B17-container", "without namespaces a build past its deadline ends with its whole process tree too";
            b24_container, policies::filled, "B24-container", "without a mount of its own a work directory has a bound too";
            b27_container, policies::killed, "B27-container", "without namespaces a killed host or launcher leaves no process and no directory";
            neighbours, policies::neighbours, "POLICY-container-neighbours", "without namespaces jailed code reaches nothing of the same user's";
        }
    };
}

macro_rules! table {
    ($($name:ident, $module:ident::$function:ident, $id:literal, $title:literal;)+) => {
        /// Every case.
        pub const ALL: &[Case] =
            &[$(Case { id: $id, title: $title, run: $module::$function },)+];
    };
}
for_each_case!(table);

/// Runs one case by its id.
///
/// # Errors
/// What is wrong.
pub fn run(env: &Env, id: &str) -> Verdict {
    let case = ALL.iter().find(|case| case.id == id).ok_or_else(|| format!("no case {id}"))?;
    (case.run)(env)
}
