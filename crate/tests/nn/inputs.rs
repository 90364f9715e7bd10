//! Inputs of another kind of number or on another device: the error names the model and the way out.

use super::common::{assert_refused, device, model, noise, single};
use gan_nb::nn::{BatchNormalization, Dense, Flatten, LeakyReLU};
use tch::{Kind, Tensor};

#[test]
fn numbers_of_another_kind() {
    let on = format!("{:?}", device());
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
        let parts = [&format!("judge: the input is {kind:?} on {on}, expected Float on {on}"), hint];
        assert_refused(judge.forward(&x, true), &parts);
        assert_refused(judge.logits(&x, true), &parts);
        assert_refused(judge.predict(&x), &parts);
    }
    // Without weights a model has no kind of its own, but computes on floats.
    let slope = single(LeakyReLU::new(0.2), &[3]);
    assert_eq!(slope.predict(&noise(1, &[4, 3]).to_kind(Kind::Double)).unwrap().kind(), Kind::Double);
    let parts = [&*format!("single: the input is Uint8 on {on}, expected a kind of float on {on}"), "normalize"];
    assert_refused(slope.predict(&noise(1, &[4, 3]).to_kind(Kind::Uint8)), &parts);
    assert_refused(judge.predict(&Tensor::new()), &["judge: the input is undefined", &format!("Float on {on}")]);
    let _ = judge.predict(&x).unwrap();
}

#[test]
fn a_tensor_on_another_device() {
    // A model without layers is on a device that need not be there.
    let elsewhere = gan_nb::nn::Sequential::new_on(tch::Device::Cuda(7), "elsewhere", [3], 1);
    let found = format!("elsewhere: the input is Float on {:?}, expected a kind of float on Cuda(7)", device());
    assert_refused(elsewhere.predict(&noise(1, &[4, 3])), &[&found, "to_device(model.device())"]);
    let parts = ["single: the input is Float on Cpu, expected Float on", "to_device(model.device())"];
    let x = noise(1, &[4, 3]).to_device(tch::Device::Cpu);
    let answer = single(Dense::new(1), &[3]).predict(&x);
    if device().is_cuda() { assert_refused(answer, &parts) } else { drop(answer.unwrap()) }
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
