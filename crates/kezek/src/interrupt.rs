//! Ctrl-C as a request: stop, and keep the best so far.

use anyhow::Context as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// The flag that Ctrl-C sets, the same for all searches of the process. A second Ctrl-C ends the process at once.
///
/// # Errors
/// When the system does not let us listen.
pub(crate) fn stop_signal() -> anyhow::Result<Arc<AtomicBool>> {
    static STOP: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    if let Some(stop) = STOP.get() {
        return Ok(Arc::clone(stop));
    }
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    let on_signal = move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(crate::exit::Exit::Unexpected.code()));
        }
    };
    ctrlc::set_handler(on_signal).context("cannot listen for Ctrl-C")?;
    Ok(Arc::clone(STOP.get_or_init(|| stop)))
}

/// Waits for Ctrl-C or SIGTERM; from now on they do not end the process by themselves.
///
/// # Errors
/// When the system does not let us listen.
pub(crate) fn asked_to_end() -> anyhow::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};
    let listen = |kind| signal(kind).context("cannot listen for Ctrl-C and SIGTERM");
    let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
