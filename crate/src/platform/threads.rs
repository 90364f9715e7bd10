//! OpenMP's threads, beside other programs that need the cores too (Linux).
//!
//! libtorch computes with a team of threads, one on each core. A thread that is done before the others spins for some
//! milliseconds, so that the next piece of work finds it awake. When another program has taken a core, the spinning thread
//! keeps the core that its slower sibling needs, and an iteration takes more than three times as long.
//!
//! GNU's OpenMP spins only a moment when it has more threads than there are cores. (`GOMP_SPINCOUNT` could say so from the
//! start, but it is read before `main`, and then costs time on a quiet machine too.) So while this process waits for cores, it
//! holds a second team, which sleeps. The numbers computed stay the same: libtorch's own team is as large as before.
#![allow(unsafe_code)] // Calls into OpenMP.

use super::cuda::mapped_by;
use libloading::os::unix::{Library, RTLD_LAZY, Symbol};
use std::ffi::{c_int, c_uint, c_void};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};
use std::{fs, ptr, thread};

/// The watching thread, found by this name: each cell of a notebook has a copy of this library in the same process.
const NAME: &str = "gan_nb_threads";
/// How often it looks.
const INTERVAL: Duration = Duration::from_millis(200);
/// Threads that together wait this part of the time share their cores with others (beside one busy process they wait 0.5 to 0.8
/// of it, on a quiet machine up to 0.05)…
const CROWDED: f64 = 0.1;
/// …and below this part they no longer do.
const ALONE: f64 = 0.04;

/// Begins to watch, once a process. A choice made outside in `GOMP_SPINCOUNT` or `OMP_WAIT_POLICY` is kept.
pub(crate) fn yield_to_others() {
    let chosen = ["GOMP_SPINCOUNT", "OMP_WAIT_POLICY"].iter().any(|name| std::env::var_os(name).is_some());
    if chosen || super::env::switch("GAN_NB_YIELD", "OpenMP yields to other programs") == Some(false) {
        return;
    }
    let Some(library) = openmp().filter(|_| !is_watched()) else { return };
    // Without such a thread everything works as it did.
    let _ = thread::Builder::new().name(NAME.into()).spawn(move || watch(&library));
}

/// Holds a sleeping team while this process waits for cores.
fn watch(library: &Path) {
    let mut team = None;
    let (mut seen, mut at) = (waited(), Instant::now());
    while let Some(before) = seen {
        thread::sleep(INTERVAL);
        seen = waited();
        let part = seen.map_or(0.0, |now| now.saturating_sub(before).as_secs_f64() / at.elapsed().as_secs_f64());
        at = Instant::now();
        if is_crowded(part, team.is_some()) {
            team = team.or_else(|| Team::hold(library));
        } else {
            team = None;
        }
    }
}

/// Whether others are busy, by the part of the time that this process has waited and what it was before.
fn is_crowded(part: f64, before: bool) -> bool {
    part > if before { ALONE } else { CROWDED }
}

/// How long this process's threads have been ready to run, but without a core, since they began. None where the system does
/// not say.
fn waited() -> Option<Duration> {
    let tasks = fs::read_dir("/proc/self/task").ok()?.flatten();
    // A thread may end meanwhile. Each file has the time on a core, the time without one, and the number of turns.
    let times = tasks.filter_map(|task| fs::read_to_string(task.path().join("schedstat")).ok());
    let waits = times.filter_map(|times| times.split_whitespace().nth(1)?.parse::<u64>().ok());
    waits.fold(None, |sum: Option<u64>, wait| Some(sum.unwrap_or(0) + wait)).map(Duration::from_nanos)
}

/// The OpenMP library that this process runs.
fn openmp() -> Option<PathBuf> {
    mapped_by(|name| name.starts_with("libgomp"))
}

fn is_watched() -> bool {
    let tasks = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    tasks.filter_map(|task| fs::read_to_string(task.path().join("comm")).ok()).any(|name| name.trim() == NAME)
}

/// Sleeping threads, one more than there are cores; they end when this is dropped.
struct Team {
    /// Its thread ends when this is gone, and OpenMP then ends the team.
    _end: Sender<()>,
}

impl Team {
    fn hold(library: &Path) -> Option<Self> {
        let library = library.to_path_buf();
        let (_end, ended) = channel();
        let start = move || {
            if begin(&library).is_ok() {
                let _ = ended.recv();
            }
        };
        thread::Builder::new().name("gan_nb_team".into()).spawn(start).ok()?;
        Some(Self { _end })
    }
}

/// Makes this thread the first of a team.
fn begin(path: &Path) -> Result<(), libloading::Error> {
    type Work = extern "C" fn(*mut c_void);
    type Cores = unsafe extern "C" fn() -> c_int;
    type Parallel = unsafe extern "C" fn(Work, *mut c_void, c_uint, c_uint);
    extern "C" fn nothing(_: *mut c_void) {}
    // SAFETY: the library is the one that this process runs already, so nothing is initialised anew.
    let library = unsafe { Library::open(Some(path), RTLD_LAZY)? };
    // SAFETY: both are OpenMP's, with these types: those that GCC has compiled calls for since its version 4.9.
    let (cores, parallel): (Symbol<Cores>, Symbol<Parallel>) =
        unsafe { (library.get(b"omp_get_num_procs\0")?, library.get(b"GOMP_parallel\0")?) };
    // SAFETY: the work takes no data, and every thread of the team has ended it when this returns.
    unsafe { parallel(nothing, ptr::null_mut(), cores().unsigned_abs() + 1, 0) };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Team, is_crowded, openmp, waited};
    use std::fs;
    use std::hint::spin_loop;
    use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
    use std::thread;
    use std::time::{Duration, Instant};

    fn in_team() -> usize {
        let tasks = fs::read_dir("/proc/self/task").unwrap().flatten();
        tasks
            .filter_map(|task| fs::read_to_string(task.path().join("comm")).ok())
            .filter(|name| name == "gan_nb_team\n")
            .count()
    }

    fn comes(what: impl Fn() -> bool) -> bool {
        let start = Instant::now();
        while !what() && start.elapsed() < Duration::from_secs(60) {
            thread::sleep(Duration::from_millis(5));
        }
        what()
    }

    #[test]
    fn a_team_has_more_threads_than_there_are_cores_and_ends_when_it_is_dropped() {
        let _ = tch::get_num_threads(); // so that libtorch is linked
        let cores = thread::available_parallelism().unwrap().get();
        for _ in 0..2 {
            let team = Team::hold(&openmp().unwrap()).unwrap();
            assert!(comes(|| in_team() > cores), "{} threads on {cores} cores", in_team());
            drop(team);
            assert!(comes(|| in_team() == 0), "{} threads are left", in_team());
        }
    }

    #[test]
    fn threads_that_outnumber_the_cores_wait() {
        let cores = thread::available_parallelism().unwrap().get();
        let (before, enough) = (waited().unwrap(), AtomicBool::new(false));
        thread::scope(|scope| {
            for _ in 0..=cores {
                scope.spawn(|| {
                    while !enough.load(Relaxed) {
                        spin_loop();
                    }
                });
            }
            let has_waited = comes(|| waited().unwrap() > before + Duration::from_millis(20));
            enough.store(true, Relaxed);
            assert!(has_waited);
        });
    }

    #[test]
    fn it_takes_more_to_yield_than_to_go_on_yielding() {
        assert_eq!([0.0, 0.05, 0.5].map(|part| is_crowded(part, false)), [false, false, true]);
        assert_eq!([0.0, 0.05, 0.5].map(|part| is_crowded(part, true)), [false, true, true]);
    }
}
