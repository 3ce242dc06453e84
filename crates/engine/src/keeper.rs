//! What a submission stores, stored beside it: one thread per submission writes objects and waits
//! for the disk while the compiler or the verifier works. Nothing is promoted, and no answer given,
//! before all of it is done.

use std::cell::OnceCell;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use saggar_model::{Code, Digest, Feedback, Stage};
use saggar_plugin_abi::{ArtifactStore, StageError};

use crate::Stages;

/// Something to be done with the store.
type Job = Box<dyn FnOnce(&dyn ArtifactStore) -> Result<(), StageError> + Send>;

/// Stores for one submission. Dropping it waits for what it was given.
pub(crate) struct Keeper {
    stages: Arc<Stages>,
    /// Started with the first job.
    running: OnceCell<Option<Running>>,
    /// The first failure; what comes after it is not done.
    failed: Arc<Mutex<Option<StageError>>>,
}

struct Running {
    jobs: Sender<Job>,
    thread: JoinHandle<()>,
}

fn fault(summary: String) -> StageError {
    StageError::fault(Feedback::new(Stage::Admit, Code::Internal, summary))
}

impl Keeper {
    /// Starts nothing yet.
    pub(crate) fn new(stages: Arc<Stages>) -> Self {
        Keeper { stages, running: OnceCell::new(), failed: Arc::default() }
    }

    fn start(&self) -> Option<Running> {
        let (jobs, todo) = channel::<Job>();
        let (stages, told) = (Arc::clone(&self.stages), Arc::clone(&self.failed));
        let work = move || {
            for job in todo {
                let mut failed = told.lock().unwrap_or_else(PoisonError::into_inner);
                if failed.is_none() {
                    *failed = job(&*stages.store).err();
                }
            }
        };
        match thread::Builder::new().name("saggar-keep".to_owned()).spawn(work) {
            Ok(thread) => Some(Running { jobs, thread }),
            Err(error) => {
                let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
                failed.get_or_insert(fault(format!("a thread cannot be had: {error}")));
                None
            }
        }
    }

    /// Has something done, after all that was given before.
    pub(crate) fn run(
        &self,
        job: impl FnOnce(&dyn ArtifactStore) -> Result<(), StageError> + Send + 'static,
    ) {
        if let Some(running) = self.running.get_or_init(|| self.start()) {
            // Should the thread be gone, whoever waits hears of it.
            running.jobs.send(Box::new(job)).unwrap_or_default();
        }
    }

    /// Has an object stored. Its digest, which the store works out again when it writes.
    pub(crate) fn put(&self, bytes: impl AsRef<[u8]> + Send + 'static) -> Digest {
        let digest = Digest::of(bytes.as_ref());
        self.run(move |store| store.put(bytes.as_ref()).map(drop));
        digest
    }

    /// Has something done that gives something.
    pub(crate) fn ask<T: Send + 'static>(
        &self,
        job: impl FnOnce(&dyn ArtifactStore) -> Result<T, StageError> + Send + 'static,
    ) -> Answer<'_, T> {
        let (answer, answered) = channel();
        self.run(move |store| {
            // Who asked may have lost interest.
            answer.send(job(store)?).unwrap_or_default();
            Ok(())
        });
        Answer { keeper: self, answered }
    }

    /// Waits until everything given so far is on disk.
    ///
    /// # Errors
    /// The first that failed.
    pub(crate) fn wait(&self) -> Result<(), StageError> {
        match self.running.get() {
            Some(_) => self.ask(|_| Ok(())).wait(),
            None => Ok(()),
        }
    }
}

/// What will come of something that was asked for.
pub(crate) struct Answer<'k, T> {
    keeper: &'k Keeper,
    answered: Receiver<T>,
}

impl<T> Answer<'_, T> {
    /// Waits for it.
    ///
    /// # Errors
    /// Its error, or that of something given before.
    pub(crate) fn wait(self) -> Result<T, StageError> {
        self.answered.recv().map_err(|_| {
            let failed = self.keeper.failed.lock().unwrap_or_else(PoisonError::into_inner);
            failed.clone().unwrap_or_else(|| fault("the storing thread ended".to_owned()))
        })
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        if let Some(Some(Running { jobs, thread })) = self.running.take() {
            drop(jobs);
            // A panic of its own was reported when it happened.
            thread.join().unwrap_or_default();
        }
    }
}
