//! How long the parts of a convolution take.

use crate::nn::convolution::{Convolution, Products};
use crate::platform::ffi::{self, Part};
use crate::{Result, random};
use std::time::Instant;
use tch::{Device, Tensor, no_grad};

/// How often each is timed, after once that does not count. The fastest time is the one that other programs disturbed least.
const TIMES: usize = 5;

/// Seconds that one part takes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seconds {
    pub convolution: f64,
    pub product: f64,
}

/// Of each part, in the order of [`Part::ALL`], with a batch of random numbers.
///
/// # Errors
/// When libtorch refuses.
pub(super) fn measure(convolution: &Convolution, batch: i64) -> Result<[Seconds; 3]> {
    let mut rng = random::stream(0, "convolutions to be timed");
    let [by_convolution, by_product] = [Products::NONE, Products::ALL].map(|products| convolution.geometry(products));
    let (size, sizes) = (by_convolution.kernel, [by_convolution.image, by_convolution.map]);
    let [image, map] = sizes.map(|[rows, columns, channels]| [batch, rows, columns, channels]);
    let kernel = [map[3], size, size, image[3]];
    let mut noise = |shape: [i64; 4]| random::normal(&mut rng, &shape, Device::Cpu);
    let (image, map, kernel) = (noise(image)?, noise(map)?, noise(kernel)?);
    no_grad(|| {
        let mut all = [Seconds { convolution: f64::INFINITY, product: f64::INFINITY }; 3];
        for (part, seconds) in Part::ALL.into_iter().zip(&mut all) {
            let (a, b): (&Tensor, &Tensor) = match part {
                Part::Shrink => (&image, &kernel),
                Part::Grow => (&map, &kernel),
                Part::Weigh => (&image, &map),
            };
            for time in 0..=TIMES {
                // In turn, so that what disturbs one disturbs the other.
                for (geometry, fastest) in
                    [(&by_convolution, &mut seconds.convolution), (&by_product, &mut seconds.product)]
                {
                    let start = Instant::now();
                    let _made = ffi::convolution(part, a, b, geometry)?;
                    if time > 0 {
                        *fastest = fastest.min(start.elapsed().as_secs_f64());
                    }
                }
            }
        }
        Ok(all)
    })
}

#[cfg(test)]
mod tests {
    use super::measure;
    use crate::nn::{Conv2D, Conv2DTranspose, Padding, Sequential};
    use tch::Device;

    #[test]
    fn every_part_of_every_convolution_can_be_timed() {
        let mut model = Sequential::new_on(Device::Cpu, "m", [5, 7, 3], 1);
        model.add(Conv2D::new(4, 3).strides(2).padding(Padding::Same)).unwrap();
        model.add(Conv2DTranspose::new(2, 4).strides(3)).unwrap();
        for convolution in model.convolutions() {
            for seconds in measure(convolution, 2).unwrap() {
                assert!(seconds.convolution.is_finite() && seconds.product.is_finite(), "{seconds:?}");
            }
        }
    }
}
