//! First values of weights: the default's stay what they were, and others have the distribution that they name.

use super::common::{assert_refused, device, model, numbers, weight};
use gan_nb::nn::{BatchNormalization, Conv2D, Conv2DTranspose, Dense, Initializer, LayerConfig, Sequential};
use gan_nb::random;
use tch::Tensor;

fn mean_and_stddev(values: &[f32]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().map(|v| f64::from(*v)).sum::<f64>() / n;
    (mean, (values.iter().map(|v| (f64::from(*v) - mean).powi(2)).sum::<f64>() / n).sqrt())
}

fn built(layer: impl LayerConfig, input_shape: &[i64], change: impl Fn(&mut Sequential)) -> Sequential {
    let mut model = model("one", input_shape, 5);
    change(&mut model);
    model.add(layer).unwrap();
    model
}

/// The draws of Glorot's uniform distribution from the model's own stream, worked out anew.
#[test]
fn the_default_is_what_it_was_to_the_last_bit() {
    let uniform = |shape: &[i64], fans: f64| {
        let limit = (6.0 / fans).sqrt() as f32;
        numbers(&random::uniform(&mut random::stream(5, "one"), limit, shape, device()).unwrap())
    };
    let kernel = |model: &Sequential| numbers(&model.weights()[0].1.value);
    let nothing = |_: &mut Sequential| ();
    assert_eq!(kernel(&built(Dense::new(4), &[3], nothing)), uniform(&[3, 4], 7.0));
    assert_eq!(kernel(&built(Conv2D::new(4, 3), &[8, 8, 2], nothing)), uniform(&[3, 3, 2, 4], 54.0));
    assert_eq!(kernel(&built(Conv2DTranspose::new(4, 3), &[8, 8, 2], nothing)), uniform(&[3, 3, 4, 2], 54.0));
    assert_eq!(kernel(&built(BatchNormalization::new(), &[3], nothing)), [1.0; 3]);
}

#[test]
fn kernels_of_dcgan() {
    let normal = Initializer::normal(0.02);
    assert_eq!(normal, Initializer::RandomNormal { mean: 0.0, stddev: 0.02 });
    let whole = |model: &mut Sequential| {
        model.set_kernel_initializer(normal);
    };
    let nothing = |_: &mut Sequential| ();
    let image = &[4, 4, 32];
    let models = [
        built(Dense::new(200).kernel_initializer(normal), &[100], nothing),
        built(Conv2D::new(64, 3).kernel_initializer(normal), image, nothing),
        built(Conv2DTranspose::new(64, 3).kernel_initializer(normal), image, nothing),
        built(Dense::new(200), &[100], whole),
        built(Conv2D::new(64, 3), image, whole),
        built(Conv2DTranspose::new(64, 3), image, whole),
    ];
    for model in &models {
        let kernel = &model.weights()[0].1;
        assert!(kernel.value.requires_grad() && kernel.trainable);
        let values = numbers(&kernel.value);
        let (mean, stddev) = mean_and_stddev(&values);
        let tolerance = 5.0 * 0.02 / (values.len() as f64).sqrt();
        assert!(mean.abs() < tolerance && (stddev - 0.02).abs() < tolerance, "{mean}, {stddev}");
        let drawn = random::normal(&mut random::stream(5, "one"), &kernel.value.size(), device()).unwrap() * 0.02;
        assert_eq!(values, numbers(&drawn), "from the model's stream");
    }
    let [a, b] = [&models[1], &models[4]].map(|model| numbers(&weight(model, "conv2d/kernel")));
    assert_eq!(a, b, "for a layer or for all");
}

#[test]
fn gammas_of_dcgan() {
    let near_one = Initializer::RandomNormal { mean: 1.0, stddev: 0.02 };
    let own = built(BatchNormalization::new().gamma_initializer(near_one), &[5000], |_| ());
    let whole = built(BatchNormalization::new(), &[5000], |model| {
        model.set_gamma_initializer(near_one);
    });
    let gamma = numbers(&weight(&own, "batch_normalization/gamma"));
    let (mean, stddev) = mean_and_stddev(&gamma);
    assert!((mean - 1.0).abs() < 0.002 && (stddev - 0.02).abs() < 0.002, "{mean}, {stddev}");
    assert_eq!(gamma, numbers(&weight(&whole, "batch_normalization/gamma")));
    assert_eq!(numbers(&weight(&own, "batch_normalization/beta")), [0.0; 5000]);
}

#[test]
fn a_layer_s_own_choice_goes_before_the_model_s() {
    let mut model = model("m", &[2], 1);
    model.set_kernel_initializer(Initializer::Constant { value: 3.0 });
    model
        .add(Dense::new(2))
        .unwrap()
        .add(Dense::new(1).kernel_initializer(Initializer::Constant { value: 5.0 }))
        .unwrap();
    let values = model.weights().into_iter().map(|(_, weight)| numbers(&weight.value));
    assert_eq!(values.collect::<Vec<_>>(), [vec![3.0; 4], vec![0.0; 2], vec![5.0; 2], vec![0.0]]);
}

#[test]
fn initializers_that_can_t_be() {
    for (initializer, part) in [
        (Initializer::normal(-1.0), "the initializer's stddev is -1"),
        (Initializer::normal(f64::NAN), "the initializer's stddev is NaN"),
        (Initializer::RandomNormal { mean: f64::INFINITY, stddev: 1.0 }, "the initializer's mean is inf"),
        (Initializer::Constant { value: f64::NAN }, "the initializer's value is NaN"),
    ] {
        let mut model = model("refused", &[2], 1);
        assert_refused(model.add(Dense::new(2).kernel_initializer(initializer)), &[part, "finite"]);
        assert!(model.weights().is_empty());
    }
    let stream = &mut random::stream(1, "test");
    let drawn: Tensor = Initializer::GlorotUniform.draw(stream, &[6], device()).unwrap();
    assert!(numbers(&drawn).iter().all(|value| value.abs() <= 1.0));
}
