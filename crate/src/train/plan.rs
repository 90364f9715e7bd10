//! How long a run is, and how large its batches are.

/// The three numbers of the tutorial's `train_gan`, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// How many iterations.
    pub iterations: usize,
    /// Images a batch.
    pub batch_size: usize,
    /// Iterations from one sample to the next.
    pub sample_interval: usize,
}

impl Default for Plan {
    /// The tutorial's: 10,000 iterations of 32 images, a sample every 1,000.
    fn default() -> Self {
        Self { iterations: 10_000, batch_size: 32, sample_interval: 1_000 }
    }
}
