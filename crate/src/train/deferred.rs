//! An iteration's numbers while they are still on the device.

use super::Step;
use crate::Result;
use crate::loss::fraction_taken_for_real;
use std::time::Instant;
use tch::Tensor;

/// What one iteration gave, not read yet.
///
/// To read a number the program has to wait until the device has done all that it was told. A GPU is therefore told
/// many iterations ahead, and their numbers are read together.
#[derive(Debug)]
pub struct Losses {
    /// (5): the two losses of D each with the fraction that it took for real, then G's loss.
    numbers: Tensor,
    start: Instant,
}

impl Losses {
    /// Gathers the numbers of an iteration that began at `start`. Nothing waits for the device.
    ///
    /// # Shapes
    /// losses: (); logits: (B, 1)
    ///
    /// # Errors
    /// When libtorch refuses.
    pub fn of(
        d_loss_real: &Tensor,
        real_logits: &Tensor,
        d_loss_fake: &Tensor,
        fake_logits: &Tensor,
        g_loss: &Tensor,
        start: Instant,
    ) -> Result<Self> {
        let (real, fake) = (fraction_taken_for_real(real_logits)?, fraction_taken_for_real(fake_logits)?);
        let numbers = Tensor::f_stack(&[d_loss_real, &real, d_loss_fake, &fake, g_loss], 0)?.f_detach()?;
        Ok(Self { numbers, start })
    }

    /// Waits for the device and reads the numbers.
    ///
    /// # Errors
    /// When libtorch refuses.
    pub fn read(&self) -> Result<Step> {
        let mut numbers = [0f32; 5];
        self.numbers.f_to_device(tch::Device::Cpu)?.f_copy_data(&mut numbers, 5)?;
        Ok(step(numbers, self.start.elapsed().as_secs_f32()))
    }

    /// Reads those of several iterations, one after the other, in one transfer. How long each took is not known then:
    /// each gets its share of the whole.
    pub(super) fn read_all(losses: &[Self]) -> Result<Vec<Step>> {
        let [first, _, ..] = losses else { return losses.iter().map(Self::read).collect() };
        let rows: Vec<&Tensor> = losses.iter().map(|each| &each.numbers).collect();
        let mut numbers = vec![[0f32; 5]; losses.len()];
        let together = Tensor::f_stack(&rows, 0)?.f_to_device(tch::Device::Cpu)?;
        together.f_copy_data(numbers.as_flattened_mut(), 5 * losses.len())?;
        let seconds = first.start.elapsed().as_secs_f32() / losses.len() as f32;
        Ok(numbers.into_iter().map(|numbers| step(numbers, seconds)).collect())
    }

    /// Whether reading them now would keep the device waiting for its next order.
    pub(super) fn are_on_a_gpu(&self) -> bool {
        self.numbers.device() != tch::Device::Cpu
    }
}

fn step([d_loss_real, d_acc_real, d_loss_fake, fakes_taken, g_loss]: [f32; 5], seconds: f32) -> Step {
    Step { d_loss_real, d_acc_real, d_loss_fake, d_acc_fake: 1.0 - fakes_taken, g_loss, seconds }
}
