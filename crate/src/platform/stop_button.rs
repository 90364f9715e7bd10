//! The stop button, as a loop can ask about it.
//!
//! Under the kernel `evcxr_live` the button first makes a file, whose name every cell finds in the variable
//! `EVCXR_LIVE_INTERRUPT`. A loop that looks for it and ends early keeps all variables of the notebook; if none does
//! within a few seconds, the process is ended. Elsewhere there is no such variable, and the button is never seen here.
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

/// Holds the path of the file that the button makes.
const BUTTON: &str = "EVCXR_LIVE_INTERRUPT";
/// Between two looks of a [`Listener`]; the kernel waits for an answer for 3 s.
const PAUSE: Duration = Duration::from_millis(250);

/// Whether the stop button was pressed while this cell runs; the kernel is then told that the cell will end by itself.
///
/// It stays true until the cell has ended. One look takes a few microseconds.
pub fn requested() -> bool {
    let Some(path) = env::var_os(BUTTON) else { return false };
    // Not `create`: were the kernel to take the file away between two steps, this must not bring it back.
    let Ok(mut flag) = OpenOptions::new().write(true).open(path) else { return false };
    // If the word can't be written the kernel will end the process after all, but stopping is right either way.
    let _ = flag.write_all(b"seen");
    true
}

/// While it lives, a thread of its own answers the stop button: for a loop that looks at it, but whose single steps may
/// take longer than the kernel waits. The loop must still end when [`requested`] says so.
#[derive(Debug)]
pub struct Listener {
    /// Dropped with the listener, it ends the thread.
    _alive: Sender<()>,
}

impl Listener {
    /// Begins to listen, where there is a button.
    pub fn start() -> Self {
        let (alive, ended) = channel();
        if env::var_os(BUTTON).is_some() {
            let listen = move || {
                while ended.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) {
                    requested();
                }
            };
            // Without a thread the loop's own looks remain.
            let _ = thread::Builder::new().name("stop button".into()).spawn(listen);
        }
        Self { _alive: alive }
    }
}
