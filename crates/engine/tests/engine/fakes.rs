//! Stages that do nothing but count, and fail when they are told to.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use saggar_ledger::Ledger;
use saggar_model::{
    BuildRecord, Code, Digest, Draft, Enforced, Entry, Event, Feedback, KeyHasher, Language, Plan,
    Report, Stage, TestOutcome, Toolchain, Verdict,
};
use saggar_plugin_abi::{
    BuildRequest, Built, Candidate, CompilerDriver, LedgerSink, LoadRequest, NotBuilt,
    PreparedBuild, PreparedSidecar, Sidecar, SidecarLauncher, SidecarRequest, StageError,
};

/// What the stages are told and what they tell.
#[derive(Default)]
pub(crate) struct Shared {
    /// Which compiler is installed.
    pub(crate) tools: AtomicU32,
    pub(crate) builds: AtomicU32,
    pub(crate) scans: AtomicU32,
    pub(crate) build_fails: AtomicBool,
    /// The ledger takes nothing.
    pub(crate) full: AtomicBool,
    /// Processes that were started, and that have ended.
    pub(crate) started: AtomicU32,
    pub(crate) ended: AtomicU32,
    /// Every call crashes its process.
    pub(crate) crashes: AtomicBool,
    /// Processes that had been started when the compiler was done.
    pub(crate) waiting: AtomicU32,
    /// What is left to be settled, and who is at it.
    pub(crate) left: AtomicU32,
    pub(crate) settling: AtomicU32,
    pub(crate) settled: AtomicU32,
    /// Settling goes on until it is cancelled.
    pub(crate) endless: AtomicBool,
    /// How each append went: what the events were.
    pub(crate) appended: Mutex<Vec<Vec<Event>>>,
}

pub(crate) fn fault(stage: Stage) -> StageError {
    StageError::fault(Feedback::new(stage, Code::Internal, "told to fail"))
}

pub(crate) struct Driver(pub(crate) Arc<Shared>);

struct Prepared {
    told: Arc<Shared>,
    key: Digest,
    tools: Digest,
    source: Vec<u8>,
}

fn tools(told: &Shared) -> Digest {
    Digest::of(&told.tools.load(Ordering::SeqCst).to_le_bytes())
}

impl CompilerDriver for Driver {
    fn prepare(&self, request: BuildRequest<'_>) -> Result<Box<dyn PreparedBuild>, StageError> {
        let tools = tools(&self.0);
        let key = KeyHasher::new("fake")
            .part("source", request.source)
            .part("tools", tools.as_bytes())
            .finish();
        let (told, source) = (Arc::clone(&self.0), request.source.to_vec());
        Ok(Box::new(Prepared { told, key, tools, source }))
    }

    fn tools(&self, _: &Plan) -> Option<Digest> {
        Some(tools(&self.0))
    }

    fn unsettled(&self) -> bool {
        self.0.left.load(Ordering::SeqCst) > 0
    }

    fn settle(&self, cancel: &AtomicBool) {
        assert_eq!(self.0.settling.fetch_add(1, Ordering::SeqCst), 0, "two settle at once");
        while self.0.endless.load(Ordering::SeqCst) && !cancel.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(1));
        }
        while self.0.left.load(Ordering::SeqCst) > 0 && !cancel.load(Ordering::SeqCst) {
            self.0.left.fetch_sub(1, Ordering::SeqCst);
            self.0.settled.fetch_add(1, Ordering::SeqCst);
        }
        self.0.settling.fetch_sub(1, Ordering::SeqCst);
    }
}

impl PreparedBuild for Prepared {
    fn key(&self) -> Digest {
        self.key
    }

    fn tools(&self) -> Option<Digest> {
        Some(self.tools)
    }

