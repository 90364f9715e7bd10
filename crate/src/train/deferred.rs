//! An iteration's numbers while they are still on the device.

use super::MetricList;
use crate::{Error, Result};
use tch::{Device, Kind, Tensor};

/// What one iteration gave, not read yet.
///
/// To read a number the program has to wait until the device has finished all that was queued. A GPU is therefore given
/// many iterations ahead, and their numbers are read together.
#[derive(Debug)]
pub struct Metrics {
    names: Vec<String>,
    /// (names)
    numbers: Tensor,
}

impl Metrics {
    /// Gathers the numbers of an iteration, each under its name and in the order of the game's
    /// [`MetricList`](super::MetricList). Nothing waits for the device.
    ///
    /// # Shapes
    /// each: any shape with one number
    ///
    /// # Errors
    /// [`Error::Value`] for a tensor that holds no or several numbers, or for no tensor at all.
    pub fn of(numbers: &[(&str, &Tensor)]) -> Result<Self> {
        if numbers.is_empty() {
            return Err(Error::value("the number of metrics", 0, "1 or more", "Record at least one loss."));
        }
        let scalar = |(name, number): &(&str, &Tensor)| -> Result<Tensor> {
            if number.numel() != 1 {
                let found = format!("a tensor of shape {:?}", number.size());
                return Err(Error::value(&format!("the metric {name:?}"), found, "one number", "Take the mean of it."));
            }
            Ok(number.f_detach()?.f_to_kind(Kind::Float)?.f_reshape([0i64; 0])?)
        };
        let scalars = numbers.iter().map(scalar).collect::<Result<Vec<_>>>()?;
        let names = numbers.iter().map(|(name, _)| name.to_string()).collect();
        Ok(Self { names, numbers: Tensor::f_stack(&scalars, 0)? })
    }

    /// The names in their order.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// Checks that these are the metrics that a game promised.
    ///
    /// # Errors
    /// [`Error::Value`] if they are not, or in another order.
    pub(crate) fn check_names(&self, expected: &MetricList) -> Result<()> {
        if self.names().eq(expected.names()) {
            return Ok(());
        }
        let [found, expected] = [self.names().collect::<Vec<_>>(), expected.names().collect()];
        let hint = "Give them in the order of the game's metrics().";
        Err(Error::value("the metrics of an iteration", format!("{found:?}"), format!("{expected:?}"), hint))
    }

    /// Waits for the device and reads the numbers, in the order of the names.
    ///
    /// # Errors
    /// When libtorch refuses.
    pub fn read(&self) -> Result<Vec<f32>> {
        Ok(Self::read_all(std::slice::from_ref(&self))?.concat())
    }

    /// Waits for the device and reads one of the numbers.
    ///
    /// # Errors
    /// [`Error::Value`] for a name that the iteration did not give.
    pub fn get(&self, name: &str) -> Result<f32> {
        let Some(place) = self.names().position(|other| other == name) else {
            let expected = format!("one of {:?}", self.names);
            return Err(Error::value("the name of a metric", format!("{name:?}"), expected, "Check the spelling."));
        };
        Ok(self.read()?[place])
    }

    /// Reads those of several iterations of one game in one transfer, a row for each.
    pub(crate) fn read_all(metrics: &[&Self]) -> Result<Vec<Vec<f32>>> {
        let Some(first) = metrics.first() else { return Ok(Vec::new()) };
        let rows: Vec<&Tensor> = metrics.iter().map(|each| &each.numbers).collect();
        let together = Tensor::f_stack(&rows, 0)?.f_to_device(Device::Cpu)?;
        let mut numbers = vec![0f32; together.numel()];
        together.f_copy_data(&mut numbers, together.numel())?;
        Ok(numbers.chunks_exact(first.names.len()).map(<[f32]>::to_vec).collect())
    }

    /// The same numbers in memory of their own.
    ///
    /// # Errors
    /// When libtorch can't hold them.
    pub(crate) fn copied(&self) -> Result<Self> {
        Ok(Self { names: self.names.clone(), numbers: self.numbers.f_detach_copy()? })
    }

    /// Writes the numbers of another iteration over these.
    ///
    /// # Errors
    /// When libtorch refuses.
    pub(crate) fn overwrite(&self, other: &Self) -> Result<()> {
        Ok(self.numbers.shallow_clone().f_copy_(&other.numbers)?)
    }

    /// Whether reading them now would keep a GPU waiting for its next order.
    pub(crate) fn are_on_a_gpu(&self) -> bool {
        self.numbers.device() != Device::Cpu
    }
}
