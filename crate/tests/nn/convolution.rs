//! Conv2D and Conv2DTranspose against cases worked out by hand and against plain loops.

use super::common::{assert_close, noise, numbers, single, tensor};
use gan_nb::nn::{Conv2D, Conv2DTranspose, LayerConfig, Padding};

const TOLERANCE: f64 = 1e-5;

/// An array of four axes for the loops.
struct Array {
    shape: [i64; 4],
    values: Vec<f32>,
}

impl Array {
    fn random(seed: u64, shape: [i64; 4]) -> Self {
        Self { shape, values: numbers(&noise(seed, &shape)) }
    }

    fn tensor(&self) -> tch::Tensor {
        tensor(&self.values, &self.shape)
    }

    /// 0 outside, which is what padding means.
    fn at(&self, index: [i64; 4]) -> f64 {
        if index.iter().zip(self.shape).any(|(i, size)| !(0..size).contains(i)) {
            return 0.0;
        }
        let place = index.iter().zip(self.shape).fold(0, |place, (i, size)| place * size + i);
        f64::from(self.values[place as usize])
    }
}

/// All places of an array of this shape, the last axis fastest.
fn places([b, h, w, c]: [i64; 4]) -> impl Iterator<Item = [i64; 4]> {
    (0..b * h * w * c).map(move |i| [i / (c * w * h), i / (c * w) % h, i / c % w, i % c])
}

/// Output size and padding before, by TensorFlow's rules for 'SAME' and 'VALID'.
fn axis(size: i64, kernel: i64, stride: i64, padding: Padding) -> (i64, i64) {
    match padding {
        Padding::Valid => ((size - kernel) / stride + 1, 0),
        Padding::Same => {
            let rest = if size % stride == 0 { stride } else { size % stride };
            ((size + stride - 1) / stride, (kernel - rest).max(0) / 2)
        }
    }
}

/// Sums over windows: `x` (B, H, W, C), `kernel` (k, k, C, filters).
fn conv2d(x: &Array, kernel: &Array, bias: &[f32], stride: i64, padding: Padding) -> ([i64; 4], Vec<f64>) {
    let ([batch, height, width, channels], [k, _, _, filters]) = (x.shape, kernel.shape);
    let ((rows, top), (columns, left)) = (axis(height, k, stride, padding), axis(width, k, stride, padding));
    let shape = [batch, rows, columns, filters];
    let sum = |[b, row, column, f]: [i64; 4]| {
        let window = places([k, k, channels, 1]).map(|[i, j, c, _]| {
            x.at([b, row * stride + i - top, column * stride + j - left, c]) * kernel.at([i, j, c, f])
        });
        window.sum::<f64>() + f64::from(bias[f as usize])
    };
    (shape, places(shape).map(sum).collect())
}

/// Scatters patterns: `x` (B, H, W, C), `kernel` (k, k, filters, C).
fn conv2d_transpose(x: &Array, kernel: &Array, bias: &[f32], stride: i64, padding: Padding) -> ([i64; 4], Vec<f64>) {
    let ([batch, height, width, channels], [k, _, filters, _]) = (x.shape, kernel.shape);
    let overlap = (k - stride).max(0);
    let (more, cut) = if padding == Padding::Same { (0, overlap / 2) } else { (overlap, 0) };
    let shape = [batch, height * stride + more, width * stride + more, filters];
    let mut y: Vec<f64> = places(shape).map(|[.., f]| f64::from(bias[f as usize])).collect();
    for [b, row, column, c] in places([batch, height, width, channels]) {
        for [i, j, f, _] in places([k, k, filters, 1]) {
            let (row_out, column_out) = (row * stride + i - cut, column * stride + j - cut);
            if (0..shape[1]).contains(&row_out) && (0..shape[2]).contains(&column_out) {
                let place = ((b * shape[1] + row_out) * shape[2] + column_out) * filters + f;
                y[place as usize] += x.at([b, row, column, c]) * kernel.at([i, j, f, c]);
            }
        }
    }
    (shape, y)
}

/// Fails unless the layer with this kernel and bias makes `expected` of `x`.
fn check(
    layer: impl LayerConfig,
    x: &Array,
    kernel: &Array,
    bias: &[f32],
    expected: &([i64; 4], Vec<f64>),
    what: &str,
) {
    let mut model = single(layer, &x.shape[1..]);
    model.set_weights(&[kernel.tensor(), tensor(bias, &[bias.len() as i64])]).unwrap();
    assert_eq!(model.output_shape(), &expected.0[1..], "{what}: the shape it tells");
    for products in [false, true] {
        model.set_products(products);
        // Where gradients are recorded, layers may compute another way.
        for y in [model.predict(&x.tensor()).unwrap(), model.forward(&x.tensor(), true).unwrap()] {
            assert_eq!(y.size(), expected.0, "{what}: shape");
            assert_close(&numbers(&y), &expected.1, TOLERANCE, &format!("{what}, products: {products}"));
        }
    }
}

/// 1, 2, 3 … as an image of one channel.
fn counting(height: i64, width: i64) -> Array {
    Array { shape: [1, height, width, 1], values: (1..=height * width).map(|i| i as f32).collect() }
}

fn kernel(k: i64, values: Vec<f32>) -> Array {
    Array { shape: [k, k, 1, 1], values }
}