    fn build(self: Box<Self>) -> Result<Built, Box<NotBuilt>> {
        self.told.builds.fetch_add(1, Ordering::SeqCst);
        if self.told.build_fails.load(Ordering::SeqCst) {
            let error = StageError::rejected(Feedback::new(Stage::Build, Code::Compile, "no"));
            let (log, deterministic) = (b"no".to_vec(), true);
            return Err(Box::new(NotBuilt { error, record: None, log, deterministic }));
        }
        // As long as a compiler takes, so that what is to happen beside it can.
        let start = std::time::Instant::now();
        while self.told.started.load(Ordering::SeqCst) == self.told.ended.load(Ordering::SeqCst)
            && start.elapsed() < Duration::from_secs(60)
        {
            std::thread::yield_now();
        }
        let alive =
            self.told.started.load(Ordering::SeqCst) - self.told.ended.load(Ordering::SeqCst);
        self.told.waiting.store(alive, Ordering::SeqCst);
        // Comments change no artifact.
        let code = self.source.split(|byte| *byte == b'#').next().unwrap_or_default();
        let artifact = [b"artifact of ", code].concat();
        let toolchain = Toolchain {
            path: String::new(),
            version: String::new(),
            target: String::new(),
            digest: tools(&self.told),
        };
        let record = BuildRecord {
            source: Digest::of(&self.source),
            toolchain,
            commands: Vec::new(),
            headers: Vec::new(),
            artifact: Some(Digest::of(&artifact)),
            debug: None,
        };
        Ok(Built { artifact, debug: None, record, log: b"said".to_vec() })
    }
}

pub(crate) struct Scanner(pub(crate) Arc<Shared>);

impl saggar_plugin_abi::Scanner for Scanner {
    fn rules(&self) -> Digest {
        Digest::of(b"scanner")
    }

    fn scan(&self, _: &[u8], _: Language) -> Result<Verdict, StageError> {
        self.0.scans.fetch_add(1, Ordering::SeqCst);
        Ok(Verdict::default())
    }
}

pub(crate) struct Sidecars(pub(crate) Arc<Shared>);

/// A process, which ends when it is dropped.
struct Process {
    told: Arc<Shared>,
    enforced: Enforced,
    dead: AtomicBool,
}

impl SidecarLauncher for Sidecars {
    fn prepare(&self, _: SidecarRequest<'_>) -> Result<Box<dyn PreparedSidecar>, StageError> {
        self.0.started.fetch_add(1, Ordering::SeqCst);
        let (told, enforced) = (Arc::clone(&self.0), Enforced::nothing());
        Ok(Box::new(Process { told, enforced, dead: AtomicBool::new(false) }))
    }
}

impl PreparedSidecar for Process {
    fn load(self: Box<Self>, _: LoadRequest<'_>) -> Result<Box<dyn Sidecar>, StageError> {
        Ok(self)
    }
}

impl Sidecar for Process {
    fn enforced(&self) -> &Enforced {
        &self.enforced
    }

    fn call(&self, _: u32, _: &[u8], _: Duration) -> Result<Vec<u8>, Box<Feedback>> {
        if self.told.crashes.load(Ordering::SeqCst) {
            self.dead.store(true, Ordering::SeqCst);
            return Err(Box::new(Feedback::new(Stage::Call, Code::Segfault, "told to crash")));
        }
        Ok(vec![1])
    }

    fn alive(&self) -> bool {
        !self.dead.load(Ordering::SeqCst)
    }

    fn end(&self) {}
}

impl Drop for Process {
    fn drop(&mut self) {
        self.told.ended.fetch_add(1, Ordering::SeqCst);
    }
}

pub(crate) struct Verifier;

impl saggar_plugin_abi::Verifier for Verifier {
    fn rules(&self) -> Digest {
        Digest::of(b"verifier")
    }

    fn verify(&self, _: &Plan, candidate: &dyn Candidate) -> Result<Report, StageError> {
        let failure = candidate.call(0, &[])?.err().map(|told| *told);
        let outcome = TestOutcome { call: "f()".to_owned(), asserts: true, failure, latency_us: 1 };
        Ok(Report { tests: vec![outcome] })
    }
}

/// A ledger that can be full.
pub(crate) struct Sink {
    pub(crate) ledger: Ledger,
    pub(crate) told: Arc<Shared>,
}

impl LedgerSink for Sink {
    fn append(&self, drafts: Vec<Draft>) -> Result<Vec<Entry>, StageError> {
        if self.told.full.load(Ordering::SeqCst) {
            return Err(fault(Stage::Admit));
        }
        let events = drafts.iter().map(|draft| draft.event.clone()).collect();
        self.told.appended.lock().unwrap().push(events);
        self.ledger.append(drafts)
    }
}
