//! One command in a jail: a function of its input files, argument list and environment, so that
//! a remote executor could run it as well.

use std::fs::File;
use std::io::{Read, Seek};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{MemfdFlags, memfd_create};
use saggar_jail::{
    Bind, Confinement, Ended, Exceeded, Input, JailError, Launcher, Limit, Log, OutputFile,
    OutputState, Payload, Rlimits, Root, Run, Spec, Work, sealed_memfd,
};
use saggar_model::{Command, Enforced};
use saggar_policy::{PidsLimit, Policy, SeccompStage};

/// Stack of the compiler proper, which raises its own limit to this, bytes.
const STACK: u64 = 64 << 20;

/// How soon an idle run sees that it is to end.
const TICK: Duration = Duration::from_millis(20);

/// A command, its inputs and the outputs it declares.
pub(crate) struct Action<'a> {
    /// `compile` or `link`, for the record.
    pub(crate) step: &'a str,
    /// The argument list; the first is the program's path.
    pub(crate) argv: Vec<String>,
    /// Files in the work directory: name and content.
    pub(crate) inputs: Vec<(&'a str, &'a [u8])>,
    /// Files it writes in `out/`: name and most bytes.
    pub(crate) outputs: Vec<(&'a str, u64)>,
    /// Wall-clock time it may take.
    pub(crate) deadline: Duration,
    /// A toolchain of its own, beside what the policy shows of the host.
    pub(crate) toolchain: Option<&'a Mounted>,
    /// A directory to make in the work directory.
    pub(crate) directory: Option<&'a str>,
    /// A file of the host's in the work directory, read-only and not copied: path and name.
    pub(crate) shown: Option<(&'a Path, &'a str)>,
}

/// A toolchain that does not lie where the policy's paths reach.
#[derive(Clone, Debug)]
pub(crate) struct Mounted {
    /// Its root on the host, which holds `bin` and `lib`.
    pub(crate) root: PathBuf,
    /// Where the jail sees it: the same for every user, so that the same source gives the same
    /// artifact.
    pub(crate) at: &'static str,
}

/// What came of an action.
pub(crate) struct Done {
    pub(crate) command: Command,
    /// The outputs, in order.
    pub(crate) outputs: Vec<Result<Vec<u8>, OutputState>>,
    /// What it printed, up to the policy's limit.
    pub(crate) log: Vec<u8>,
    /// Bytes it printed beyond.
    pub(crate) lost: u64,
    pub(crate) past_deadline: bool,
    pub(crate) out_of_memory: bool,
    /// Its files took more than the work directory has room for.
    pub(crate) out_of_room: bool,
}

