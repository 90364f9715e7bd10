//! Memory that is freed stays with the process: the next iteration wants just as much.
//!
//! The networks' buffers have some megabytes each. glibc takes such from the system and gives them back each time, and
//! the system then hands out, and fills with zeros, thousands of fresh pages an iteration. On two cores that is 6 % of a
//! training and a third of a generation of 256 images.
#![allow(unsafe_code)] // Sets up C's malloc.

/// Tells the C library, once, to keep what is freed; `GAN_NB_KEEP_MEMORY=0` in the environment leaves it as it is. Other
/// systems' C libraries are left alone.
pub(crate) fn keep_freed_memory() {
    if super::env::switch("GAN_NB_KEEP_MEMORY", "freed memory is kept") == Some(false) {
        return;
    }
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: mallopt takes two numbers and changes how malloc behaves from now on. It does not do what it does not know.
    unsafe {
        libc::mallopt(libc::M_MMAP_MAX, 0); // large blocks too come from the heap,
        libc::mallopt(libc::M_TRIM_THRESHOLD, libc::c_int::MAX); // which does not shrink below 2 GiB of free memory
        libc::mallopt(libc::M_ARENA_MAX, 1); // and is one for the threads to come: their own would shrink all the same
    }
}
