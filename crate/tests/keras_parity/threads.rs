//! libtorch adds in another order on more threads, and on a GPU in TF32 with fewer bits.

use crate::common::device;
use gan_nb::platform::device::full_float32;
use std::sync::{Mutex, PoisonError};

/// The tests' own threads share libtorch's setting.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Runs a test in full float32, with libtorch on one thread and on two; on a GPU, where threads change nothing, once.
pub fn on_one_and_two(test: impl Fn(i32)) {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let threads = if device().is_cuda() { 1..2 } else { 1..3 };
    for threads in threads {
        tch::set_num_threads(threads);
        assert_eq!(tch::get_num_threads(), threads);
        in_float32(|| test(threads));
    }
}

/// Runs a test whatever GAN_NB_TF32 says.
pub fn in_float32(test: impl FnOnce()) {
    full_float32(|| {
        test();
        Ok(())
    })
    .unwrap();
}
