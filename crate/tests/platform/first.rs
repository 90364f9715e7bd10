//! libtorch looks for its CUDA library once, at the first convolution or gradient. Whatever of this library a program may begin with
//! has it loaded before.
#![cfg(all(target_os = "linux", target_env = "gnu"))]

use crate::common::{assert_passed, command_of, skipped};
use gan_nb::data::Dataset;
use gan_nb::imaging::normalize;
use gan_nb::loss::{self, binary_crossentropy, mean_absolute_error};
use gan_nb::metrics::ssim;
use gan_nb::nn::{Gradients, Sequential, Unreached};
use gan_nb::platform::device::libtorch_folder;
use gan_nb::random;
use std::env;
use tch::{Device::Cpu, Kind, Tensor};

/// Each with tensors that gan_nb has not seen before.
const FIRST: [(&str, fn()); 15] = [
    ("Sequential::new_on", || drop(Sequential::new_on(Cpu, "m", [2], 1))),
    ("Dataset::new", || drop(Dataset::new("d", vec![0; 3], vec![0], (1, 1, 3), &["a"]).unwrap())),
    ("random::normal", || drop(random::normal(&mut random::stream(1, "first"), &[2], Cpu).unwrap())),
    ("random::uniform", || drop(random::uniform(&mut random::stream(1, "first"), 1.0, &[2], Cpu).unwrap())),
    ("normalize", || drop(normalize(&Tensor::from_slice(&[1u8])).unwrap())),
    ("binary_crossentropy", || drop(binary_crossentropy(1.0, &scores()).unwrap())),
    ("mean_absolute_error", || drop(mean_absolute_error(&scores(), &scores()).unwrap())),
    ("cross_entropy", || drop(loss::cross_entropy::generator(&scores()).unwrap())),
    ("relativistic", || drop(loss::relativistic::discriminator(&scores(), &scores()).unwrap())),
    ("hinge", || drop(loss::hinge::generator(&scores()).unwrap())),
    ("hinge of D", || drop(loss::hinge::discriminator(&scores(), &scores()).unwrap())),
    ("wasserstein", || drop(loss::wasserstein::generator(&scores()).unwrap())),
    ("wasserstein of D", || drop(loss::wasserstein::discriminator(&scores(), &scores()).unwrap())),
    ("ssim", || drop(ssim(&pictures(), &pictures()).unwrap())),
    ("Gradients::compute", || {
        let w = scores().set_requires_grad(true);
        drop(Gradients::compute(&w.sum(Kind::Float), &[w], Unreached::Refused, None).unwrap());
    }),
];

fn scores() -> Tensor {
    Tensor::from_slice(&[0.5f32, -1.0])
}

fn pictures() -> Tensor {
    Tensor::zeros([1, 16, 16, 3], tch::kind::FLOAT_CPU)
}

#[test]
#[ignore = "started by the next tests"]
fn begins() {
    let name = env::var("FIRST").unwrap();
    let (_, first) = FIRST.iter().find(|(other, _)| *other == name).unwrap();
    first();
}

/// Whether a process that begins so has the loader look for libtorch_cuda.so, as the loader itself says.
fn looks_for_cuda(first: &str, device: &str) -> bool {
    let dir = tempfile::tempdir().unwrap();
    let mut command = command_of("first::begins");
    command.env("FIRST", first).env("GAN_NB_DEVICE", device).env_remove("CUDA_VISIBLE_DEVICES");
    command.env("LD_DEBUG", "files").env("LD_DEBUG_OUTPUT", dir.path().join("loader"));
    assert_passed("first::begins", &command.output().unwrap());
    let told = std::fs::read_dir(dir.path()).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
    told.into_iter().any(|told| String::from_utf8_lossy(&told).contains("libtorch_cuda.so"))
}

#[test]
fn whatever_comes_first_loads_cuda() {
    if !libtorch_folder().unwrap().join("libtorch_cuda.so").exists() {
        return skipped("whatever_comes_first_loads_cuda", "this libtorch was built without CUDA");
    }
    for (first, _) in FIRST {
        assert!(looks_for_cuda(first, ""), "{first}");
    }
    assert!(!looks_for_cuda("Sequential::new_on", "cpu"), "not asked for");
}
