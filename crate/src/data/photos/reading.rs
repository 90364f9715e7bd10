//! Photos read and scaled, several at a time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

use super::scan::Photo;
use crate::data::{News, Skipped};
use crate::error::{Error, Result};
use crate::imaging;
use crate::platform::{memory, stop_button};

/// What became of the photos of a folder.
pub(super) struct Pictures {
    /// (N, side, side, 3)
    pub images: Vec<u8>,
    /// (N), an index into the folder's classes each.
    pub labels: Vec<usize>,
    pub skipped: Vec<Skipped>,
    /// Whether the same files would give the same pictures again: not where the system refused one.
    pub is_final: bool,
}

/// Why a photo gives no picture.
struct Failure {
    reason: String,
    is_final: bool,
}

/// Reads all of them, on all processors.
///
/// # Errors
/// [`Error::Memory`] if the pictures can't be held, [`Error::Stopped`] at the notebook's stop button.
pub(super) fn read(photos: &[Photo], side: u32, news: &mut dyn FnMut(News)) -> Result<Pictures> {
    let size = (side * side * 3) as usize;
    let mut images = room(photos.len(), size, side)?;
    let mut failures: Vec<Option<Failure>> = Vec::new();
    failures.resize_with(photos.len(), || None);
    let threads = thread::available_parallelism().map_or(1, usize::from).min(photos.len());
    let stop = AtomicBool::new(false);
    let total = photos.len();
    let work = Mutex::new(photos.iter().zip(images.chunks_exact_mut(size)).enumerate());
    let done = thread::scope(|scope| {
        let (work, stop) = (&work, &stop);
        // Bounded, so that no more is read than is told.
        let (sender, results) = mpsc::sync_channel(threads);
        for _ in 0..threads {
            let sender = sender.clone();
            scope.spawn(move || {
                while !stop.load(Relaxed) {
                    let next = work.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some((i, (photo, slot))) = next else { break };
                    if sender.send((i, picture(photo, side, slot).err())).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let mut done = 0;
        news(News::Reading { done, total });
        for (i, failure) in results {
            failures[i] = failure;
            done += 1;
            news(News::Reading { done, total });
            if !stop.load(Relaxed) && stop_button::requested() {
                stop.store(true, Relaxed);
            }
        }
        done
    });
    if done < total {
        return Err(Error::Stopped {
            action: "reading the photos".into(),
            found: format!("{done} of {total}"),
            hint: "Run the cell again to read them.".into(),
        });
    }
    Ok(compact(photos, images, failures, size))
}

/// Room for so many pictures.
fn room(count: usize, size: usize, side: u32) -> Result<Vec<u8>> {
    let too_much = |found: String| Error::Memory {
        what: format!("{count} photos of {side} x {side} pixels"),
        found,
        hint: "Take fewer photos or a smaller size.".into(),
    };
    let bytes = count.checked_mul(size).ok_or_else(|| too_much("more than an address can say".into()))?;
    let gib = |bytes: u64| format!("{:.1} GiB", bytes as f64 / f64::from(1 << 30));
    if let Some(available) = memory::available_on(tch::Device::Cpu).filter(|available| bytes as u64 > *available) {
        return Err(too_much(format!("{} are needed and {} available", gib(bytes as u64), gib(available))));
    }
    Ok(vec![0; bytes])
}

/// Decodes one photo into its place.
fn picture(photo: &Photo, side: u32, slot: &mut [u8]) -> std::result::Result<(), Failure> {
    // Whatever a damaged file does to a decoder, the other photos are read.
    match catch_unwind(AssertUnwindSafe(|| imaging::square(&photo.path, side))) {
        Ok(Ok(picture)) => {
            slot.copy_from_slice(picture.as_raw());
            Ok(())
        }
        Ok(Err(Error::File { found, .. })) => Err(Failure { reason: found, is_final: true }),
        Ok(Err(Error::Io { source, .. })) => Err(Failure { reason: source.to_string(), is_final: false }),
        Ok(Err(other)) => Err(Failure { reason: other.to_string(), is_final: false }),
        Err(_) => Err(Failure { reason: "a damaged image (the decoder gave up)".into(), is_final: true }),
    }
}

/// Moves the pictures together where photos between them failed.
fn compact(photos: &[Photo], mut images: Vec<u8>, failures: Vec<Option<Failure>>, size: usize) -> Pictures {
    let (mut labels, mut skipped, mut is_final) = (Vec::with_capacity(photos.len()), Vec::new(), true);
    for (i, (photo, failure)) in photos.iter().zip(failures).enumerate() {
        match failure {
            None => {
                images.copy_within(i * size..(i + 1) * size, labels.len() * size);
                labels.push(photo.class);
            }
            Some(failure) => {
                is_final &= failure.is_final;
                skipped.push(Skipped { file: photo.within.display().to_string(), reason: failure.reason });
            }
        }
    }
    images.truncate(labels.len() * size);
    Pictures { images, labels, skipped, is_final }
}
