//! Signals that must not end the process at any moment.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// As long as it lives, Ctrl-C, a hang-up and a polite request to end wait.
pub(crate) struct Deferred {
    ends_at_once: Arc<AtomicBool>,
}

/// Defers signals. If the system refuses, they end the process as before.
pub(crate) fn defer() -> Deferred {
    let deferred = Deferred { ends_at_once: Arc::default() };
    #[cfg(unix)]
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP] {
        let _ = signal_hook::flag::register_conditional_default(signal, Arc::clone(&deferred.ends_at_once));
    }
    deferred
}

impl Drop for Deferred {
    fn drop(&mut self) {
        self.ends_at_once.store(true, Ordering::SeqCst);
    }
}

/// Lets a write fail that exceeds the limit of file sizes (`ulimit -f`). Without this the process ends at once, and its
/// temporary files stay.
pub(crate) fn survive_file_size_limit() {
    #[cfg(unix)]
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
}
