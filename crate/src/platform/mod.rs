//! What is asked or set once a process: the device, memory, files, environment variables, the stop button; and the calls
//! into C++. The only room with `unsafe`.

pub(crate) mod atomic_file;
pub mod device;
pub(crate) mod env;
pub(crate) mod ffi;
mod malloc;
pub(crate) mod memory;
pub mod stop_button;