#[test]
fn conv2d_by_hand() {
    let ones = kernel(3, vec![1.0; 9]);
    let same = Conv2D::new(1, 3).strides(2).padding(Padding::Same);
    // One line of padding in all: it goes right and bottom, so the first window is 1 2 3, 5 6 7, 9 10 11.
    let expected = ([1, 2, 2, 1], vec![54.0, 45.0, 72.0, 54.0]);
    check(same, &counting(4, 4), &ones, &[0.0], &expected, "even input, stride 2");
    // Two lines of padding: one on each side.
    let expected = ([1, 2, 2, 1], vec![12.0, 16.0, 24.0, 28.0]);
    check(same, &counting(3, 3), &ones, &[0.0], &expected, "odd input, stride 2");
    let pair = Conv2D::new(1, 2).padding(Padding::Same);
    let expected = ([1, 2, 2, 1], vec![11.0, 7.0, 8.0, 5.0]);
    check(pair, &counting(2, 2), &kernel(2, vec![1.0; 4]), &[1.0], &expected, "even kernel, bias 1");
    // Not mirrored: the kernel's upper right corner looks at the upper right neighbour.
    let corner = kernel(3, vec![0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    let expected = ([1, 1, 1, 1], vec![3.0]);
    check(Conv2D::new(1, 3), &counting(4, 4), &corner, &[0.0], &([1, 2, 2, 1], vec![3.0, 4.0, 7.0, 8.0]), "valid");
    check(Conv2D::new(1, 3).strides(2), &counting(4, 4), &corner, &[0.0], &expected, "valid, stride 2");
}

#[test]
fn conv2d_is_the_sum_over_windows() {
    let bias = [0.5, -1.0, 2.0];
    for (height, width) in [(5, 5), (6, 7), (8, 5)] {
        let x = Array::random(1, [2, height, width, 2]);
        for (k, stride) in [(1, 1), (1, 2), (2, 1), (2, 3), (3, 1), (3, 2), (4, 1), (4, 2), (5, 1), (5, 3)] {
            let kernel = Array::random(2, [k, k, 2, 3]);
            for padding in [Padding::Same, Padding::Valid] {
                let expected = conv2d(&x, &kernel, &bias, stride, padding);
                let what = format!("{height} x {width}, kernel {k}, stride {stride}, {padding:?}");
                let layer = Conv2D::new(3, k).strides(stride).padding(padding);
                check(layer, &x, &kernel, &bias, &expected, &what);
            }
        }
    }
}

/// Few filters over many channels: computed another way where nothing is recorded.
#[test]
fn conv2d_with_few_filters_is_the_sum_over_windows() {
    for (height, width) in [(5, 5), (6, 7), (2, 3)] {
        let x = Array::random(5, [2, height, width, 64]);
        for (k, filters) in (2..=5).flat_map(|k| (1..=3).map(move |filters| (k, filters))) {
            let mut kernel = Array::random(6, [k, k, 64, filters]);
            kernel.values.iter_mut().for_each(|w| *w *= 0.02);
            let bias = &[0.5, -1.0, 2.0][..filters as usize];
            let fits = k <= height && k <= width;
            for padding in
                [Padding::Same, Padding::Valid].into_iter().filter(|padding| fits || *padding == Padding::Same)
            {
                let expected = conv2d(&x, &kernel, bias, 1, padding);
                let what = format!("{height} x {width}, kernel {k}, {filters} filters, {padding:?}");
                check(Conv2D::new(filters, k).padding(padding), &x, &kernel, bias, &expected, &what);
            }
        }
    }
}

#[test]
fn conv2d_transpose_by_hand() {
    let counting_kernel = kernel(3, (1..=9).map(|i| i as f32).collect());
    let same = Conv2DTranspose::new(1, 3).strides(2).padding(Padding::Same);
    // One line too many: it is cut off at the right and the bottom.
    let expected = ([1, 2, 2, 1], vec![1.0, 2.0, 4.0, 5.0]);
    check(same, &counting(1, 1), &counting_kernel, &[0.0], &expected, "odd overlap");
    // Two lines too many: one is cut off on each side.
    let expected = ([1, 1, 1, 1], vec![5.0]);
    check(
        Conv2DTranspose::new(1, 3).padding(Padding::Same),
        &counting(1, 1),
        &counting_kernel,
        &[0.0],
        &expected,
        "even overlap",
    );
    // Patterns of 2 x 2, one pixel apart: 1 in the first, 2 in the second, 3 where they overlap.
    let valid = Conv2DTranspose::new(1, 2);
    let expected = ([1, 2, 3, 1], vec![1.0, 3.0, 2.0, 1.0, 3.0, 2.0]);
    check(valid, &counting(1, 2), &kernel(2, vec![1.0; 4]), &[0.0], &expected, "valid");
    // Smaller than the stride: only the bias in the gaps.
    let sparse = Conv2DTranspose::new(1, 1).strides(2).padding(Padding::Same);
    let expected = ([1, 2, 4, 1], vec![1.5, 0.5, 2.5, 0.5, 0.5, 0.5, 0.5, 0.5]);
    check(sparse, &counting(1, 2), &kernel(1, vec![1.0]), &[0.5], &expected, "gaps");
}

#[test]
fn conv2d_transpose_scatters_patterns() {
    let bias = [0.5, -1.0, 2.0];
    for (height, width) in [(1, 1), (3, 4), (5, 2)] {
        let x = Array::random(3, [2, height, width, 2]);
        for (k, stride) in (2..=5).flat_map(|k| (1..=3).map(move |stride| (k, stride))) {
            let kernel = Array::random(4, [k, k, 3, 2]);
            for padding in [Padding::Same, Padding::Valid] {
                let expected = conv2d_transpose(&x, &kernel, &bias, stride, padding);
                let what = format!("{height} x {width}, kernel {k}, stride {stride}, {padding:?}");
                let layer = Conv2DTranspose::new(3, k).strides(stride).padding(padding);
                check(layer, &x, &kernel, &bias, &expected, &what);
            }
        }
    }
}
