//! Work on all cores, or on one where the system starts no threads.

use rayon::{ThreadPool, ThreadPoolBuilder};
use std::sync::LazyLock;

/// None if the threads cannot be started: a container may have a limit of processes.
static POOL: LazyLock<Option<ThreadPool>> = LazyLock::new(|| {
    let pool = ThreadPoolBuilder::new().num_threads(threads()).build().ok();
    if pool.is_none() {
        // Without this, rayon would try again to start threads, and panic.
        let _ = ThreadPoolBuilder::new().num_threads(1).use_current_thread().build_global();
    }
    pool
});

/// Runs work that rayon divides.
pub(crate) fn on_all_cores<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    match &*POOL {
        Some(pool) => pool.install(work),
        None => work(),
    }
}

/// One for each core, or as many as RAYON_NUM_THREADS says: more threads than cores only cost memory.
fn threads() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let wanted = std::env::var("RAYON_NUM_THREADS").ok().and_then(|number| number.parse().ok());
    wanted.filter(|number| *number > 0).map_or(cores, |number: usize| number.min(cores))
}
