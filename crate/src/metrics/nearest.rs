//! The pictures of a dataset closest to given ones: has a generator learned, or memorised?

use crate::platform::arithmetic::Arithmetic;
use tch::{Kind, Tensor};

use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::imaging::denormalize;

/// Pictures of the dataset compared at once: 25 MB as floats at 32×32×3.
const BLOCK: usize = 2048;
/// Samples compared at once. With [`BLOCK`] it bounds the table of distances to 4 MB, however many samples there are.
const SAMPLES: i64 = 512;

/// A picture of a dataset, and its distance from a sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Neighbour {
    /// The picture's index in the dataset.
    pub index: usize,
    /// Root mean squared difference over pixels and channels, in levels of 0..=255: 0 is a copy.
    pub distance: f64,
}

/// Finds the `k` pictures of `data` nearest to each of `samples`, nearest first.
///
/// The distance is Euclidean over all pixels, on the scale of a single one: 10 means that values differ by some 10 of
/// 255 levels. It ignores shifts and meaning, so a large distance does not prove that nothing was copied, and flat,
/// blurred pictures are near to everything. Compare it with the distance of pictures that were not trained on.
///
/// # Shapes
/// `samples`: (N, H, W, C) of the dataset's H, W, C, as float32 in [-1, 1] or uint8; result: N lists of k
///
/// # Errors
/// [`Error::Value`] for samples of another shape or kind, and for a `k` of 0 or more than the number of pictures.
///
/// ```
/// use gan_nb::{data::Shapes, metrics::nearest};
/// let data = Shapes::generate(50, 1)?;
/// let found = nearest(&data.images(&[7])?, &data, 2)?;
/// assert_eq!((found[0][0].index, found[0][0].distance), (7, 0.0)); // itself
/// assert!(found[0][1].distance > 0.0);
/// # Ok::<(), gan_nb::Error>(())
/// ```
pub fn nearest(samples: &Tensor, data: &Dataset, k: usize) -> Result<Vec<Vec<Neighbour>>> {
    let [h, w, c] = data.image_shape();
    let size = samples.size();
    if size.len() != 4 || size[0] == 0 || size[1..] != [h, w, c] {
        let hint = "Resize the pictures, or give one a batch axis with unsqueeze(0).";
        return Err(Error::value("the shape of samples", format!("{size:?}"), format!("[N, {h}, {w}, {c}]"), hint));
    }
    if k == 0 || k > data.len() {
        let wanted = format!("1 to {}, the pictures of {}", data.len(), data.name());
        return Err(Error::value("k", k, wanted, "One or a few are enough."));
    }
    let samples = if samples.kind() == Kind::Uint8 { samples.shallow_clone() } else { denormalize(samples)? };
    let samples = rows(&samples.f_to_device(tch::Device::Cpu)?)?;
    let mut found = Vec::with_capacity(size[0] as usize);
    for part in samples.f_split(SAMPLES, 0)? {
        let candidates = candidates(&part, data, k)?;
        for i in 0..part.size()[0] {
            let indices: Vec<i64> = Vec::try_from(candidates.f_get(i)?)?;
            found.push(measured(&part.f_get(i)?, data, indices)?);
        }
    }
    Ok(found)
}

/// The indices of the k nearest pictures for each row of `samples`, int64 (N, k), by |x − s|² = |x|² − 2 x·s + |s|²:
/// one matrix product per block.
fn candidates(samples: &Tensor, data: &Dataset, k: usize) -> Result<Tensor> {
    let mut best: Option<(Tensor, Tensor)> = None;
    for start in (0..data.len()).step_by(BLOCK) {
        let indices: Vec<usize> = (start..data.len().min(start + BLOCK)).collect();
        let block = rows(&data.images(&indices)?)?;
        let norms = block.f_square()?.f_sum_dim_intlist(1, false, Kind::Float)?;
        // |s|² is the same for a whole row and doesn't change the order.
        let distances = norms.f_sub(&samples.f_matmul(&block.f_tr()?)?.times(2.0)?)?;
        let (mut distances, places) = distances.f_topk(k.min(indices.len()) as i64, 1, false, true)?;
        let mut places = places.f_add(&Tensor::f_from_slice(&[start as i64])?)?;
        if let Some((old_distances, old_places)) = best {
            distances = Tensor::f_cat(&[old_distances, distances], 1)?;
            places = Tensor::f_cat(&[old_places, places], 1)?;
            let (kept, order) = distances.f_topk(k.min(distances.size()[1] as usize) as i64, 1, false, true)?;
            (distances, places) = (kept, places.f_gather(1, &order, false)?);
        }
        best = Some((distances, places));
    }
    best.map(|(_, places)| places).ok_or_else(|| Error::value("data", "empty", "at least one picture", "Load some."))
}

/// The distances of one sample from these pictures, by their differences, so that a copy is at exactly 0.
fn measured(sample: &Tensor, data: &Dataset, indices: Vec<i64>) -> Result<Vec<Neighbour>> {
    let indices: Vec<usize> = indices.into_iter().map(|index| index as usize).collect();
    let squares = rows(&data.images(&indices)?)?.f_sub(sample)?.f_square()?;
    let distances: Vec<f64> = Vec::try_from(squares.f_mean_dim(1, false, Kind::Double)?.f_sqrt()?)?;
    let found = indices.into_iter().zip(distances).map(|(index, distance)| Neighbour { index, distance });
    let mut found: Vec<Neighbour> = found.collect();
    found.sort_by(|a, b| a.distance.total_cmp(&b.distance));
    Ok(found)
}

/// Bytes (N, H, W, C) as float32 (N, H·W·C), centred so that the products stay small and the sums exact enough.
fn rows(images: &Tensor) -> Result<Tensor> {
    let mut values = images.f_to_kind(Kind::Float)?;
    values.minus_in_place(127.5)?;
    Ok(values.f_flatten(1, -1)?)
}
