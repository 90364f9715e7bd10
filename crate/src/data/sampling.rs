//! Random batches of a dataset.

use std::sync::PoisonError;

use rand::Rng;
use tch::{Kind, Tensor};

use super::Dataset;
use crate::error::{Error, Result};
use crate::imaging::normalize;
use crate::platform::tape::{self, send};
use crate::random;

impl Dataset {
    /// A random batch: float32 (B, H, W, C) in [-1, 1] on the CPU.
    ///
    /// It holds the pictures at [`random_indices`](Self::random_indices); call that instead if you need their
    /// [`labels`](Self::labels) too.
    ///
    /// # Errors
    /// [`Error::Value`] if `batch_size` is 0 or more than the number of pictures.
    pub fn random_batch(&self, batch_size: usize, rng: &mut impl Rng) -> Result<Tensor> {
        self.batch(&self.random_indices(batch_size, rng)?)
    }

    /// The same batch on `device`. A GPU gets all pictures once, as bytes, and then gathers its batches itself.
    ///
    /// # Errors
    /// As [`random_batch`](Self::random_batch), and [`Error::Torch`] if the pictures don't fit on the device.
    pub fn random_batch_on(&self, device: tch::Device, batch_size: usize, rng: &mut impl Rng) -> Result<Tensor> {
        let indices = self.random_indices(batch_size, rng)?;
        if device == tch::Device::Cpu { self.batch(&indices) } else { self.gather_on(device, &indices) }
    }

    /// The same batch with its classes: float32 (B, H, W, C) in [-1, 1] and int64 (B), on this device.
    ///
    /// # Errors
    /// As [`random_batch_on`](Self::random_batch_on).
    pub fn random_labelled_batch_on(
        &self,
        device: tch::Device,
        batch_size: usize,
        rng: &mut random::Stream,
    ) -> Result<(Tensor, Tensor)> {
        self.check_batch_size(batch_size)?;
        if device == tch::Device::Cpu && !tape::is_on() {
            let indices = self.random_indices(batch_size, rng)?;
            return Ok((self.batch(&indices)?, self.labels(&indices)?));
        }
        let (count, shape) = (self.len() as i64, [batch_size as i64]);
        let indices = random::filled_by(rng, &shape, device, move |rng| index(rng, count))?;
        let (images, labels) = self.on_device(device)?;
        Ok((normalize(&images.f_index_select(0, &indices)?)?, labels.f_index_select(0, &indices)?))
    }

    /// The pictures at `indices`, which must be in range, gathered and normalized by the device.
    fn gather_on(&self, device: tch::Device, indices: &[usize]) -> Result<Tensor> {
        let indices: Vec<i64> = indices.iter().map(|&i| i as i64).collect();
        let (images, _) = self.on_device(device)?;
        normalize(&images.f_index_select(0, &send(&Tensor::f_from_slice(&indices)?, device)?)?)
    }

    /// All pictures as bytes and all classes as int64, where the device has them from the first time on.
    fn on_device(&self, device: tch::Device) -> Result<(Tensor, Tensor)> {
        let mut held = self.on_gpu.lock().unwrap_or_else(PoisonError::into_inner);
        let pair = match held.take().filter(|(images, _)| images.device() == device) {
            Some(pair) => pair,
            None => {
                let size = [&[self.len() as i64][..], &self.image_shape()].concat();
                let images = Tensor::f_from_data_size(&self.images, &size, Kind::Uint8)?.f_to_device(device)?;
                let labels = Tensor::f_from_slice(&self.labels)?.f_to_device(device)?.f_to_kind(Kind::Int64)?;
                (images, labels)
            }
        };
        let shared = (pair.0.shallow_clone(), pair.1.shallow_clone());
        *held = Some(pair);
        Ok(shared)
    }

    /// Where a device has the pictures that it gathers batches from. It gets them if it has none yet.
    ///
    /// # Errors
    /// [`Error::Torch`] if they don't fit there.
    pub(crate) fn address_on(&self, device: tch::Device) -> Result<usize> {
        Ok(self.on_device(device)?.0.data_ptr() as usize)
    }

    /// The indices of a random batch.
    ///
    /// A picture may occur twice, as with `numpy.random.randint`, which the tutorial uses.
    ///
    /// # Errors
    /// [`Error::Value`] if `batch_size` is 0 or more than the number of pictures.
    pub fn random_indices(&self, batch_size: usize, rng: &mut impl Rng) -> Result<Vec<usize>> {
        self.check_batch_size(batch_size)?;
        Ok((0..batch_size).map(|_| index(rng, self.len() as i64) as usize).collect())
    }

    /// # Errors
    /// [`Error::Value`] if it is 0 or more than the number of pictures.
    pub(crate) fn check_batch_size(&self, batch_size: usize) -> Result<()> {
        if batch_size == 0 || batch_size > self.len() {
            let wanted = format!("1 to {}, the pictures of {}", self.len(), self.name);
            return Err(Error::value("batch_size", batch_size, wanted, "The tutorial takes 32."));
        }
        Ok(())
    }
}

/// One of so many pictures.
fn index(rng: &mut impl Rng, count: i64) -> i64 {
    rng.gen_range(0..count as usize) as i64
}

#[cfg(test)]
mod tests {
    use crate::data::Shapes;
    use rand::{SeedableRng, rngs::StdRng};

    /// What a GPU does, on the CPU.
    #[test]
    fn a_device_gathers_the_same_batch() {
        let data = Shapes::generate(40, 3).unwrap();
        for seed in 0..2 {
            let indices = data.random_indices(16, &mut StdRng::seed_from_u64(seed)).unwrap();
            let gathered = data.gather_on(tch::Device::Cpu, &indices).unwrap();
            assert_eq!(gathered, data.batch(&indices).unwrap());
            let batch = data.random_batch_on(tch::Device::Cpu, 16, &mut StdRng::seed_from_u64(seed)).unwrap();
            assert_eq!(gathered, batch);
            let mut rng = crate::random::stream(seed, "batches");
            let (plain, labels) = data.random_labelled_batch_on(tch::Device::Cpu, 16, &mut rng.clone()).unwrap();
            let listened = crate::platform::tape::listen(tch::Device::Cpu, || {
                data.random_labelled_batch_on(tch::Device::Cpu, 16, &mut rng).unwrap()
            });
            assert_eq!(listened.0, (plain, labels));
        }
    }
}
