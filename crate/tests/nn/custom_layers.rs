//! Layers of a reader's own in a model: what they keep is left alone, and conditions reach them.

use super::common::{assert_refused, device, integers, model, noise, numbers, single, weights};
use gan_nb::Result;
use gan_nb::nn::{
    Activation, Adam, Context, Conv2D, Dense, Flatten, Init, Initializer, Layer, LayerConfig, LeakyReLU, Output,
    Reshape, Residual, Sequential, Weight,
};
use tch::{Kind, Tensor, no_grad};

/// Gives back a tensor that it keeps.
#[derive(Debug, Clone, Copy)]
struct Constant(Output);

impl LayerConfig for Constant {
    fn build(&self, input_shape: &[i64], init: &mut Init) -> Result<Box<dyn Layer>> {
        let shape = [&[1], input_shape].concat();
        let value = init.weight(Initializer::normal(1.0), &shape, false)?;
        Ok(Box::new(BuiltConstant { value, output: self.0, shape: input_shape.to_vec() }))
    }
}

#[derive(Debug)]
struct BuiltConstant {
    value: Tensor,
    output: Output,
    shape: Vec<i64>,
}

impl Layer for BuiltConstant {
    fn class_name(&self) -> &'static str {
        "Constant"
    }
    fn output_shape(&self) -> &[i64] {
        &self.shape
    }
    fn output(&self) -> Output {
        self.output
    }
    fn forward(&self, _: &Tensor, _: Context) -> Result<Tensor> {
        Ok(self.value.shallow_clone())
    }
    fn weights(&self) -> Vec<Weight> {
        vec![Weight::new("value", &self.value, false)]
    }
}

/// The constant, then what leaves memory as it is, then what would write over it.
fn chain(output: Output) -> Sequential {
    let mut model = model("chain", &[2, 2, 3], 1);
    model.add(Constant(output)).unwrap().add(Flatten).unwrap().add(Activation::Linear).unwrap();
    model.add(Reshape::new([12])).unwrap().add(LeakyReLU::new(0.5)).unwrap().add(Activation::Linear).unwrap();
    model
}

#[test]
fn a_tensor_that_a_layer_keeps_is_not_written_over() {
    let kept = chain(Output::Kept);
    let (before, x) = (weights(&kept), noise(2, &[1, 2, 2, 3]));
    let first = numbers(&kept.predict(&x).unwrap());
    assert_eq!(weights(&kept), before);
    assert_eq!(numbers(&kept.predict(&x).unwrap()), first);
    // With the permission it would have been, so this test can tell.
    let given_away = chain(Output::New);
    let _ = given_away.predict(&x).unwrap();
    assert_ne!(weights(&given_away), before);
}

#[test]
fn the_caller_s_input_is_not_written_over() {
    let mut model = model("m", &[2, 2, 3], 1);
    model.add(Flatten).unwrap().add(Activation::Linear).unwrap().add(LeakyReLU::new(0.5)).unwrap();
    model.add(Residual::new().add(LeakyReLU::new(0.5)).add(LeakyReLU::new(0.5))).unwrap().add(Flatten).unwrap();
    let x = noise(2, &[4, 2, 2, 3]);
    let before = numbers(&x);
    let _ = model.predict(&x).unwrap();
    assert_eq!(numbers(&x), before);
}

#[test]
fn a_layer_that_gives_nothing_is_an_error() {
    #[derive(Debug)]
    struct Nothing;
    impl LayerConfig for Nothing {
        fn build(&self, _: &[i64], _: &mut Init) -> Result<Box<dyn Layer>> {
            Ok(Box::new(Nothing))
        }
    }
    impl Layer for Nothing {
        fn class_name(&self) -> &'static str {
            "Nothing"
        }
        fn output_shape(&self) -> &[i64] {
            &[3]
        }
        fn forward(&self, _: &Tensor, _: Context) -> Result<Tensor> {
            Ok(Tensor::new())
        }
    }
    let mut model = model("m", &[3], 1);
    model.add(Nothing).unwrap().add(LeakyReLU::new(0.5)).unwrap().add(LeakyReLU::new(0.5)).unwrap();
    assert_refused(model.predict(&noise(1, &[2, 3])), &["libtorch"]);
}

/// gamma[class] · x + beta[class], gamma and beta a row for each class, and a count of what it saw in training: all that a
/// conditional batch normalization needs.
#[derive(Debug, Clone, Copy)]
struct ClassScale(i64);

#[derive(Debug)]
struct BuiltClassScale {
    gamma: Tensor,
    beta: Tensor,
    seen: Tensor,
    shape: Vec<i64>,
}

