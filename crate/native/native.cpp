// What the layers and optimizers need from libtorch and tch does not bind. Every function calls ATen only, so libtorch's own
// kernels do the work, on the CPU and on CUDA alike; src/platform/ffi.rs documents what each one computes.
//
// No exception may cross into Rust: every function here is either `noexcept` and unable to throw, or runs in `guarded`.

#include "guard.h"

#include <ATen/ATen.h>
#include <ATen/autocast_mode.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <torch/csrc/autograd/grad_mode.h>

#include <sstream>
#include <string>
#include <vector>

namespace {

using at::Tensor;
using gan_nb::guarded;
using gan_nb::Refusal;

std::vector<Tensor> tensors(Tensor *const *pointers, size_t count) {
    std::vector<Tensor> all;
    all.reserve(count);
    for (size_t i = 0; i < count; ++i) all.push_back(*pointers[i]);
    return all;
}

std::string shown(const Tensor &x) {
    if (!x.defined()) return "undefined";
    std::ostringstream words;
    words << x.scalar_type() << ' ' << x.sizes();
    if (x.layout() == at::kStrided) words << " with strides " << x.strides();
    words << " on " << x.device();
    return words.str();
}

// The fused step walks through memory, so the tensors of a weight must hold each number once, without gaps, and in the same
// order. A tensor that does not, such as an expanded one, would be read and written beyond its end.
void check_dense(const char *name, size_t i, const Tensor &x) {
    if (x.defined() && x.layout() == at::kStrided && x.is_non_overlapping_and_dense()) return;
    throw Refusal{std::string(name) + ' ' + std::to_string(i) + " of the optimizer", shown(x),
                  "a dense tensor in which no two elements share memory"};
}

void check_like(const char *name, size_t i, const Tensor &x, const Tensor &weight, bool same_order) {
    if (x.defined() && x.layout() == at::kStrided && x.scalar_type() == weight.scalar_type() &&
        x.device() == weight.device() && x.sizes() == weight.sizes() && (!same_order || x.strides() == weight.strides()))
        return;
    throw Refusal{std::string(name) + ' ' + std::to_string(i) + " of the optimizer", shown(x), shown(weight) + ", as its weight"};
}

void check_same_place(size_t i, const Tensor &weight, const Tensor &first) {
    if (weight.scalar_type() == first.scalar_type() && weight.device() == first.device()) return;
    std::ostringstream expected;
    expected << first.scalar_type() << " on " << first.device() << ", as weight 0";
    throw Refusal{"weight " + std::to_string(i) + " of the optimizer", shown(weight), expected.str()};
}

} // namespace

