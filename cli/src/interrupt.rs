//! Signals that ask the command to end. While there are temporary files, it removes them first.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

/// The signal that asked the command to end; 0 is none.
static RECEIVED: LazyLock<Arc<AtomicUsize>> = LazyLock::new(Arc::default);

/// As long as it lives, signals are noted instead of obeyed. A second one ends the process at once.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    ends_at_once: Arc<AtomicBool>,
    #[cfg(unix)]
    second: Vec<signal_hook::SigId>,
}

impl Watch {
    /// If the system refuses, signals end the process as before.
    pub(crate) fn new() -> Watch {
        #[cfg(unix)]
        return unix::watch();
        #[cfg(not(unix))]
        Watch::default()
    }

    /// From now on, a second signal waits, too.
    pub(crate) fn hold(&mut self) {
        #[cfg(unix)]
        for handler in self.second.drain(..) {
            signal_hook::low_level::unregister(handler);
        }
        self.ends_at_once.store(false, Ordering::SeqCst);
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.ends_at_once.store(true, Ordering::SeqCst);
    }
}

/// Whether a signal asked the command to end.
pub(crate) fn received() -> bool {
    RECEIVED.load(Ordering::SeqCst) != 0
}

/// Ends the process as the signal would have, if there was one: a shell stops its loop then.
pub(crate) fn obey() {
    #[cfg(unix)]
    if let Ok(signal @ 1..) = i32::try_from(RECEIVED.load(Ordering::SeqCst)) {
        let _ = signal_hook::low_level::emulate_default_handler(signal);
    }
}

/// Lets a write fail that exceeds the limit of file sizes (`ulimit -f`). Without this the process ends at once, and its
/// temporary files stay.
pub(crate) fn survive_file_size_limit() {
    #[cfg(unix)]
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
}

#[cfg(unix)]
mod unix {
    use super::{Arc, RECEIVED, Watch};
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    use signal_hook::flag;

    pub(super) fn watch() -> Watch {
        let mut watch = Watch::default();
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] {
            if is_ignored(signal) {
                continue;
            }
            // In this order: the second signal ends the process, the first one only says so.
            let _ = flag::register_conditional_default(signal, Arc::clone(&watch.ends_at_once));
            let _ = flag::register_usize(signal, Arc::clone(&RECEIVED), usize::try_from(signal).unwrap_or(0));
            watch.second.extend(flag::register(signal, Arc::clone(&watch.ends_at_once)));
        }
        watch
    }

    /// Whether who started the command wants it to ignore a signal, as nohup does.
    fn is_ignored(signal: i32) -> bool {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
    }
}
