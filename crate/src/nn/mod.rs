//! Layers with the semantics of Keras 2: its names, defaults, weight layouts and arithmetic.
//!
//! Tensors are float32 and channels last, (B, H, W, C), as in Keras. A layer starts as a description, such as
//! `Conv2D::new(64, 3).strides(2)`; [`Sequential::add`] builds it for the shape of its input.

mod condition;
mod convolution;
mod init;
mod initializer;
mod layer;
pub mod layers;
mod moving_average;
mod named_layers;
pub mod optim;
mod products;
mod sequential;
mod spectral_norm;
mod summary;

pub(crate) use convolution::Products;
pub use init::Init;
pub use initializer::Initializer;
pub(crate) use layer::keras_shape;
pub use layer::{Context, Layer, LayerConfig, Output, Padding, Weight};
pub use layers::{
    Activation, AveragePooling2D, BatchNormalization, CategoryEncoding, ConditionalBatchNormalization, Conv2D,
    Conv2DTranspose, Dense, Embedding, Flatten, GlobalSumPooling2D, LeakyReLU, Projection, Reshape, Residual,
    UpSampling2D,
};
pub use moving_average::MovingAverage;
pub use optim::{Adam, Gradients, Optimizer, Schedule, Unreached};
pub(crate) use products::choose as choose_products;
pub use sequential::Sequential;
pub use summary::Summary;
pub(crate) use summary::thousands;