impl LayerConfig for ClassScale {
    fn build(&self, input_shape: &[i64], init: &mut Init) -> Result<Box<dyn Layer>> {
        let shape = [self.0, input_shape[0]];
        Ok(Box::new(BuiltClassScale {
            gamma: init.weight(Initializer::RandomNormal { mean: 1.0, stddev: 0.02 }, &shape, true)?,
            beta: init.weight(Initializer::Constant { value: 0.0 }, &shape, true)?,
            seen: init.statistic(self.0, 0.0)?,
            shape: input_shape.to_vec(),
        }))
    }
}

impl Layer for BuiltClassScale {
    fn class_name(&self) -> &'static str {
        "ClassScale"
    }
    fn output_shape(&self) -> &[i64] {
        &self.shape
    }
    fn output(&self) -> Output {
        Output::New
    }
    fn forward(&self, x: &Tensor, context: Context) -> Result<Tensor> {
        let labels = context.condition_for("ClassScale")?;
        if context.train {
            let _ = no_grad(|| {
                self.seen.shallow_clone().f_index_add_(0, labels, &labels.ones_like().to_kind(Kind::Float))
            })?;
        }
        Ok(x * self.gamma.f_index_select(0, labels)? + self.beta.f_index_select(0, labels)?)
    }
    fn weights(&self) -> Vec<Weight> {
        vec![
            Weight::new("gamma", &self.gamma, true),
            Weight::new("beta", &self.beta, true),
            Weight::new("seen", &self.seen, false),
        ]
    }
}

fn conditional() -> Sequential {
    let mut model = model("generator", &[3], 1);
    model.add(Dense::new(2)).unwrap().add(ClassScale(4)).unwrap().add(LeakyReLU::new(0.5)).unwrap();
    model.add(Residual::new().add(Dense::new(2)).add(ClassScale(4))).unwrap();
    model.add(Dense::new(2).activation(Activation::Sigmoid)).unwrap();
    model
}

#[test]
fn labels_reach_every_layer_of_a_model_also_inside_a_block() {
    let model = conditional();
    let x = noise(2, &[1, 3]).repeat([4, 1]);
    let labels = integers(&[0, 1, 1, 3]);
    let y = model.forward_with(&x, Some(&labels), true).unwrap();
    assert_ne!(numbers(&y.get(0)), numbers(&y.get(1)));
    assert_eq!(numbers(&y.get(1)), numbers(&y.get(2)));
    let seen = model.weights().into_iter().filter(|(_, weight)| weight.name.ends_with("seen"));
    let seen: Vec<_> = seen.map(|(name, weight)| (name, weight.trainable, numbers(&weight.value))).collect();
    let expected = ["class_scale/seen", "residual/class_scale/seen"];
    assert_eq!(seen, expected.map(|name| (name.to_string(), false, vec![1.0, 2.0, 0.0, 1.0])));
    // The three ways of running it agree, and only training counts.
    let predicted = model.predict_with(&x, Some(&labels)).unwrap();
    assert!((&predicted - &y).abs().max().double_value(&[]) < 1e-6);
    let logits = model.logits_with(&x, Some(&labels), false).unwrap();
    assert_eq!(numbers(&logits.sigmoid()), numbers(&model.forward_with(&x, Some(&labels), false).unwrap()));
    assert_eq!(numbers(&model.weights().iter().find(|(n, _)| n == "class_scale/seen").unwrap().1.value)[1], 2.0);
    // Gradients reach the rows of the classes that were there.
    let before = weights(&model);
    Adam::new(model.trainable_weights())
        .minimize(&model.forward_with(&x, Some(&labels), true).unwrap().mean(Kind::Float))
        .unwrap();
    let (gamma, moved) = (&before[2], &weights(&model)[2]);
    let changed: Vec<bool> = gamma.iter().zip(moved).map(|(a, b)| a != b).collect();
    assert_eq!(changed, [true, true, true, true, false, false, true, true]);
}

#[test]
fn a_condition_that_is_missing_or_does_not_fit() {
    let model = conditional();
    let x = noise(2, &[4, 3]);
    let parts = ["ClassScale's condition is missing", "forward_with, logits_with or predict_with"];
    assert_refused(model.forward(&x, true), &parts);
    assert_refused(model.predict(&x), &parts);
    let parts = ["generator: the condition is of shape [3]", &*format!("4 rows on {:?}", device())];
    assert_refused(model.predict_with(&x, Some(&integers(&[0, 1, 2]))), &parts);
    assert_refused(model.predict_with(&x, Some(&Tensor::new())), &["the condition is undefined"]);
    // A model without such layers ignores one that fits.
    let plain = single(Conv2D::new(2, 1), &[2, 2, 1]);
    let x = noise(1, &[2, 2, 2, 1]);
    let labels = integers(&[0, 1]);
    assert_eq!(plain.predict(&x).unwrap(), plain.predict_with(&x, Some(&labels)).unwrap());
}
