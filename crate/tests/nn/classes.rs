//! Layers that know the class of each input.

use super::common::{assert_close, assert_refused, integers, model, noise, numbers, single, tensor, weight, weights};
use gan_nb::nn::{
    BatchNormalization, CategoryEncoding, ConditionalBatchNormalization, Conv2D, Dense, Embedding, Flatten,
    MovingAverage, Projection, Residual, Sequential,
};
use tch::{Kind, Tensor};

#[test]
fn the_class_stands_beside_the_input_as_a_one_among_zeros() {
    let layer = single(CategoryEncoding::new(3), &[2]);
    let x = tensor(&[5.0, 6.0, 7.0, 8.0], &[2, 2]);
    let y = layer.predict_with(&x, Some(&integers(&[2, 0]))).unwrap();
    assert_eq!(numbers(&y), [5.0, 6.0, 0.0, 0.0, 1.0, 7.0, 8.0, 1.0, 0.0, 0.0]);
    let shares = tensor(&[0.5, 0.5, 0.0, 0.0, 0.0, 1.0], &[2, 3]);
    let y = layer.predict_with(&x, Some(&shares)).unwrap();
    assert_eq!(numbers(&y), [5.0, 6.0, 0.5, 0.5, 0.0, 7.0, 8.0, 0.0, 0.0, 1.0]);
}

#[test]
fn an_embedding_appends_the_vector_of_the_class_and_learns_it() {
    let mut layer = single(Embedding::new(3, 2), &[1]);
    let drawn = numbers(&weight(&layer, "embedding/embeddings"));
    assert!(drawn.iter().all(|number| *number != 0.0), "{drawn:?}");
    layer.set_weights(&[tensor(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &[3, 2])]).unwrap();
    let x = tensor(&[7.0, 8.0], &[2, 1]);
    let y = layer.forward_with(&x, Some(&integers(&[2, 0])), true).unwrap();
    assert_eq!(numbers(&y), [7.0, 5.0, 6.0, 8.0, 1.0, 2.0]);
    let table = layer.weights().remove(0).1.value;
    let gradient = Tensor::run_backward(&[y.square().sum(Kind::Float)], &[&table], false, false).remove(0);
    assert_eq!(numbers(&gradient), [2.0, 4.0, 0.0, 0.0, 10.0, 12.0], "2 · value, of the classes that were there");
    let halves = tensor(&[0.5, 0.5, 0.0, 0.0, 0.5, 0.5], &[2, 3]);
    let y = layer.predict_with(&x, Some(&halves)).unwrap();
    assert_eq!(numbers(&y), [7.0, 2.0, 3.0, 8.0, 4.0, 5.0], "halfway between two classes");
    assert_refused(layer.predict(&x), &["Embedding's condition is missing"]);
    let mut images = model("m", &[2, 2, 3], 1);
    assert_refused(images.add(Embedding::new(3, 2)).map(drop), &["Embedding", "(None, features)"]);
}

#[test]
fn a_class_that_is_not_there_is_refused() {
    let layer = single(CategoryEncoding::new(3), &[2]);
    let x = tensor(&[5.0, 6.0], &[1, 2]);
    assert_refused(layer.predict_with(&x, Some(&integers(&[3]))), &["a class of the condition is 3", "0 to 2"]);
    assert_refused(layer.predict_with(&x, Some(&integers(&[-1]))), &["a class of the condition is -1"]);
    assert_refused(
        layer.predict_with(&x, Some(&tensor(&[1.0, 0.0], &[1, 2]))),
        &["the condition is Float of shape [1, 2]"],
    );
    assert_refused(layer.predict(&x), &["CategoryEncoding's condition is missing"]);
}

#[test]
fn batch_normalization_by_class_has_a_scale_and_a_shift_for_each() {
    let mut layer = single(ConditionalBatchNormalization::new(2).momentum(0.5).epsilon(0.0), &[2]);
    let (gamma, beta) = (tensor(&[1.0, 1.0, 10.0, 10.0], &[2, 2]), tensor(&[0.0, 0.0, 0.5, -0.5], &[2, 2]));
    let (mean, variance) = (tensor(&[1.0, 2.0], &[2]), tensor(&[4.0, 1.0], &[2]));
    layer.set_weights(&[gamma, beta, mean, variance]).unwrap();
    let x = tensor(&[3.0, 3.0, 3.0, 3.0], &[2, 2]);
    let y = layer.predict_with(&x, Some(&integers(&[0, 1]))).unwrap();
    assert_close(&numbers(&y), &[1.0, 1.0, 10.5, 9.5], 1e-5, "(3 − mean) / √variance, scaled and shifted");
}

/// As long as all classes have the same gamma and beta, it is the plain one, statistics included.
#[test]
fn before_training_it_is_plain_batch_normalization() {
    for shape in [&[3][..], &[2, 2, 3]] {
        let (plain, by_class) =
            (single(BatchNormalization::new(), shape), single(ConditionalBatchNormalization::new(2), shape));
        let x = noise(1, &[&[4], shape].concat()) * 3 + 1;
        let labels = integers(&[0, 1, 1, 0]);
        for train in [true, false] {
            let expected: Vec<f64> = numbers(&plain.forward(&x, train).unwrap()).into_iter().map(f64::from).collect();
            assert_close(
                &numbers(&by_class.forward_with(&x, Some(&labels), train).unwrap()),
                &expected,
                1e-5,
                "result",
            );
        }
        assert_eq!(weights(&plain)[2..], weights(&by_class)[2..], "moving statistics");
    }
}

