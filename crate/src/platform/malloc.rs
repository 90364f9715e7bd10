//! Freed memory stays with the process, because the next iteration needs just as much.
//!
//! The networks' buffers take some megabytes each. glibc gets such blocks from the system and returns them each time, so the
//! system hands out, and fills with zeros, thousands of fresh pages per iteration. On two cores that takes 6 % of the time of
//! a training run, and a third of the time that generating 256 images takes.
#![allow(unsafe_code)] // Sets up C's malloc.

/// Tells the C library to keep freed memory, unless `GAN_NB_KEEP_MEMORY=0` is set. The C libraries of other systems are left
/// as they are.
pub(crate) fn keep_freed_memory() {
    if super::env::switch("GAN_NB_KEEP_MEMORY", "freed memory is kept") == Some(false) {
        return;
    }
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: mallopt takes two numbers and changes how malloc behaves from now on. It ignores options that it does not know.
    unsafe {
        libc::mallopt(libc::M_MMAP_MAX, 0); // large blocks come from the heap too,
        libc::mallopt(libc::M_TRIM_THRESHOLD, libc::c_int::MAX); // which does not shrink below 2 GiB of free memory
        libc::mallopt(libc::M_ARENA_MAX, 1); // and is shared with later threads, whose own heaps would shrink
    }
}
