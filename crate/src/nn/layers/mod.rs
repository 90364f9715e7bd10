//! The layers, one per file, with Keras's names, defaults and weight layouts.

mod activation;
mod batch_norm;
mod category_encoding;
mod conditional_batch_norm;
mod conv2d;
mod conv2d_transpose;
mod conv_as_matmul;
mod dense;
mod embedding;
mod leaky_relu;
mod pooling;
mod projection;
mod reshape;
mod residual;
mod up_sampling2d;

pub use activation::Activation;
pub use batch_norm::BatchNormalization;
pub use category_encoding::CategoryEncoding;
pub use conditional_batch_norm::ConditionalBatchNormalization;
pub use conv2d::Conv2D;
pub use conv2d_transpose::Conv2DTranspose;
pub use dense::Dense;
pub use embedding::Embedding;
pub use leaky_relu::LeakyReLU;
pub use pooling::{AveragePooling2D, GlobalSumPooling2D};
pub use projection::Projection;
pub use reshape::{Flatten, Reshape};
pub use residual::Residual;
pub use up_sampling2d::UpSampling2D;
