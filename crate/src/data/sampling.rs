//! Random batches of a dataset.

use std::sync::PoisonError;

use rand::Rng;
use tch::{Kind, Tensor};

use super::Dataset;
use crate::error::{Error, Result};
use crate::imaging::normalize;
use crate::platform::device::send;

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
        rng: &mut impl Rng,
    ) -> Result<(Tensor, Tensor)> {
        let indices = self.random_indices(batch_size, rng)?;
        let on_cpu = device == tch::Device::Cpu;
        let images = if on_cpu { self.batch(&indices)? } else { self.gather_on(device, &indices)? };
        Ok((images, send(&self.labels(&indices)?, device)?))
    }

    /// The pictures at `indices`, which must be in range, gathered and normalized by the device.
    fn gather_on(&self, device: tch::Device, indices: &[usize]) -> Result<Tensor> {
        let mut on_gpu = self.on_gpu.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = match on_gpu.take().filter(|bytes| bytes.device() == device) {
            Some(bytes) => bytes,
            None => {
                let size = [&[self.len() as i64][..], &self.image_shape()].concat();
                Tensor::f_from_data_size(&self.images, &size, Kind::Uint8)?.f_to_device(device)?
            }
        };
        let indices: Vec<i64> = indices.iter().map(|&i| i as i64).collect();
        let batch = bytes.f_index_select(0, &send(&Tensor::f_from_slice(&indices)?, device)?)?;
        *on_gpu = Some(bytes);
        normalize(&batch)
    }

    /// The indices of a random batch.
    ///
    /// A picture may occur twice, as with `numpy.random.randint`, which the tutorial uses.
    ///
    /// # Errors
    /// [`Error::Value`] if `batch_size` is 0 or more than the number of pictures.
    pub fn random_indices(&self, batch_size: usize, rng: &mut impl Rng) -> Result<Vec<usize>> {
        self.check_batch_size(batch_size)?;
        Ok((0..batch_size).map(|_| rng.gen_range(0..self.len())).collect())
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
        }
    }
}
