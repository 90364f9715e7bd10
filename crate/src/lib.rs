//! Generative adversarial networks, cell by cell in Rust.
//!
//! The library behind a lesson: layers with the semantics of Keras 2 on libtorch ([`nn`]), the two networks of a
//! CIFAR-10 tutorial ([`models`]), the images ([`data`]), the training ([`train`]) and figures for notebooks
//! ([`display`]). Each call of the tutorial has its counterpart here under the same name.
//!
//! ```
//! use gan_nb::prelude::*;
//!
//! # fn main() -> Result<()> {
//! // Ten classes of drawn shapes; `Dataset::load()` gives CIFAR-10 instead, where it can be had.
//! let x_train = Shapes::generate(256, 42)?;
//!
//! // The tutorial's generator and discriminator, its Adam, and the discriminator frozen for the generator's half.
//! let mut gan = Gan::new(GanConfig::tutorial())?;
//! println!("{}", gan.generator.summary());
//!
//! // The tutorial trains 10,000 iterations of 32 images and samples each 1,000.
//! let history = gan.train_gan(&x_train, 2, 8, 1)?;
//! assert_eq!(history.len(), 2);
//!
//! // 25 images from noise, (25, 32, 32, 3) in [−1, 1], as a 5 × 5 grid.
//! let samples = gan.sample_images()?;
//! assert_eq!(samples.fixed.size(), [25, 32, 32, 3]);
//! image_grid(&samples.fixed, 5)?.save(std::env::temp_dir().join("gan_nb_front_page.png"))?;
//! # Ok(())
//! # }
//! ```

pub mod data;
mod digits;
pub mod display;
pub mod error;
pub mod imaging;
pub mod loss;
pub mod metrics;
pub mod models;
pub mod nn;
pub mod platform;
pub mod progress;
pub mod random;
mod report;
pub mod runs;
pub mod train;

/// Errors of a program's own, for cells that are longer than a lesson's.
pub use anyhow;
pub use error::{Error, Result};
pub use platform::device::Device;
/// What [`Game::settings`](train::Game::settings) are written in.
pub use serde_json;
/// libtorch for Rust, so that a notebook needs no second dependency.
pub use tch;

/// What most programs want: `use gan_nb::prelude::*;`
pub mod prelude {
    pub use crate::data::{Cifar10, Dataset, FashionMnist, Mnist, Photos, Shapes};
    pub use crate::display::{Animation, Colour, Figure, Plane, Table, film, image_grid};
    pub use crate::imaging::{denormalize, normalize, resize};
    pub use crate::loss::{binary_crossentropy, mean_absolute_error};
    pub use crate::models::{build_discriminator, build_generator};
    pub use crate::nn::{
        Activation, Adam, BatchNormalization, Conv2D, Conv2DTranspose, Dense, Flatten, LeakyReLU, Optimizer, Padding,
        Reshape, Residual, Sequential, UpSampling2D,
    };
    pub use crate::progress::{Log, Progress};
    pub use crate::runs::Run;
    pub use crate::train::{Gan, GanConfig, History};
    pub use crate::{Device, Error, Result};
    pub use tch::{Tensor, no_grad};
}
