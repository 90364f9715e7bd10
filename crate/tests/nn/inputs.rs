//! Inputs of another kind of number or on another device: the error names the model and the way out.

use super::common::{assert_refused, model, noise, single};
use gan_nb::nn::{BatchNormalization, Dense, Flatten, LeakyReLU};
use tch::{Kind, Tensor};

#[test]
fn numbers_of_another_kind() {
    let mut judge = model("judge", &[2, 2, 3], 1);
    judge.add(Flatten).unwrap().add(Dense::new(1)).unwrap();
    let x = noise(1, &[4, 2, 2, 3]);
    for (kind, hint) in [
        (Kind::Uint8, "normalize them first"),
        (Kind::Double, "to_kind(Kind::Float)"),
        (Kind::Half, "to_kind(Kind::Float)"),
        (Kind::Int64, "to_kind(Kind::Float)"),
    ] {
        let x = x.to_kind(kind);
        let parts = [&format!("judge: the input is {kind:?} on Cpu, expected Float on Cpu"), hint];
        assert_refused(judge.forward(&x, true), &parts);
        assert_refused(judge.logits(&x, true), &parts);
        assert_refused(judge.predict(&x), &parts);
    }
    // Without weights a model has no kind of its own, but computes on floats.
    let slope = single(LeakyReLU::new(0.2), &[3]);
    assert_eq!(slope.predict(&noise(1, &[4, 3]).to_kind(Kind::Double)).unwrap().kind(), Kind::Double);
    let parts = ["single: the input is Uint8 on Cpu, expected a kind of float on Cpu", "normalize"];
    assert_refused(slope.predict(&noise(1, &[4, 3]).to_kind(Kind::Uint8)), &parts);
    assert_refused(judge.predict(&Tensor::new()), &["judge: the input is undefined", "Float on Cpu"]);
    let _ = judge.predict(&x).unwrap();
}

#[test]
fn a_tensor_on_another_device() {
    let judge = single(Dense::new(1), &[3]);
    // A model without layers is on a device that need not be there.
    let elsewhere = gan_nb::nn::Sequential::new_on(tch::Device::Cuda(7), "elsewhere", [3], 1);
    let parts =
        ["elsewhere: the input is Float on Cpu, expected a kind of float on Cuda(7)", "to_device(model.device())"];
    assert_refused(elsewhere.predict(&noise(1, &[4, 3])), &parts);
    if tch::Cuda::is_available() {
        let x = noise(1, &[4, 3]).to_device(tch::Device::Cuda(0));
        let parts = ["single: the input is Float on Cuda(0), expected Float on Cpu", "to_device(model.device())"];
        assert_refused(judge.predict(&x), &parts);
    }
}

#[test]
fn batch_normalization_of_vectors_in_mixed_precision() {
    let mut model = model("m", &[3], 1);
    model.add(Dense::new(4)).unwrap().add(BatchNormalization::new().momentum(0.5)).unwrap();
    let x = noise(1, &[50, 3]);
    model.set_mixed_precision(true);
    for train in [true, false] {
        let y = model.forward(&x, train).unwrap();
        assert_eq!((y.kind(), y.size()), (Kind::Float, vec![50, 4]));
    }
    let moved = model.weights().into_iter().find(|(name, _)| name.ends_with("moving_mean")).unwrap().1.value;
    let dense = model.weights().remove(0).1.value;
    let expected = x.matmul(&dense).mean_dim(0, false, Kind::Float) * 0.5;
    let difference = (moved - expected).abs().max().double_value(&[]);
    assert!(difference < 0.01, "bfloat16 has 8 bits: {difference}");
    let _ = model.predict(&x).unwrap();
}
