//! What the host gives the device in an iteration: batches, noise, rates.
//!
//! A recorded iteration is asked of the device as a whole, so what is new in each must be there before. Whoever makes such a
//! value [gives](give) it with the recipe that makes it. While nobody listens the value is made and sent; to an iteration that is
//! [being recorded](record) a place in the device's memory is given instead, and before each replay [`Feed::fill`] follows all
//! recipes in their order and sends what they make in one transfer.

use super::ffi;
use crate::{Error, Result};
use std::cell::RefCell;
use std::sync::Arc;
use tch::{Device, Kind, TchError, Tensor};

/// Where each value begins: no kind of number needs more.
const ALIGNMENT: i64 = 256;

/// A value that the host gave.
struct Given {
    recipe: Box<dyn Fn() -> Result<Tensor> + Send>,
    /// The address of what the recipe draws from, which lives as long as the recipe.
    source: usize,
    kind: Kind,
    size: Vec<i64>,
}

/// What was given while somebody listened.
pub(crate) struct Tape {
    device: Device,
    given: Vec<Given>,
    /// Where the values are found that are given while an iteration is recorded.
    places: Option<Vec<Tensor>>,
    refusal: Option<String>,
}

thread_local! {
    static TAPE: RefCell<Option<Tape>> = const { RefCell::new(None) };
}

/// A value on the device, made by the recipe from its source.
///
/// # Errors
/// Those of the recipe, and when libtorch can't hold the value there.
pub(crate) fn give<T: Send + Sync + 'static>(
    source: &Arc<T>,
    device: Device,
    recipe: impl Fn(&T) -> Result<Tensor> + Send + 'static,
) -> Result<Tensor> {
    let owned = source.clone();
    let recipe = move || recipe(&owned);
    if is_recording() {
        return on_tape(|tape| tape.place(device, Arc::as_ptr(source) as usize, Box::new(recipe)))
            .unwrap_or_else(|| Err(broken("the recording ended early")));
    }
    let value = recipe()?;
    let kind = value.f_kind()?;
    on_tape(|tape| {
        let size = value.size();
        if tape.device != device {
            tape.refuse(&format!("it makes values on {device:?}"));
        }
        tape.given.push(Given { recipe: Box::new(recipe), source: Arc::as_ptr(source) as usize, kind, size });
    });
    send_now(&value, device)
}

/// Sends a tensor from the CPU's memory, without waiting for the device to finish its work. What is new in each iteration is
/// [given](give) instead.
///
/// # Errors
/// When libtorch can't hold it there.
pub(crate) fn send(x: &Tensor, device: Device) -> Result<Tensor> {
    refuse("it sends values that the host makes");
    send_now(x, device)
}

fn send_now(x: &Tensor, device: Device) -> Result<Tensor> {
    if !device.is_cuda() {
        return Ok(x.f_to_device(device)?);
    }
    let sent = Tensor::f_empty(x.size(), (x.f_kind()?, device))?;
    ffi::upload(&sent, x)?;
    Ok(sent)
}

/// Says that something happened that a recording could not repeat.
pub(crate) fn refuse(why: &str) {
    on_tape(|tape| tape.refuse(why));
}

/// Whether somebody listens, or records.
pub(crate) fn is_on() -> bool {
    TAPE.with_borrow(Option::is_some)
}

/// Whether an iteration is being recorded: nothing is done then, and no recipe followed.
pub(crate) fn is_recording() -> bool {
    TAPE.with_borrow(|tape| tape.as_ref().is_some_and(|tape| tape.places.is_some()))
}

fn on_tape<T>(work: impl FnOnce(&mut Tape) -> T) -> Option<T> {
    TAPE.with_borrow_mut(|tape| tape.as_mut().map(work))
}

/// Does `work` and notes what the host gives in it.
pub(crate) fn listen<T>(device: Device, work: impl FnOnce() -> T) -> (T, Tape) {
    with_tape(Tape { device, given: Vec::new(), places: None, refusal: None }, work)
}

/// Does `work` with the feed's places for what the host gives, of which nothing is made.
pub(crate) fn record<T>(feed: &Feed, work: impl FnOnce() -> T) -> (T, Tape) {
    let places = feed.places.iter().map(Tensor::shallow_clone).collect();
    with_tape(Tape { device: feed.bytes.device(), given: Vec::new(), places: Some(places), refusal: None }, work)
}