impl Action<'_> {
    /// Runs it. Returns only when every process it started is gone.
    pub(crate) fn run(&self, launcher: &Launcher, policy: &Policy) -> Result<Done, JailError> {
        let host = |what| move |source| JailError::Host { what, source };
        let log =
            Log::new(usize::try_from(policy.build.output.0).unwrap_or(usize::MAX), self.deadline)?;
        let writer = log.writer()?;
        let null = File::open("/dev/null").map_err(host("open /dev/null"))?;
        let contents = self.inputs.iter().map(|(name, bytes)| sealed_memfd(name, bytes));
        let mut files = contents.collect::<Result<Vec<OwnedFd>, _>>()?;
        for (name, _) in &self.outputs {
            let file = memfd_create(*name, MemfdFlags::CLOEXEC);
            files.push(file.map_err(|errno| host("make a memory file")(errno.into()))?);
        }
        let mut descriptors: Vec<BorrowedFd<'_>> = files.iter().map(AsFd::as_fd).collect();
        descriptors.extend([null.as_fd(), writer.as_fd(), writer.as_fd()]);
        let run = launcher.run(&self.spec(policy, false), &descriptors, log)?;
        if run.outcome.ended.is_none() && run.limit.is_none() && !run.outcome.out_of_memory {
            return Err(JailError::Ended { program: self.argv[0].clone() });
        }
        let command = self.command(&run);
        let exceeded = run.outcome.ended.as_ref().and_then(|ended| ended.exceeded);
        let ended = run.outcome.ended.map(|ended| (ended.outputs, ended.work));
        let (states, work) = ended.unwrap_or_default();
        let log = match &work {
            Some(work) => in_place(&run.log, work.as_bytes()),
            None => run.log,
        };
        let outputs = states.into_iter().zip(files.drain(self.inputs.len()..)).map(
            |(state, file)| match state {
                OutputState::Taken(_) => read(file).map_err(|_| OutputState::Missing),
                other => Err(other),
            },
        );
        Ok(Done {
            command,
            outputs: outputs.collect(),
            log,
            lost: run.lost,
            past_deadline: run.limit == Some(Limit::Deadline),
            out_of_memory: run.outcome.out_of_memory,
            out_of_room: exceeded == Some(Exceeded::Work),
        })
    }

    /// Runs it when nothing else wants the processor, its outputs straight into files; what it
    /// prints is nobody's. `None` when it was broken off. Returns only when every process it
    /// started is gone.
    pub(crate) fn run_idle(
        &self,
        launcher: &Launcher,
        policy: &Policy,
        outputs: &[BorrowedFd<'_>],
        cancel: &AtomicBool,
    ) -> Result<Option<Ended>, JailError> {
        let host = |what| move |source| JailError::Host { what, source };
        let null = File::options().read(true).write(true).open("/dev/null");
        let null = null.map_err(host("open /dev/null"))?;
        let contents = self.inputs.iter().map(|(name, bytes)| sealed_memfd(name, bytes));
        let inputs = contents.collect::<Result<Vec<OwnedFd>, _>>()?;
        let mut descriptors: Vec<BorrowedFd<'_>> = inputs.iter().map(AsFd::as_fd).collect();
        descriptors.extend(outputs);
        descriptors.extend([null.as_fd(); 3]);
        let start = Instant::now();
        let mut jailed = launcher.spawn(&self.spec(policy, true), &descriptors)?;
        while !jailed.pump_now() {
            if cancel.load(Ordering::Relaxed) || start.elapsed() > self.deadline {
                jailed.kill();
                break;
            }
            thread::sleep(TICK);
        }
        Ok(jailed.wait()?.ended)
    }

    fn spec(&self, policy: &Policy, idle: bool) -> Spec {
        let build = &policy.build;
        let memory = if idle { build.precompiled.memory.0 } else { build.memory.0 };
        let bind = |path: &String| Bind { source: path.clone(), target: path.clone() };
        let mut binds: Vec<_> = build.read_only.iter().map(bind).collect();
        let mut read_execute = build.read_only.clone();
        let mut environment = build.environment.clone();
        if let Some(Mounted { root, at }) = self.toolchain {
            let source = root.to_string_lossy().into_owned();
            binds.push(Bind { source, target: (*at).to_owned() });
            read_execute.push((*at).to_owned());
            // Without /proc its programs cannot tell where they are.
            environment.insert("LD_LIBRARY_PATH".to_owned(), format!("{at}/lib"));
        }
        if let Some((path, name)) = self.shown {
            let source = path.to_string_lossy().into_owned();
            binds.push(Bind { source, target: format!("/work/{name}") });
        }
        Spec {
            isolation: policy.jail.isolation,
            memory_floor: policy.jail.memory,
            pids_cgroup: policy.jail.pids == PidsLimit::Cgroup,
            cpu_percent: policy.jail.cpu_percent,
            root_becomes: policy.jail.root_becomes,
            root: Root { binds, own_image: false, proc: false },
            work: Some(Work {
                size: build.work.0,
                directories: self.directory.iter().map(|&name| name.to_owned()).collect(),
                inputs: self
                    .inputs
                    .iter()
                    .map(|(name, _)| Input { name: (*name).to_owned() })
                    .collect(),
                outputs: self
                    .outputs
                    .iter()
                    .map(|(name, max)| OutputFile { name: (*name).to_owned(), max: *max })
                    .collect(),
            }),
            rlimits: Rlimits {
                data: memory,
                address_space: u64::MAX,
                stack: STACK,
                file_size: build.work.0,
                files: u64::from(policy.jail.files),
                processes: u64::from(policy.jail.processes),
                cpu_seconds: self.deadline.as_secs() + 1,
            },
            memory,
            shared_memory: 0,
            processes: policy.jail.processes,
            payload: Payload {
                path: self.argv[0].clone(),
                argv: self.argv.clone(),
                environment: environment.into_iter().collect(),
                descriptors: vec![0, 1, 2],
                idle,
                confinement: Some(Confinement {
                    landlock_abi: policy.jail.landlock_abi,
                    read_execute,
                    seccomp: policy.seccomp.programs(SeccompStage::Build, false).to_vec(),
                }),
            },
        }
    }

    fn command(&self, run: &Run) -> Command {
        let ended = run.outcome.ended.as_ref();
        Command {
            step: self.step.to_owned(),
            argv: self.argv.clone(),
            exit_code: ended.and_then(|ended| ended.exit_code),
            signal: ended.and_then(|ended| ended.signal),
            latency_us: u64::try_from(run.wall.as_micros()).unwrap_or(u64::MAX),
            cpu_us: ended.map_or(0, |ended| ended.cpu_us),
            max_rss_kib: ended.map_or(0, |ended| ended.max_rss_kib),
            enforced: run.outcome.enforced.clone().unwrap_or_else(Enforced::nothing),
        }
    }
}

/// What a program printed, with the name that its work directory has everywhere.
fn in_place(log: &[u8], work: &[u8]) -> Vec<u8> {
    let mut told = Vec::with_capacity(log.len());
    let mut rest = log;
    while let Some(at) = rest.windows(work.len()).position(|bytes| bytes == work) {
        told.extend_from_slice(&rest[..at]);
        told.extend_from_slice(b"/work");
        rest = &rest[at + work.len()..];
    }
    told.extend_from_slice(rest);
    told
}

/// The contents of a file that an action wrote.
pub(crate) fn read(file: OwnedFd) -> std::io::Result<Vec<u8>> {
    let mut file = File::from(file);
    file.rewind()?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}
