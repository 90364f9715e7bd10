//! An end of the process in the middle of its work.
#![allow(unsafe_code)] // Calls into C.

/// Ends the process at once, without the clean-up of a usual exit.
///
/// [`std::process::exit`] runs the destructors of the C++ libraries. While other threads are still inside libtorch these take
/// its memory from under them, and the process ends in a segmentation fault in place of this code. Nothing is flushed or
/// closed here; files that are [written whole](super) stay as they were.
pub fn at_once(code: i32) -> ! {
    #[cfg(unix)]
    // SAFETY: _exit takes any number, touches no memory of the process and does not return.
    unsafe {
        libc::_exit(code)
    }
    #[cfg(not(unix))]
    std::process::exit(code)
}
