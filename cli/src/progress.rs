//! How far a large fleet is, on standard error if that is a terminal.

use crate::command::Verbosity;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::{Mutex, PoisonError};

/// From how many clusters on a run takes so long that its progress is of interest.
const MANY: usize = 50;

/// The bar that is on the terminal. Messages go above it.
static SHOWN: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// A bar on the terminal, as long as it lives.
#[derive(Debug)]
pub(crate) struct Progress(ProgressBar);

impl Progress {
    pub(crate) fn new(clusters: usize, verbosity: Verbosity) -> Progress {
        if clusters < MANY || verbosity.quiet {
            return Progress(ProgressBar::hidden());
        }
        let bar = ProgressBar::with_draw_target(Some(clusters as u64), ProgressDrawTarget::stderr());
        let style =
            ProgressStyle::with_template("{wide_bar} {human_pos} of {human_len} clusters, {eta} left");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        *SHOWN.lock().unwrap_or_else(PoisonError::into_inner) = Some(bar.clone());
        Progress(bar)
    }

    pub(crate) fn advance(&self, clusters: usize) {
        self.0.inc(clusters as u64);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
        *SHOWN.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Writes a message without the bar in its way.
pub(crate) fn suspended<T>(write: impl FnOnce() -> T) -> T {
    let bar = SHOWN.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match bar {
        Some(bar) => bar.suspend(write),
        None => write(),
    }
}
