//! What only a GPU can show. Without one each test says "skipped" on standard error and passes.

use crate::common::kept::{PLANNED, Stopper, data};
use crate::common::{
    assert_close, assert_passed, assert_refused, command_of, device, noise, numbers, printed_by, skipped,
};
use gan_nb::Error;
use gan_nb::data::Shapes;
use gan_nb::metrics::ssim;
use gan_nb::nn::{Adam, Dense, Optimizer, Sequential};
use gan_nb::platform::device::Device;
use gan_nb::runs::Run;
use gan_nb::train::{Gan, GanConfig};
use std::path::Path;
use tch::{Kind, Tensor};

/// The GPU, or none and a line that the harness does not swallow.
pub fn gpu(test: &str) -> Option<tch::Device> {
    let found = device();
    if !found.is_cuda() {
        skipped(test, &format!("not on a GPU ({})", Device::best()));
    }
    Some(found).filter(|found| found.is_cuda())
}

/// Of all networks.
pub fn bits(gan: &mut Gan) -> Vec<Vec<u32>> {
    let bits = |x: Tensor| numbers(&x).into_iter().map(f32::to_bits).collect();
    gan.network_weights().into_iter().map(|(_, weight)| bits(weight)).collect()
}

fn keep_in(gan: Gan, folder: &Path) -> Gan {
    gan.keep_in(Run::create(folder).unwrap().checkpoint_every(5))
}

/// Two runs and one that is interrupted, in a process with the variable.
#[test]
#[ignore = "started by the next test"]
fn trains_three_times() {
    let dir = tempfile::tempdir().unwrap();
    let train = |folder: &str, observer: &mut Stopper| {
        let mut gan = keep_in(Gan::new(GanConfig::dcgan()).unwrap(), &dir.path().join(folder));
        gan.train_observed(&data(), PLANNED, 8, 5, observer).unwrap();
        bits(&mut gan)
    };
    let (first, again) = (train("a", &mut Stopper::never()), train("b", &mut Stopper::never()));
    train("c", &mut Stopper::at(7));
    let resumed = train("c", &mut Stopper::never());
    println!("again {}, resumed {}", first == again, first == resumed);
}

#[test]
fn with_deterministic_kernels_a_seed_gives_the_same_bits() {
    if gpu("with_deterministic_kernels_a_seed_gives_the_same_bits").is_none() {
        return;
    }
    let child = "cuda::trains_three_times";
    let told = |value: &str| {
        let mut command = command_of(child);
        assert_passed(child, &command.env("GAN_NB_DETERMINISTIC", value).output().unwrap())
    };
    let printed = told("1");
    assert!(printed.contains("again true, resumed true"), "{printed}");
    // Without it they may differ: no promise, so no assertion, but worth reading.
    eprintln!("without GAN_NB_DETERMINISTIC: {}", told("0"));
}

#[test]
fn a_batch_that_the_gpu_can_not_hold_is_our_own_error_in_the_lessons_loop_too() {
    let Some(device) = gpu("a_batch_that_the_gpu_can_not_hold") else { return };
    let mut gan = Gan::new(GanConfig::tutorial()).unwrap();
    // 16 million noises make images of 200 GB, and their layers hundreds more.
    let step = |gan: &Gan, count: i64| -> gan_nb::Result<Tensor> {
        let z = Tensor::f_randn([count, 100], (Kind::Float, device))?;
        gan.generator.forward(&z, true)
    };
    let error = step(&gan, 1 << 24).unwrap_err();
    assert!(matches!(error, Error::Memory { .. }), "{error}");
    assert!(error.to_string().lines().count() == 1, "{error}");
    assert_eq!(step(&gan, 8).unwrap().size(), [8, 32, 32, 3]);
    let many = Shapes::generate(20_000, 1).unwrap();
    assert!(gan.train_iteration(&many, 16).unwrap().read().unwrap().iter().all(|number| number.is_finite()));
}

#[test]
fn a_tensor_on_another_device_is_our_own_error() {
    let Some(device) = gpu("a_tensor_on_another_device") else { return };
    let gan = Gan::new(GanConfig::tutorial()).unwrap();
    let z = Tensor::randn([4, 100], (Kind::Float, tch::Device::Cpu));
    assert_refused(gan.generator.predict(&z), &["generator", "Cpu", &format!("{device:?}")]);
}

/// Numbers are read in blocks there, and none is lost.
#[test]
fn a_training_records_every_iteration() {
    if gpu("a_training_records_every_iteration").is_none() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut gan = keep_in(Gan::new(GanConfig::dcgan()).unwrap(), dir.path());
    let history = gan.train_observed(&Shapes::generate(256, 1).unwrap(), 600, 16, 300, &mut Stopper::never()).unwrap();
    assert_eq!(history.len(), 600);
    assert_eq!(Run::open(dir.path()).unwrap().history().unwrap(), history);
    assert!(history.seconds_each().iter().all(|seconds| *seconds > 0.0));
}