fn with_tape<T>(tape: Tape, work: impl FnOnce() -> T) -> (T, Tape) {
    struct Off;
    impl Drop for Off {
        fn drop(&mut self) {
            TAPE.set(None); // also when `work` panics
        }
    }
    TAPE.set(Some(tape));
    let _off = Off;
    let result = work();
    let tape = TAPE.take();
    (
        result,
        tape.unwrap_or_else(|| Tape {
            device: Device::Cpu,
            given: Vec::new(),
            places: None,
            refusal: Some("it was listened to twice".into()),
        }),
    )
}

impl Tape {
    fn refuse(&mut self, why: &str) {
        self.refusal.get_or_insert_with(|| why.into());
    }

    /// The next place, for a value of this source.
    fn place(
        &mut self,
        device: Device,
        source: usize,
        recipe: Box<dyn Fn() -> Result<Tensor> + Send>,
    ) -> Result<Tensor> {
        let place = self.places.iter().flatten().nth(self.given.len()).map(Tensor::shallow_clone);
        let Some(place) = place.filter(|_| device == self.device) else {
            self.refuse("it makes other values than the iterations before");
            return Err(broken("there is no place for a value"));
        };
        self.given.push(Given { recipe, source, kind: place.f_kind()?, size: place.size() });
        Ok(place)
    }

    /// Why no recording could repeat what was heard; none where it can.
    pub(crate) fn refusal(&self) -> Option<&str> {
        self.refusal.as_deref()
    }

    /// Whether the same values came from the same sources.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        let same = |(a, b): (&Given, &Given)| (a.source, a.kind, &a.size) == (b.source, b.kind, &b.size);
        self.given.len() == other.given.len() && self.given.iter().zip(&other.given).all(same)
    }
}

/// Room on the device for all that the host gives in an iteration.
#[derive(Debug)]
pub(crate) struct Feed {
    /// (bytes) uint8
    bytes: Tensor,
    places: Vec<Tensor>,
    /// The same on the host, where the values are gathered before they are sent.
    host: Tensor,
    host_places: Vec<Tensor>,
}

impl Feed {
    /// For the values of this tape.
    ///
    /// # Errors
    /// When libtorch can't hold it.
    pub(crate) fn new(tape: &Tape) -> Result<Self> {
        let length: i64 = tape.given.iter().map(Given::room).sum();
        let room = |device| -> Result<(Tensor, Vec<Tensor>)> {
            let bytes = Tensor::f_zeros([length], (Kind::Uint8, device))?;
            let places = places(&bytes, &tape.given)?;
            Ok((bytes, places))
        };
        let ((bytes, places), (host, host_places)) = (room(tape.device)?, room(Device::Cpu)?);
        Ok(Self { bytes, places, host, host_places })
    }

    /// Makes all values of a tape for which this has room, and sends them.
    ///
    /// # Errors
    /// Those of the recipes, [`Error::Shape`] when one makes another value than before, and when libtorch refuses.
    pub(crate) fn fill(&self, tape: &Tape) -> Result<()> {
        for (place, given) in self.host_places.iter().zip(&tape.given) {
            let value = (given.recipe)()?;
            if (value.f_kind()?, &value.size()) != (given.kind, &given.size) {
                return Err(Error::Shape {
                    layer: "a recorded iteration".into(),
                    found: format!("{:?} {:?}", value.f_kind()?, value.size()),
                    expected: format!("{:?} {:?}, as when it was recorded", given.kind, given.size),
                    hint: "Set GAN_NB_GRAPHS=0.".into(),
                });
            }
            place.shallow_clone().f_copy_(&value)?;
        }
        // From a copy of it, so that the next values may be gathered while these are on their way.
        ffi::upload(&self.bytes, &self.host)
    }
}

impl Given {
    /// The bytes that it takes, with what is left free before the next.
    fn room(&self) -> i64 {
        let numbers: i64 = self.size.iter().product();
        let bytes = numbers * self.kind.elt_size_in_bytes() as i64;
        (bytes / ALIGNMENT + 1) * ALIGNMENT
    }
}

/// Views of the bytes, one for each value.
fn places(bytes: &Tensor, given: &[Given]) -> Result<Vec<Tensor>> {
    let mut at = 0;
    let place = |given: &Given| -> Result<Tensor> {
        let length = given.size.iter().product::<i64>() * given.kind.elt_size_in_bytes() as i64;
        let place = bytes.f_narrow(0, at, length)?.f_view_dtype(given.kind)?.f_view(&given.size[..])?;
        at += given.room();
        Ok(place)
    };
    given.iter().map(place).collect()
}

/// That a recording failed.
pub(crate) fn broken(why: &str) -> Error {
    Error::Torch(TchError::Torch(format!("while an iteration was recorded: {why}")))
}

impl std::fmt::Debug for Tape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tape of {} values", self.given.len())
    }
}
