//! The stop button, as a loop can ask about it.
//!
//! Under the kernel `evcxr_live` the button first makes a file, whose name every cell finds in the variable
//! `EVCXR_LIVE_INTERRUPT`. A loop that looks for it and ends early keeps all variables of the notebook; if none does
//! within a few seconds, the process is ended. Elsewhere there is no such variable, and the button is never seen here.
//!
//! ```
//! for step in 0..10 {
//!     // … a moment's work …
//!     if gan_nb::interrupt::requested() {
//!         break;
//!     }
//! }
//! ```

use std::{env, fs::OpenOptions, io::Write};

/// Whether the stop button was pressed while this cell runs; the kernel is then told that the cell will end by itself.
///
/// It stays true until the cell has ended. One look takes a few microseconds.
pub fn requested() -> bool {
    let Some(path) = env::var_os("EVCXR_LIVE_INTERRUPT") else { return false };
    // Not `create`: were the kernel to take the file away between two steps, this must not bring it back.
    let Ok(mut flag) = OpenOptions::new().write(true).open(path) else { return false };
    // If the word can't be written the kernel will end the process after all, but stopping is right either way.
    let _ = flag.write_all(b"seen");
    true
}
