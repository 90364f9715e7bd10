//! libtorch adds in another order on more threads.

use std::sync::{Mutex, PoisonError};

/// The tests' own threads share libtorch's setting.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Runs a test with libtorch on one thread and on two.
pub fn on_one_and_two(test: impl Fn(i32)) {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    for threads in [1, 2] {
        tch::set_num_threads(threads);
        assert_eq!(tch::get_num_threads(), threads);
        test(threads);
    }
}
