//! Which parts of a model's convolutions are matrix products: chosen by a short measurement, whose result is kept.

mod kept;
mod measure;

use super::convolution::{Convolution, Products};
use super::sequential::Sequential;
use crate::Result;
use crate::platform::ffi::Part;
use crate::platform::{home, processor};
use kept::Kept;
use measure::{Seconds, measure};

/// A product must not take more of the convolution's time than this. The rest pays for what is not measured, such as adding the
/// bias apart, and for measurements that are a little off.
const WORTH: f64 = 0.9;

/// Sets for every convolution of these networks what is fastest on this processor with batches of this size. What was measured
/// once is read from a file in the user's cache folder.
///
/// # Errors
/// When libtorch refuses.
pub(crate) fn choose(networks: &[&mut Sequential], batch: i64) -> Result<()> {
    let path = home::cache_folder().map(|folder| folder.join("convolutions.json"));
    let machine = format!(
        "{}, {} threads, libtorch {}, float32",
        processor::model(),
        tch::get_num_threads(),
        env!("GAN_NB_LIBTORCH")
    );
    choose_by(networks, batch, &mut Kept::read(path, machine), &mut measure)
}

type Measure<'a> = dyn FnMut(&Convolution, i64) -> Result<[Seconds; 3]> + 'a;

fn choose_by(networks: &[&mut Sequential], batch: i64, kept: &mut Kept, measure: &mut Measure) -> Result<()> {
    for convolution in networks.iter().flat_map(|network| network.convolutions()) {
        let name = format!("{convolution} batch {batch}");
        let products = match kept.get(&name) {
            Some(products) => products,
            None => {
                let products = fastest(measure(convolution, batch)?);
                kept.put(name, products);
                products
            }
        };
        convolution.set_products(products);
    }
    kept.write();
    Ok(())
}

fn fastest(seconds: [Seconds; 3]) -> Products {
    let pays = |(_, seconds): &(Part, Seconds)| seconds.product <= WORTH * seconds.convolution;
    let parts = Part::ALL.into_iter().zip(seconds).filter(pays);
    parts.fold(Products::NONE, |products, (part, _)| products.with(part))
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