extern "C" {

void gan_nb_free(char *words) noexcept {
    gan_nb::free_words(words);
}

char *gan_nb_leaky_relu(Tensor **out, const Tensor *x, double alpha) noexcept {
    return guarded([&] { *out = new Tensor(at::leaky_relu(*x, alpha)); });
}

char *gan_nb_leaky_relu_in_place(Tensor *x, double alpha) noexcept {
    return guarded([&] { at::leaky_relu_(*x, alpha); });
}

char *gan_nb_adam(Tensor *const *weights, Tensor *const *gradients, Tensor *const *m, Tensor *const *v, size_t count,
                  const Tensor *rate, double beta_1, double beta_2, double epsilon, const Tensor *found_inf) noexcept {
    return guarded([&] {
        const at::NoGradGuard no_grad;
        const auto params = tensors(weights, count), exp_avgs = tensors(m, count), exp_avg_sqs = tensors(v, count);
        auto grads = tensors(gradients, count);
        for (size_t i = 0; i < count; ++i) {
            check_dense("weight", i, params[i]);
            check_same_place(i, params[i], params[0]);
            check_like("moment m", i, exp_avgs[i], params[i], true);
            check_like("moment v", i, exp_avg_sqs[i], params[i], true);
            check_like("gradient", i, grads[i], params[i], false);
            if (grads[i].strides() != params[i].strides()) grads[i] = at::empty_like(params[i]).copy_(grads[i]);
        }
        // The corrections are already in the rate. After so many steps the kernel's own, 1 - beta^t, are 1.
        const auto options = at::TensorOptions().dtype(at::kFloat).device(params[0].device());
        const std::vector<Tensor> steps(count, at::full({}, 1e30, options));
        const auto skip = found_inf ? std::optional<Tensor>(*found_inf) : std::nullopt;
        at::_fused_adam_(params, grads, exp_avgs, exp_avg_sqs, {}, steps, *rate, beta_1, beta_2, /*weight_decay=*/0.0,
                         epsilon, /*amsgrad=*/false, /*maximize=*/false, /*grad_scale=*/{}, skip);
    });
}

char *gan_nb_unscale(Tensor **found_inf, Tensor *const *gradients, size_t count, const Tensor *scale) noexcept {
    return guarded([&] {
        const at::NoGradGuard no_grad;
        for (size_t i = 0; i < count; ++i) {
            // Two weights of a sum have one gradient between them, and that of a sum of all elements is a single number,
            // expanded: written over as they are, they would be divided more than once.
            Tensor &gradient = *gradients[i];
            const bool shared = gradient.use_count() > 1 || gradient.storage().use_count() > 1;
            if (shared || !gradient.is_non_overlapping_and_dense()) gradient = gradient.clone(at::MemoryFormat::Contiguous);
        }
        Tensor found = at::zeros({1}, scale->options());
        at::_amp_foreach_non_finite_check_and_unscale_(tensors(gradients, count), found, scale->reciprocal());
        *found_inf = new Tensor(found);
    });
}

char *gan_nb_upload(Tensor *to, const Tensor *from) noexcept {
    return guarded([&] {
        const at::NoGradGuard no_grad;
        // A recording would send this value again and again. (The tape tells of that, but not code in another cell's library.)
        TORCH_CHECK(!to->is_cuda() || !c10::impl::VirtualGuardImpl(at::kCUDA).getStream(to->device()).is_capturing(),
                    "a value of the host is sent");
        // CUDA reads pinned memory by itself while the host goes on; the allocator keeps it until that is done.
        const bool pin = to->is_cuda() && from->is_cpu();
        to->copy_(pin ? from->pin_memory() : *from, /*non_blocking=*/true);
    });
}

char *gan_nb_update_scale(Tensor *scale, Tensor *growth_tracker, const Tensor *found_inf) noexcept {
    return guarded([&] {
        const at::NoGradGuard no_grad;
        at::_amp_update_scale_(*scale, *growth_tracker, *found_inf, /*growth=*/2.0, /*backoff=*/0.5, /*interval=*/2000);
    });
}

char *gan_nb_autocast(bool *before, bool cuda, bool bfloat16, bool on) noexcept {
    return guarded([&] {
        const auto device = cuda ? at::kCUDA : at::kCPU;
        *before = at::autocast::is_autocast_enabled(device);
        at::autocast::set_autocast_enabled(device, on);
        if (on) at::autocast::set_autocast_dtype(device, bfloat16 ? at::kBFloat16 : at::kHalf);
        if (!on) at::autocast::clear_cache(); // cast weights, which the next step changes
    });
}

char *gan_nb_allow_tf32(bool products, bool convolutions) noexcept {
    return guarded([&] {
        at::globalContext().setAllowTF32CuBLAS(products);
        at::globalContext().setAllowTF32CuDNN(convolutions);
    });
}

char *gan_nb_allows_tf32(bool *products, bool *convolutions) noexcept {
    return guarded([&] {
        *products = at::globalContext().allowTF32CuBLAS();
        *convolutions = at::globalContext().allowTF32CuDNN();
    });
}

char *gan_nb_cuda_devices(size_t *count) noexcept {
    return guarded([&] {
        // Not through at::hasCUDA, which remembers what it found the first time.
        const auto *cuda = c10::impl::hasDeviceGuardImpl(at::kCUDA) ? c10::impl::getDeviceGuardImpl(at::kCUDA) : nullptr;
        *count = cuda ? static_cast<size_t>(cuda->deviceCount()) : 0;
    });
}

char *gan_nb_use_deterministic_algorithms() noexcept {
    return guarded([&] {
        auto &context = at::globalContext();
        context.setDeterministicAlgorithms(true, /*warn_only=*/false);
        context.setDeterministicCuDNN(true);
        context.setDeterministicMkldnn(true);
        context.setBenchmarkCuDNN(false);
    });
}

char *gan_nb_uses_deterministic_algorithms(bool *on) noexcept {
    return guarded([&] { *on = at::globalContext().deterministicAlgorithms() && !at::globalContext().benchmarkCuDNN(); });
}

} // extern "C"
