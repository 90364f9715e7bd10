//! The fused step walks through memory: what lies there otherwise than it must is refused, not written past.

use super::common::{assert_refused, device_name, floats, noise, numbers, tensor};
use gan_nb::nn::{Adam, Optimizer};
use tch::{Kind, Tensor};

fn minimize(adam: &mut Adam, w: &Tensor) -> gan_nb::Result<()> {
    adam.minimize(&w.square().sum(Kind::Float))
}

#[test]
fn a_weight_whose_elements_share_memory() {
    let memory = Tensor::zeros([4], floats());
    let expanded = memory.expand([3, 4], false).detach().set_requires_grad(true);
    let mut adam = Adam::new(vec![expanded.shallow_clone()]);
    let on = device_name();
    let parts = [&*format!("weight 0 of the optimizer is Float [3, 4] with strides [0, 1] on {on}"), "share memory"];
    assert_refused(minimize(&mut adam, &expanded), &parts);
    assert_eq!(adam.steps(), 0);
    // Every second element: between them lies what is not the weight's.
    let sparse = noise(1, &[8]).slice(0, 0, 8, 2).detach().set_requires_grad(true);
    let parts = [&*format!("weight 0 of the optimizer is Float [4] with strides [2] on {on}"), "dense"];
    assert_refused(minimize(&mut Adam::new(vec![sparse.shallow_clone()]), &sparse), &parts);
}

#[test]
fn moments_that_no_longer_fit_their_weight() {
    type Change = fn(&mut Tensor);
    let changes: [(Change, &str); 4] = [
        (|moment| drop(moment.transpose_(0, 1)), "Float [4, 3] with strides [1, 4] on"),
        (|moment| drop(moment.resize_([2, 2])), "Float [2, 2] with strides [2, 1] on"),
        (|moment| moment.set_data(&moment.to_kind(Kind::Double)), "Double [3, 4] with strides [4, 1] on"),
        (|moment| drop(moment.as_strided_([3, 4], [1, 3], None)), "Float [3, 4] with strides [1, 3] on"),
    ];
    for at in [0, 1] {
        for (change, found) in changes {
            let w = noise(1, &[3, 4]).set_requires_grad(true);
            let before = numbers(&w);
            let mut adam = Adam::new(vec![w.shallow_clone()]);
            change(&mut adam.state()[at].1); // a handle to the optimizer's own
            let (name, on) = (["moment m 0", "moment v 0"][at], device_name());
            let parts = [
                format!("{name} of the optimizer is {found} {on}"),
                format!("expected Float [3, 4] with strides [4, 1] on {on}"),
            ];
            assert_refused(minimize(&mut adam, &w), &parts.each_ref().map(String::as_str));
            assert_eq!((numbers(&w), adam.steps()), (before, 0));
        }
    }
}

#[test]
fn weights_of_two_kinds() {
    let a = tensor(&[1.0], &[1]).set_requires_grad(true);
    let b = tensor(&[1.0], &[1]).to_kind(Kind::Double).set_requires_grad(true);
    let mut adam = Adam::new(vec![a.shallow_clone(), b.shallow_clone()]);
    let loss = (&a + &b.to_kind(Kind::Float)).sum(Kind::Float);
    let expected = format!("Float on {}, as weight 0", device_name());
    assert_refused(adam.minimize(&loss), &["weight 1 of the optimizer is Double [1]", &expected]);
    assert_eq!((numbers(&a), adam.steps()), (vec![1.0], 0));
}

#[test]
fn a_weight_that_is_not_there() {
    let mut adam = Adam::new(vec![Tensor::new()]);
    let loss = tensor(&[1.0], &[]).set_requires_grad(true);
    assert_refused(adam.minimize(&loss), &["weights that are defined"]);
}
