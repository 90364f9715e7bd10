//! The notebook's stop button, for loops to check.
//!
//! Under the kernel `evcxr_live`, pressing the button first creates a file, whose path is in the variable
//! `EVCXR_LIVE_INTERRUPT`. A loop that notices it and ends early keeps all variables of the notebook; if none does within a
//! few seconds, the process is ended. Elsewhere that variable is missing, and the button is never seen here.
//!
//! ```
//! for step in 0..10 {
//!     // … a moment's work …
//!     if gan_nb::platform::stop_button::requested() {
//!         break;
//!     }
//! }
//! ```

use std::{
    env,
    fs::OpenOptions,
    io::Write,
    sync::mpsc::{RecvTimeoutError, Sender, channel},
    thread,
    time::Duration,
};

/// Holds the path of the file that the button creates.
const BUTTON: &str = "EVCXR_LIVE_INTERRUPT";
/// Between two checks of a [`Listener`]; the kernel waits 3 s for an answer.
const PAUSE: Duration = Duration::from_millis(250);

/// Whether the stop button was pressed while this cell runs. If it was, the kernel is told that the cell will end by itself.
///
/// It stays true until the cell ends. A check takes a few microseconds.
pub fn requested() -> bool {
    let Some(path) = env::var_os(BUTTON) else { return false };
    // Not `create`: if the kernel removes the file in between, this must not bring it back.
    let Ok(mut flag) = OpenOptions::new().write(true).open(path) else { return false };
    // If the word can't be written, the kernel ends the process after all; stopping is right either way.
    let _ = flag.write_all(b"seen");
    true
}

/// While it lives, its own thread answers the stop button: for a loop that checks the button, but whose steps may take longer
/// than the kernel waits. The loop must still end when [`requested`] says so.
#[derive(Debug)]
pub struct Listener {
    /// Ends the thread when it is dropped with the listener.
    _alive: Sender<()>,
}

impl Listener {
    /// Starts to listen, if there is a button. `pressed` is called once, from the listener's thread, when it first sees that
    /// the button was pressed. It may still be running when the listener is dropped.
    pub fn start(pressed: impl FnOnce() + Send + 'static) -> Self {
        let (alive, ended) = channel();
        if env::var_os(BUTTON).is_some() {
            let mut pressed = Some(pressed);
            let listen = move || {
                while ended.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) {
                    if requested()
                        && let Some(pressed) = pressed.take()
                    {
                        pressed();
                    }
                }
            };
            // Without a thread, the loop's own checks remain.
            let _ = thread::Builder::new().name("stop button".into()).spawn(listen);
        }
        Self { _alive: alive }
    }
}
