//! What a game makes at one moment.

use tch::Tensor;

/// Images of the run's fixed noise and of fresh noise, (N, H, W, C) each in [−1, 1]. In a notebook they show themselves as
/// two grids.
#[derive(Debug)]
pub struct Samples {
    /// Of the run's fixed noise: the same places in every sample of a run, so that one sees them grow.
    pub fixed: Tensor,
    /// Of noise drawn for this sample alone.
    pub fresh: Tensor,
}