#[test]
fn a_projection_adds_what_the_class_likes() {
    let mut layer = single(Projection::new(2), &[2]);
    let (kernel, bias) = (tensor(&[1.0, 2.0], &[2, 1]), tensor(&[0.5], &[1]));
    layer.set_weights(&[kernel, bias, tensor(&[0.0, 0.0, 10.0, -1.0], &[2, 2])]).unwrap();
    let x = tensor(&[3.0, 4.0, 3.0, 4.0], &[2, 2]);
    let y = layer.predict_with(&x, Some(&integers(&[0, 1]))).unwrap();
    assert_eq!(y.size(), [2, 1]);
    assert_eq!(numbers(&y), [11.5, 11.5 + 26.0]);
}

#[test]
fn labels_reach_the_layers_in_a_block() {
    let block = Residual::new().add(ConditionalBatchNormalization::new(2)).add(Conv2D::new(3, 1));
    let layer = single(block, &[2, 2, 3]);
    assert!(layer.forward_with(&noise(1, &[2, 2, 2, 3]), Some(&integers(&[0, 1])), true).is_ok());
    assert_refused(layer.predict(&noise(1, &[2, 2, 2, 3])), &["ConditionalBatchNormalization's condition"]);
}

#[test]
fn layers_of_no_class_are_refused() {
    let mut m = model("m", &[4], 1);
    assert_refused(m.add(Projection::new(0)).map(drop), &["Projection's classes is 0"]);
    assert_refused(m.add(CategoryEncoding::new(0)).map(drop), &["CategoryEncoding's classes is 0"]);
    assert_refused(
        m.add(ConditionalBatchNormalization::new(0)).map(drop),
        &["ConditionalBatchNormalization's classes is 0"],
    );
    let mut images = model("images", &[2, 2, 3], 1);
    assert_refused(images.add(Projection::new(2)).map(drop), &["Projection", "(None, features)", "Flatten"]);
    assert_refused(images.add(CategoryEncoding::new(2)).map(drop), &["CategoryEncoding", "(None, features)"]);
}

fn with_batch_norm(name: &str) -> Sequential {
    let mut model = model(name, &[3], 1);
    model.add(Dense::new(4)).unwrap().add(BatchNormalization::new()).unwrap();
    model
}

#[test]
fn an_average_follows_slowly() {
    let mut model = with_batch_norm("model");
    let mut average = MovingAverage::new(with_batch_norm("average"), &model, 0.9).unwrap();
    assert_eq!(weights(&average.model), weights(&model), "it begins with the model's weights");
    assert!(average.model.trainable_weights().is_empty());
    let ones: Vec<Tensor> = model.weights().iter().map(|(_, w)| w.value.detach().ones_like()).collect();
    average.model.set_weights(&ones.iter().map(Tensor::zeros_like).collect::<Vec<_>>()).unwrap();
    model.set_weights(&ones).unwrap();
    // At step t it keeps the smaller of 0.9 and (1 + t) / (10 + t).
    let mut expected = 0.0;
    for t in 1..=200 {
        let keep = f64::min(0.9, (1.0 + f64::from(t)) / (10.0 + f64::from(t)));
        expected = keep * expected + (1.0 - keep);
        average.follow(&model).unwrap();
        if [1, 2, 80, 200].contains(&t) {
            assert_close(
                &numbers(&weight(&average.model, "dense/kernel")),
                &[expected; 12],
                1e-5,
                &format!("step {t}"),
            );
        }
    }
    assert_eq!(average.steps, 200);
    assert_eq!(
        numbers(&weight(&average.model, "batch_normalization/moving_mean")),
        [1.0; 4],
        "statistics are taken over"
    );
}

#[test]
fn statistics_are_measured_anew_as_plain_means() {
    let average = MovingAverage::new(with_batch_norm("average"), &with_batch_norm("model"), 0.9).unwrap();
    let batches: Vec<Tensor> = (0..5).map(|seed| noise(seed, &[8, 3]) * 2 + 1).collect();
    average.model.measure_statistics(batches.iter().map(|x| (x.shallow_clone(), None))).unwrap();
    let mut plain = model("plain", &[3], 1);
    plain.add(Dense::new(4)).unwrap();
    plain.set_weights(&average.model.weights()[..2].iter().map(|(_, w)| w.value.detach()).collect::<Vec<_>>()).unwrap();
    let of_each: Vec<[Tensor; 2]> = batches
        .iter()
        .map(|x| {
            let y = plain.predict(x).unwrap().to_kind(Kind::Double);
            let (variance, mean) = y.var_mean_dim(Some(&[0i64][..]), false, false);
            [mean, variance]
        })
        .collect();
    for (i, name) in ["moving_mean", "moving_variance"].iter().enumerate() {
        let all: Vec<&Tensor> = of_each.iter().map(|pair| &pair[i]).collect();
        let expected = Vec::<f64>::try_from(Tensor::stack(&all, 0).mean_dim(0, false, None::<Kind>)).unwrap();
        let found = numbers(&weight(&average.model, &format!("batch_normalization/{name}")));
        assert_close(&found, &expected, 1e-4, name);
    }
}

#[test]
fn an_average_of_another_model_is_refused() {
    let mut other = model("other", &[3], 1);
    other.add(Dense::new(4)).unwrap().add(Flatten).unwrap();
    assert_refused(MovingAverage::new(other, &with_batch_norm("model"), 0.9), &["the number of weights"]);
    for decay in [-0.1, 1.0, f64::NAN] {
        let refused = MovingAverage::new(with_batch_norm("average"), &with_batch_norm("model"), decay);
        assert_refused(refused, &["the moving average's decay"]);
    }
}
