//! The device and the library behind it.

use crate::common::{assert_passed, assert_refused, command_of};
use gan_nb::Device;
use gan_nb::platform::device::{libtorch_folder, mapped};
use std::path::Path;

/// Whether this libtorch has CUDA and what CUDA needs: cuDNN lies beside it in the plain archive, and in a folder
/// beside torch's own where Python's wheels are installed. The small flavour that the set-up takes for a CPU has none.
fn is_cuda_flavour(lib: &Path) -> bool {
    let holds_cudnn = |folder: &Path| {
        let names = folder.read_dir().into_iter().flatten().flatten().map(|entry| entry.file_name());
        names.into_iter().any(|name| name.to_string_lossy().starts_with("libcudnn.so"))
    };
    let wheel = lib.ancestors().nth(2).map(|site_packages| site_packages.join("nvidia/cudnn/lib"));
    lib.join("libtorch_cuda.so").exists() && (holds_cudnn(lib) || wheel.is_some_and(|folder| holds_cudnn(&folder)))
}

#[test]
fn the_device_says_what_it_is_and_why() {
    let device = Device::best();
    let shown = device.to_string();
    let reason = if device.tch.is_cuda() { ("CUDA (cuda:", "CUDA device(s) found)") } else { ("CPU (", " threads") };
    assert!(shown.starts_with(reason.0) && shown.contains(reason.1), "{shown}");
    let has_driver = ["/dev/nvidiactl", "/usr/lib/wsl/lib/libcuda.so.1"].iter().any(|sign| Path::new(sign).exists());
    if !has_driver {
        // Nothing is wrong where there is no GPU, whatever flavour libtorch has.
        let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let bfloat16 = if cpu.contains("avx512_bf16") { ", fast in bfloat16" } else { "" };
        assert_eq!(shown, format!("CPU ({} threads{bfloat16})", tch::get_num_threads()));
        assert_eq!(device.has_fast_16_bits(), !bfloat16.is_empty());
    }
    assert!(std::ptr::eq(device, Device::best()), "decided once");
    let x = tch::Tensor::ones([2, 2], (tch::Kind::Float, device.tch));
    assert_eq!(x.matmul(&x).sum(tch::Kind::Float).double_value(&[]), 8.0);
}

#[test]
#[cfg(target_os = "linux")]
fn libtorch_cuda_is_loaded_where_it_can_be() {
    let lib = libtorch_folder().unwrap();
    assert!(lib.join("libtorch_cpu.so").is_file(), "{}", lib.display());
    let device = Device::best();
    let loaded = mapped("libtorch_cuda.so");
    if std::env::var("GAN_NB_DEVICE").is_ok_and(|name| name == "cpu") {
        assert_eq!((loaded, device.tch), (None, tch::Device::Cpu), "not asked for");
    } else if is_cuda_flavour(&lib) {
        assert_eq!(loaded.unwrap().parent(), Some(lib.as_path()), "beside libtorch_cpu.so");
        let is_asked_for = std::env::var("GAN_NB_DEVICE").is_ok_and(|name| name != "cpu");
        assert!(device.tch.is_cuda() == tch::Cuda::is_available() || is_asked_for);
    } else {
        assert_eq!(loaded, None);
        assert_eq!(device.tch, tch::Device::Cpu);
    }
    assert_eq!(mapped("no_such_library.so"), None);
}

#[test]
#[ignore = "started by the next test"]
fn asks_for_a_device() {
    Device::best();
    Device::best();
}

/// What a process with these variables says of them on standard error.
fn told_of(variables: &[(&str, &str)]) -> Vec<String> {
    let mut command = command_of("device::asks_for_a_device");
    command.env_remove("GAN_NB_TF32").env_remove("GAN_NB_KEEP_MEMORY").envs(variables.iter().copied());
    let output = command.output().unwrap();
    assert_passed("device::asks_for_a_device", &output);
    let lines = String::from_utf8(output.stderr).unwrap();
    lines.lines().filter(|line| line.contains("GAN_NB_")).map(String::from).collect()
}

#[test]
fn a_switch_that_is_neither_1_nor_0_is_told_once() {
    let wrong = told_of(&[("GAN_NB_TF32", "yes"), ("GAN_NB_KEEP_MEMORY", "no")]);
    assert_eq!(
        wrong,
        [
            "GAN_NB_KEEP_MEMORY is no, expected 1 or 0. It is ignored: freed memory is kept.",
            "GAN_NB_TF32 is yes, expected 1 or 0. It is ignored: CUDA computes in full float32.",
        ]
    );
    for (tf32, keep) in [("1", "0"), ("0", "1"), ("", "")] {
        assert!(told_of(&[("GAN_NB_TF32", tf32), ("GAN_NB_KEEP_MEMORY", keep)]).is_empty(), "{tf32:?}, {keep:?}");
    }
}

/// A lesson goes on; the command line and `choose` don't.
#[test]
fn a_device_that_can_not_be_had_is_told_once_and_ignored() {
    let words = "GAN_NB_DEVICE is \"tpu\", expected cpu, cuda or cuda:N. GPUs count from 0. It is ignored.";
    assert_eq!(told_of(&[("GAN_NB_DEVICE", "tpu")]), [words]);
    let [line] = &told_of(&[("GAN_NB_DEVICE", "cuda:99")])[..] else { panic!("not one line") };
    assert!(line.starts_with("GAN_NB_DEVICE is cuda:99, expected cpu") && line.ends_with(" It is ignored."), "{line}");
    assert!(told_of(&[("GAN_NB_DEVICE", "cpu")]).is_empty());
}

#[test]
#[ignore = "started by the next test"]
fn chooses() {
    assert_refused(Device::choose(Some("cuda:99")), &["the device is cuda:99, expected cpu"]);
    assert_refused(Device::choose(Some("none")), &["the device is \"none\", expected cpu, cuda or cuda:N"]);
    // Neither has decided anything.
    assert_eq!(Device::choose(Some("CPU")).unwrap().tch, tch::Device::Cpu);
    assert_eq!((Device::best().tch, Device::best().name()), (tch::Device::Cpu, "cpu".into()));
    assert_eq!(Device::choose(None).unwrap().name(), "cpu");
    let parts = ["the device is cuda:0, expected cpu, which this process uses already", "before anything else"];
    assert_refused(Device::choose(Some("cuda")), &parts);
}

#[test]
fn a_chosen_device_is_the_process_s_or_an_error() {
    assert_passed("device::chooses", &command_of("device::chooses").env_remove("GAN_NB_DEVICE").output().unwrap());
}
