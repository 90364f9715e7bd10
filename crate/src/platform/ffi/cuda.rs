//! The functions of `native/cuda.cpp`, which are there only where libtorch's CUDA part is.

use super::refusal;
use crate::platform::device;
use crate::{Error, Result};
use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW, Symbol};
use std::ffi::{c_char, c_int, c_void};
use std::io::Write;
use std::os::fd::FromRawFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;
use std::{fs::File, ptr};
use tch::Device;

/// The compiled library; empty where there were no headers of CUDA's when this was built.
const LIBRARY: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/gan_nb_cuda.so"));

type Work = unsafe extern "C" fn(*mut c_void) -> bool;
type Record = unsafe extern "C" fn(c_int, Work, *mut c_void, *mut *mut c_void) -> *mut c_char;
type Replay = unsafe extern "C" fn(*mut c_void) -> *mut c_char;
type Forget = unsafe extern "C" fn(*mut c_void);
type Room = unsafe extern "C" fn(c_int, *mut usize) -> *mut c_char;
type Capability = unsafe extern "C" fn(c_int, *mut c_int) -> *mut c_char;
type Free = unsafe extern "C" fn(*mut c_char);

/// The library, loaded.
struct Functions {
    record: Symbol<Record>,
    replay: Symbol<Replay>,
    forget: Symbol<Forget>,
    room: Symbol<Room>,
    capability: Symbol<Capability>,
    free: Symbol<Free>,
}

/// Loaded when first asked for; then the functions, or why there are none.
fn functions() -> Result<&'static Functions> {
    static FUNCTIONS: OnceLock<Result<Functions, String>> = OnceLock::new();
    FUNCTIONS.get_or_init(load).as_ref().map_err(|why| Error::Torch(tch::TchError::Torch(why.clone())))
}

fn load() -> Result<Functions, String> {
    if LIBRARY.is_empty() {
        return Err("this program was built without CUDA's headers".into());
    }
    if device::mapped("libtorch_cuda.so").is_none() {
        return Err("libtorch's CUDA part is not loaded".into());
    }
    let words = |error: &dyn std::fmt::Display| error.to_string();
    // In memory alone: no file is left behind, and a program that is moved takes it along.
    // SAFETY: the name ends in a zero byte, and the descriptor is owned by the file made of it.
    let mut file = unsafe {
        match libc::memfd_create(c"gan_nb_cuda.so".as_ptr(), libc::MFD_CLOEXEC) {
            -1 => return Err(words(&std::io::Error::last_os_error())),
            descriptor => File::from_raw_fd(descriptor),
        }
    };
    file.write_all(LIBRARY).map_err(|error| words(&error))?;
    let path = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&file));
    // SAFETY: the library was built with this program, against the libtorch that is loaded; it has no initialisers of its own.
    let library = unsafe { Library::open(Some(path), RTLD_NOW | RTLD_LOCAL) }.map_err(|error| words(&error))?;
    // SAFETY: these are the types of the functions in native/cuda.cpp.
    let functions = unsafe {
        Functions {
            record: library.get(b"gan_nb_cuda_record").map_err(|error| words(&error))?,
            replay: library.get(b"gan_nb_cuda_replay").map_err(|error| words(&error))?,
            forget: library.get(b"gan_nb_cuda_forget").map_err(|error| words(&error))?,
            room: library.get(b"gan_nb_cuda_room").map_err(|error| words(&error))?,
            capability: library.get(b"gan_nb_cuda_capability").map_err(|error| words(&error))?,
            free: library.get(b"gan_nb_cuda_free").map_err(|error| words(&error))?,
        }
    };
    std::mem::forget(library); // its functions are used as long as the process lives
    Ok(functions)
}

/// The C++ side's answer: nothing on success, else its message.
fn outcome(functions: &Functions, words: *mut c_char) -> Result<()> {
    // SAFETY: the message is ours until it is freed, and is freed only by the library that made it.
    unsafe { refusal(words, |words| (functions.free)(words)) }
}

/// What one piece of work asked of a GPU, recorded: it can be asked for again at once.
#[derive(Debug)]
pub(crate) struct CudaGraph(*mut c_void);

// SAFETY: libtorch's graph belongs to no thread.
unsafe impl Send for CudaGraph {}

