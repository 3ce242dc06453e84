//! Ending a call from another thread.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use saggar_model::{Code, Feedback, Stage};
use saggar_plugin_abi::Sidecar;

/// Ends calls from another thread. A copy is another handle of the same.
///
/// A call that is under way ends with its process, at once; one that waits for a sidecar ends as soon
/// as it has one.
#[derive(Clone, Default)]
pub struct Cancel(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    cancelled: bool,
    under_way: Vec<Arc<dyn Sidecar>>,
}

impl Cancel {
    /// Ends the calls that were given this, now and in future.
    pub fn cancel(&self) {
        let mut state = self.lock();
        state.cancelled = true;
        state.under_way.iter().for_each(|sidecar| sidecar.end());
    }

    /// Whether that has been done.
    pub fn is_cancelled(&self) -> bool {
        self.lock().cancelled
    }

    /// Has something done by a sidecar, which is ended when this is cancelled meanwhile.
    ///
    /// # Errors
    /// `cancelled`; an answer that came before is given all the same.
    pub(crate) fn guard<T>(
        &self,
        sidecar: &Arc<dyn Sidecar>,
        work: impl FnOnce() -> Result<T, Box<Feedback>>,
    ) -> Result<T, Box<Feedback>> {
        let mut state = self.lock();
        if state.cancelled {
            return Err(cancelled());
        }
        state.under_way.push(Arc::clone(sidecar));
        drop(state);
        let answer = work();
        let mut state = self.lock();
        state.under_way.retain(|other| !Arc::ptr_eq(other, sidecar));
        answer.map_err(|told| if state.cancelled { cancelled() } else { told })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Cancel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Cancel").field(&self.is_cancelled()).finish()
    }
}

fn cancelled() -> Box<Feedback> {
    Box::new(Feedback::new(Stage::Call, Code::Cancelled, "the call was cancelled"))
}