/// As on the CPU: a step whose gradients are not finite changes nothing and does not count.
#[test]
fn a_skipped_step_does_not_count_on_the_gpu() {
    let Some(device) = gpu("a_skipped_step_does_not_count_on_the_gpu") else { return };
    let run = |skipped: bool| {
        let mut model = Sequential::new_on(device, "line", [2], 1);
        model.add(Dense::new(1)).unwrap();
        let mut adam = Adam::new(model.trainable_weights());
        adam.scale_loss();
        let x = Tensor::ones([4, 2], (Kind::Float, device));
        let loss = |factor: f64| model.forward(&x, true).unwrap().mean(Kind::Float) * factor;
        if skipped {
            adam.minimize(&loss(f64::INFINITY)).unwrap();
            assert_eq!(adam.steps(), 0);
        }
        adam.minimize(&loss(1.0)).unwrap();
        assert_eq!(adam.steps(), 1);
        model.weights().into_iter().map(|(_, weight)| numbers(&weight.value)).collect::<Vec<_>>()
    };
    assert_eq!(run(true), run(false));
}

#[test]
fn mixed_precision_trains_and_is_resumed() {
    if gpu("mixed_precision_trains_and_is_resumed").is_none() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut gan = keep_in(Gan::new(GanConfig::dcgan()).unwrap().mixed_precision(), dir.path());
    gan.train_observed(&data(), 20, 8, 20, &mut Stopper::at(11)).unwrap();
    let mut resumed = Gan::resume(dir.path()).unwrap();
    assert_eq!(bits(&mut resumed), bits(&mut gan));
    assert_eq!(resumed.train_observed(&data(), 20, 8, 20, &mut Stopper::never()).unwrap().len(), 20);
}

/// What numbers of 24 bits become in products and convolutions, and in metrics.
#[test]
#[ignore = "started by the next test"]
fn multiplies() {
    let exact = 1.0 + 2f64.powi(-14); // TF32 has ten bits behind the point
    let x = Tensor::ones([256, 256], (Kind::Float, device())) * exact;
    let product = x.matmul(&Tensor::eye(256, (Kind::Float, device())));
    let image = x.view([1, 1, 256, 256]).repeat([8, 64, 1, 1]);
    let kernel = Tensor::eye(64, (Kind::Float, device())).view([64, 64, 1, 1]);
    let convolved = image.conv2d(&kernel, None::<&Tensor>, [1, 1], [0, 0], [1, 1], 1);
    println!("product exact {}, convolution exact {}", product == x, convolved == image);
    // Of two pictures of little contrast.
    let (a, b) = (noise(1, &[4, 32, 32, 3]) * 0.01 + 0.5, noise(2, &[4, 32, 32, 3]) * 0.01 + 0.5);
    let of = |device: tch::Device| numbers(&ssim(&a.to_device(device), &b.to_device(device)).unwrap());
    let expected: Vec<f64> = of(tch::Device::Cpu).into_iter().map(f64::from).collect();
    assert_close(&of(device()), &expected, 1e-3, "SSIM");
}

#[test]
fn full_float32_is_the_default_and_metrics_have_it_in_any_case() {
    if gpu("full_float32_is_the_default_and_metrics_have_it_in_any_case").is_none() {
        return;
    }
    for setting in ["", "0"] {
        let printed = printed_by("cuda::multiplies", &[("GAN_NB_TF32", setting)]);
        assert!(printed.contains("product exact true, convolution exact true"), "{setting:?}: {printed}");
    }
    // A GPU before Ampere has no TF32, so what it does to products is no assertion.
    printed_by("cuda::multiplies", &[("GAN_NB_TF32", "1")]);
}

/// As in notebook 01, whose networks are on the CPU, and notebook 02 after it.
#[test]
#[ignore = "started by the next test"]
fn learns_on_the_cpu_and_then_asks_for_the_gpu() {
    let mut model = Sequential::new_on(tch::Device::Cpu, "line", [2], 1);
    model.add(Dense::new(1)).unwrap();
    let y = model.forward(&Tensor::ones([4, 2], (Kind::Float, tch::Device::Cpu)), true).unwrap();
    y.mean(Kind::Float).backward();
    let mut gan = Gan::new(GanConfig::dcgan()).unwrap();
    assert!(gan.generator.device().is_cuda());
    gan.train_iteration(&data(), 8).unwrap().read().unwrap();
}

#[test]
fn gradients_on_the_cpu_do_not_hide_the_gpu() {
    if gpu("gradients_on_the_cpu_do_not_hide_the_gpu").is_some() {
        printed_by("cuda::learns_on_the_cpu_and_then_asks_for_the_gpu", &[]);
    }
}

#[test]
#[ignore = "started by the next test"]
fn uses_the_second_gpu() {
    let mut gan = Gan::new(GanConfig::dcgan()).unwrap().mixed_precision();
    assert_eq!((gan.generator.device(), Device::best().name()), (tch::Device::Cuda(1), "cuda:1".into()));
    for _ in 0..3 {
        assert!(gan.train_iteration(&data(), 8).unwrap().read().unwrap().iter().all(|number| number.is_finite()));
    }
    assert_eq!(gan.sample_images().unwrap().fixed.device(), tch::Device::Cuda(1));
}

#[test]
fn any_gpu_can_be_chosen() {
    if gpu("any_gpu_can_be_chosen").is_none() {
        return;
    }
    if tch::Cuda::device_count() < 2 {
        return skipped("any_gpu_can_be_chosen", "there is one GPU only");
    }
    printed_by("cuda::uses_the_second_gpu", &[("GAN_NB_DEVICE", "cuda:1")]);
}
