//! The device under test, and tensors on it.
//!
//! `GAN_NB_DEVICE=cuda cargo test` runs all tests on a GPU; without the variable they run there where one is found. Tests make
//! their models and tensors by the functions here, and `house/devices.rs` lists the few that name the CPU.

use gan_nb::platform::device::is_deterministic;
use gan_nb::{Device, random};
use std::io::Write;
use tch::{Kind, Tensor};

/// The device under test. Fails if that of the variable is not there.
pub fn device() -> tch::Device {
    Device::choose(None).unwrap().tch
}

/// As libtorch writes it: `cpu` or `cuda:0`.
pub fn device_name() -> String {
    Device::choose(None).unwrap().name()
}

/// The kind and the place of most tensors.
pub fn floats() -> (Kind, tch::Device) {
    (Kind::Float, device())
}

/// These numbers.
pub fn tensor(values: &[f32], shape: &[i64]) -> Tensor {
    Tensor::from_slice(values).reshape(shape).to_device(device())
}

/// In float64.
pub fn doubles(values: &[f64]) -> Tensor {
    Tensor::from_slice(values).to_device(device())
}

/// Whole numbers, such as classes.
pub fn integers(values: &[i64]) -> Tensor {
    Tensor::from_slice(values).to_device(device())
}

/// Bytes, such as pictures.
pub fn bytes(values: &[u8], shape: &[i64]) -> Tensor {
    Tensor::from_slice(values).reshape(shape).to_device(device())
}

/// Draws from N(0, 1).
pub fn noise(seed: u64, shape: &[i64]) -> Tensor {
    random::normal(&mut random::stream(seed, "test"), shape, device()).unwrap()
}

/// Says that a test does less here than elsewhere, on standard error itself, which the harness does not keep back.
pub fn skipped(test: &str, why: &str) {
    std::io::stderr().write_all(format!("\nskipped: {test}: {why}\n").as_bytes()).unwrap();
}

/// Whether the device under test is the CPU. Where it is not, says so with the reason why the test needs it.
pub fn is_on_cpu(test: &str, why: &str) -> bool {
    let is_cpu = device() == tch::Device::Cpu;
    if !is_cpu {
        skipped(test, &format!("not on {}: {why}", device_name()));
    }
    is_cpu
}

/// Fails unless the two, which computing twice gave, are equal. On a GPU that gives other bits each time it says that it can't tell.
pub fn assert_same_bits<T: PartialEq>(found: &T, expected: &T, what: &str) {
    assert!(!keeps_bits(what) || found == expected, "{what}: not the same bits");
}

/// Whether the device under test gives the same bits each time. Where it does not, says so: such a test then shows nothing.
pub fn keeps_bits(test: &str) -> bool {
    let keeps = device() == tch::Device::Cpu || is_deterministic();
    if !keeps {
        skipped(test, "a GPU gives the same bits only with GAN_NB_DETERMINISTIC=1");
    }
    keeps
}