impl CudaGraph {
    /// Runs `work` on the host, while the GPU only notes what it is asked for and does nothing.
    ///
    /// # Errors
    /// Those of `work`, and when libtorch can't record it: the work waits for the GPU's answer, say.
    pub(crate) fn record(device: usize, mut work: &mut dyn FnMut() -> Result<()>) -> Result<Self> {
        struct Context<'a, 'b> {
            work: &'a mut &'b mut dyn FnMut() -> Result<()>,
            outcome: Option<std::thread::Result<Result<()>>>,
        }
        unsafe extern "C" fn call(context: *mut c_void) -> bool {
            // SAFETY: this is the context below, which nobody else uses during the call.
            let context = unsafe { &mut *context.cast::<Context>() };
            // A panic must not pass through C++.
            let outcome = catch_unwind(AssertUnwindSafe(|| (context.work)()));
            let is_well = matches!(outcome, Ok(Ok(())));
            context.outcome = Some(outcome);
            is_well
        }
        let functions = functions()?;
        let mut context = Context { work: &mut work, outcome: None };
        let mut graph = ptr::null_mut();
        let device = c_int::try_from(device).unwrap_or(c_int::MAX);
        // SAFETY: the context lives through the call; `graph` has room for the result.
        let words = unsafe { (functions.record)(device, call, (&raw mut context).cast(), &raw mut graph) };
        let recorded = outcome(functions, words);
        match context.outcome {
            Some(Err(panic)) => std::panic::resume_unwind(panic),
            Some(Ok(Err(error))) => return Err(error),
            _ => recorded?,
        }
        Ok(Self(graph))
    }

    /// Asks the GPU for all that was recorded, and does not wait.
    ///
    /// # Errors
    /// When libtorch refuses.
    pub(crate) fn replay(&self) -> Result<()> {
        let functions = functions()?;
        // SAFETY: the graph lives.
        outcome(functions, unsafe { (functions.replay)(self.0) })
    }
}

impl Drop for CudaGraph {
    fn drop(&mut self) {
        if let Ok(functions) = functions() {
            // SAFETY: nobody uses it any more.
            unsafe { (functions.forget)(self.0) }
        }
    }
}

/// The bytes that this process can have on a GPU: what is free there, and what libtorch holds. None where that can't be asked.
pub(crate) fn room(device: Device) -> Option<u64> {
    let (Device::Cuda(index), Ok(functions)) = (device, functions()) else { return None };
    let mut room = 0;
    // SAFETY: `room` has room for the answer.
    outcome(functions, unsafe { (functions.room)(c_int::try_from(index).ok()?, &raw mut room) }).ok()?;
    Some(room as u64)
}

/// Whether a GPU computes in bfloat16 as fast as in float16 (Ampere, of compute capability 8, and later).
pub(crate) fn has_bfloat16(device: Device) -> bool {
    let (Device::Cuda(index), Ok(functions)) = (device, functions()) else { return false };
    let (Ok(index), mut capability) = (c_int::try_from(index), 0) else { return false };
    // SAFETY: `capability` has room for the answer.
    outcome(functions, unsafe { (functions.capability)(index, &raw mut capability) }).is_ok() && capability >= 80
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everywhere but where there is a GPU: the reason, and no crash.
    #[test]
    fn without_cuda_it_says_why() {
        if device::mapped("libtorch_cuda.so").is_some() {
            println!("skipped: this process has libtorch's CUDA part");
            return;
        }
        let error = CudaGraph::record(0, &mut || Ok(())).unwrap_err().to_string();
        assert!(error.contains("CUDA's headers") || error.contains("CUDA part is not loaded"), "{error}");
        assert_eq!(room(Device::Cpu), None);
        assert!(!has_bfloat16(Device::Cpu));
    }

    #[test]
    fn the_library_has_every_function() {
        let source = include_str!("../../../native/cuda.cpp");
        let own = include_str!("cuda.rs");
        let names = source.split("gan_nb_cuda_").skip(1).map(|rest| rest.split('(').next().unwrap_or_default());
        let mut count = 0;
        for name in names {
            assert!(own.contains(&format!("get(b\"gan_nb_cuda_{name}\")")), "{name}");
            count += 1;
        }
        assert_eq!(count, 6);
        let bytes = b"gan_nb_cuda_record";
        assert!(LIBRARY.is_empty() || LIBRARY.windows(bytes.len()).any(|window| window == bytes));
    }
}
