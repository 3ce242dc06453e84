//! Serving: the current release of a skill in sidecars of its own. Nothing here can call what was not
//! promoted.

use std::collections::BTreeMap;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use saggar_jail::sealed_memfd;
use saggar_model::{Event, Feedback, Plan, Release, SkillName, Stage, SubmissionId};
use saggar_plugin_abi::{LoadRequest, PreparedSidecar, Sidecar, StageError};
use saggar_policy::{Limits, SidecarIsolation};
use saggar_skill_abi::Signature;

use crate::calls::function;
use crate::deaths::Deaths;
use crate::groups::Tally;
use crate::replicas::Replicas;
use crate::trial::sidecar_of;
use crate::{Bundle, Engine, feedback, not_found};

/// What is loaded for callers.
#[derive(Default)]
pub(crate) struct Serving {
    loaded: Mutex<BTreeMap<SkillName, Loaded>>,
}

impl Serving {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<SkillName, Loaded>> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A skill's current release as of a generation of the store.
#[derive(Clone)]
struct Loaded {
    as_of: u64,
    served: Arc<Served>,
}

/// A release ready to be called.
pub(crate) struct Served {
    pub(crate) release: Release,
    pub(crate) bundle: Bundle,
    pub(crate) limits: Limits,
    /// The functions of its interface, in that order.
    signatures: Vec<Signature>,
    pub(crate) tally: Arc<Tally>,
    pub(crate) replicas: Replicas,
    /// The artifact in a memory file that nobody can change, once it was read and its digest checked.
    artifact: Mutex<Option<Arc<OwnedFd>>>,
    pub(crate) deaths: Deaths,
}

impl Served {
    /// A function of the interface by name.
    pub(crate) fn function(&self, name: &str) -> Result<(u32, &Signature), Box<Feedback>> {
        let (index, _) = function(&self.bundle.plan.interface, name)?;
        Ok((index, &self.signatures[index as usize]))
    }
}

/// A skill as `show` tells of it.
#[derive(Debug)]
pub struct Described {
    /// Its current release.
    pub release: Release,
    /// Its plan.
    pub plan: Plan,
}

impl Engine {
    /// A skill's current release and plan.
    ///
    /// # Errors
    /// The store's, or `not-found`.
    pub fn describe(&self, skill: &SkillName) -> Result<Described, Box<Feedback>> {
        let served = self.served(skill)?;
        Ok(Described { release: served.release.clone(), plan: served.bundle.plan.clone() })
    }

    /// The current release with whatever sidecar it has already. The store is asked again only
    /// when something in it may have changed.
    pub(crate) fn served(&self, skill: &SkillName) -> Result<Arc<Served>, Box<Feedback>> {
        let generation = self.stages.store.generation().map_err(feedback)?;
        let before = self.serving.lock().get(skill).cloned();
        if let Some(Loaded { as_of, served }) = &before
            && *as_of == generation
        {
            return Ok(Arc::clone(served));
        }
        // Callers of other skills do not wait for this.
        let release = self.stages.store.current(skill).map_err(feedback)?;
        let release = release.ok_or_else(|| not_found(&format!("released skill {skill}")))?;
        let found = match before.filter(|loaded| loaded.served.release == release) {
            Some(loaded) => loaded.served,
            // An older release ends when its last caller is done with it.
            None => Arc::new(self.serve(release)?),
        };
        let mut loaded = self.serving.lock();
        // Who came first to the same release has loaded it for all.
        let earlier = loaded.get(skill).filter(|earlier| earlier.served.release == found.release);
        let served = earlier.map_or(found, |earlier| Arc::clone(&earlier.served));
        let now = Loaded { as_of: generation, served: Arc::clone(&served) };
        loaded.insert(skill.clone(), now);
        Ok(served)
    }

    fn serve(&self, release: Release) -> Result<Served, Box<Feedback>> {
        let text = String::from_utf8_lossy(&self.object(release.plan)?).into_owned();
        let plan = Plan::parse(&text, "plan.toml")?;
        let limits = self.policy.admit(&plan)?;
        let source = self.object(release.source)?;
        let signatures = plan.interface.functions.iter().map(Signature::of).collect();
        let bundle = Bundle::new(plan, text, source);
        let tally = self.groups.tally(&release.skill, release.artifact);
        let isolated = self.policy.sidecar.isolation == SidecarIsolation::Call;
        let replicas = Replicas::new(self.replicas, isolated);
        let (artifact, deaths) = Default::default();
        Ok(Served { release, bundle, limits, signatures, tally, replicas, artifact, deaths })
    }

    pub(crate) fn load_release(&self, served: &Served) -> Result<Arc<dyn Sidecar>, Box<Feedback>> {
        thread::sleep(served.deaths.pause());
        // A process without an artifact, which starts while the artifact is read.
        let request = sidecar_of(self, &served.limits);
        let prepared = self.stages.sidecars.prepare(request).map_err(feedback)?;
        let artifact = self.sealed(served)?;
        let debug = self.debug_info(served.release.debug);
        let request = LoadRequest {
            interface: &served.bundle.plan.interface,
            artifact: artifact.as_fd(),
            digest: served.release.artifact,
            debug: debug.as_ref(),
        };
        let loaded = self.load(None, &served.release.skill, prepared, request);
        Ok(Arc::from(loaded.map_err(feedback)?))
    }

    /// The artifact of a release, read once.
    fn sealed(&self, served: &Served) -> Result<Arc<OwnedFd>, Box<Feedback>> {
        let mut artifact = served.artifact.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sealed) = &*artifact {
            return Ok(Arc::clone(sealed));
        }
        // The store has checked these bytes against the digest just now.
        let bytes = self.object(served.release.artifact)?;
        let sealed = sealed_memfd("saggar-artifact", &bytes)
            .map_err(|error| Box::new(error.feedback(Stage::Load)))?;
        Ok(Arc::clone(artifact.insert(Arc::new(sealed))))
    }

    /// Loads, with intent and outcome in the ledger.
    pub(crate) fn load(
        &self,
        submission: Option<SubmissionId>,
        skill: &SkillName,
        prepared: Box<dyn PreparedSidecar>,
        request: LoadRequest<'_>,
    ) -> Result<Box<dyn Sidecar>, StageError> {
        let artifact = request.digest;
        let intent = Event::LoadIntent { submission, skill: skill.clone(), artifact };
        self.record(None, intent).map_err(StageError::Fault)?;
        let loaded = prepared.load(request);
        let outcome = Event::LoadOutcome {
            skill: skill.clone(),
            artifact,
            enforced: loaded.as_ref().ok().map(|sidecar| Box::new(sidecar.enforced().clone())),
            feedback: loaded.as_ref().err().map(|error| error.feedback().clone()),
        };
        self.record(None, outcome).map_err(StageError::Fault)?;
        loaded
    }
}
