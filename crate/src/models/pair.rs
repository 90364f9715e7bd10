//! Pairs of networks beyond the tutorial's: told the class, normalized, or of residual blocks.

use crate::nn::{
    Activation, AveragePooling2D, BatchNormalization, CategoryEncoding, ConditionalBatchNormalization, Conv2D,
    Conv2DTranspose, Dense, Flatten, GlobalSumPooling2D, LayerConfig, LeakyReLU, Padding::Same, Projection, Reshape,
    Residual, Sequential, UpSampling2D,
};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// What the two networks are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Networks {
    /// The tutorial's layers.
    #[default]
    Tutorial,
    /// Three residual blocks each (He et al. 2016; Miyato & Koyama 2018).
    Residual {
        /// The channels of the widest image, in the middle of the networks twice and four times as many: 48 is a good start.
        width: i64,
    },
}

/// What a generator and a discriminator have to agree on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// What they are made of.
    pub networks: Networks,
    /// Where the first weights come from.
    pub seed: u64,
    /// How many numbers of noise make one image.
    pub latent_dim: i64,
    /// How many classes they are told, as a condition; 0 for none.
    pub classes: i64,
    /// The images' side, a multiple of 8.
    pub size: i64,
    /// How much of its moving statistics each batch normalization keeps at a batch.
    pub batch_norm_momentum: f64,
    /// Whether the discriminator's kernels are divided by their spectral norms (Miyato et al. 2018).
    pub spectral_normalization: bool,
}

impl Pair {
    /// The generator, under this name.
    ///
    /// # Shapes
    /// (B, latent_dim), condition (B) int64 → (B, size, size, 3) in [−1, 1]
    ///
    /// # Errors
    /// [`Error::Value`] for a size that is not a multiple of 8, and sizes below 1.
    pub fn generator(&self, name: &str) -> Result<Sequential> {
        let first = self.first_size()?;
        let mut model = Sequential::new(name, [self.latent_dim], self.seed);
        if self.classes > 0 {
            model.add(CategoryEncoding::new(self.classes))?;
        }
        match self.networks {
            Networks::Tutorial => {
                let first = 2 * first;
                model.add(Dense::new(first * first * 256).activation(Activation::Relu))?;
                model.add(Reshape::new([first, first, 256]))?.add(self.batch_norm())?;
                for filters in [128, 64] {
                    model.add(Conv2DTranspose::new(filters, 4).strides(2).padding(Same))?;
                    model.add(LeakyReLU::new(0.2))?.add(self.batch_norm())?;
                }
            }
            Networks::Residual { width } => {
                model.add(Dense::new(first * first * 4 * width))?.add(Reshape::new([first, first, 4 * width]))?;
                for filters in [2 * width, width, width / 2] {
                    model.add(self.up_block(filters))?;
                }
                model.add(self.batch_norm())?.add(Activation::Relu)?;
            }
        }
        model.add(Conv2D::new(3, 3).padding(Same).activation(Activation::Tanh))?;
        Ok(model)
    }

    /// The discriminator, under the name "discriminator".
    ///
    /// # Shapes
    /// (B, size, size, 3) in [−1, 1], condition (B) int64 → (B, 1), the score: real above 0, before any sigmoid
    ///
    /// # Errors
    /// As [`generator`](Self::generator).
    pub fn discriminator(&self) -> Result<Sequential> {
        self.first_size()?;
        let mut model = Sequential::new("discriminator", [self.size, self.size, 3], self.seed);
        match self.networks {
            Networks::Tutorial => {
                for filters in [64, 128, 256] {
                    model.add(self.conv(filters, 3).strides(2).padding(Same))?.add(LeakyReLU::new(0.2))?;
                }
                model.add(Flatten)?;
            }
            Networks::Residual { width } => {
                model.add(self.conv(width, 4).strides(2).padding(Same))?;
                model.add(self.down_block(width, 2 * width))?.add(self.down_block(2 * width, 4 * width))?;
                let last = self.conv(4 * width, 3).padding(Same);
                model.add(Residual::new().add(LeakyReLU::new(0.2)).add(last))?;
                model.add(LeakyReLU::new(0.2))?.add(GlobalSumPooling2D::new().normalized())?;
            }
        }
        match (self.classes > 0, self.spectral_normalization) {
            (true, true) => model.add(Projection::new(self.classes).spectral_normalization())?,
            (true, false) => model.add(Projection::new(self.classes))?,
            (false, true) => model.add(Dense::new(1).spectral_normalization())?,
            (false, false) => model.add(Dense::new(1))?,
        };
        Ok(model)
    }

    /// Twice the size: normalized, enlarged and normalized again, with an enlarged copy beside it.
    fn up_block(&self, filters: i64) -> Residual {
        let enlarged = Residual::new().add(self.batch_norm()).add(Activation::Relu);
        let enlarged = enlarged.add(Conv2DTranspose::new(filters, 4).strides(2).padding(Same));
        let f = enlarged.add(self.batch_norm()).add(Activation::Relu).add(Conv2D::new(filters, 3).padding(Same));
        f.shortcut(Conv2D::new(filters, 1)).shortcut(UpSampling2D::new(2))
    }

    /// Half the size, with a smaller copy beside it.
    fn down_block(&self, channels: i64, filters: i64) -> Residual {
        let f = Residual::new().add(LeakyReLU::new(0.2)).add(self.conv(channels, 3).padding(Same));
        let f = f.add(LeakyReLU::new(0.2)).add(self.conv(filters, 4).strides(2).padding(Same));
        f.shortcut(AveragePooling2D::new(2)).shortcut(self.conv(filters, 1))
    }

    fn conv(&self, filters: i64, kernel_size: i64) -> Conv2D {
        let conv = Conv2D::new(filters, kernel_size);
        if self.spectral_normalization { conv.spectral_normalization() } else { conv }
    }

    fn batch_norm(&self) -> Box<dyn LayerConfig> {
        match self.classes {
            0 => Box::new(BatchNormalization::new().momentum(self.batch_norm_momentum)),
            classes => Box::new(ConditionalBatchNormalization::new(classes).momentum(self.batch_norm_momentum)),
        }
    }

    /// The side of the image that three enlargements make as large as it is to be.
    fn first_size(&self) -> Result<i64> {
        match self.size {
            size if size >= 8 && size % 8 == 0 => Ok(size / 8),
            size => {
                let hint = "32, 64 and 96 are such sizes.";
                Err(Error::value("the images' size", size, "a multiple of 8", hint))
            }
        }
    }
}
