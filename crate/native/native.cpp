// What the layers and optimizers need from libtorch and tch does not bind. Every function calls ATen only, so libtorch's own
// kernels do the work, on the CPU and on CUDA alike; src/platform/ffi.rs documents what each one computes.
//
// No exception may cross into Rust: every function here is either `noexcept` and unable to throw, or runs in `guarded`.

#include <ATen/ATen.h>
#include <ATen/autocast_mode.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/csrc/autograd/grad_mode.h>

#include <cstring>
#include <exception>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

namespace {

using at::Tensor;

// A refusal of our own: the three parts of Rust's Error::Value.
struct Refusal {
    std::string name, found, expected;
};

// Starts and separates a refusal's parts on their way to Rust.
constexpr char SEPARATOR = '\x1f';

char out_of_memory[] = "not enough memory for an error message";

char *words_of(const std::string &text) noexcept {
    char *copy = strdup(text.c_str());
    return copy ? copy : out_of_memory; // null would mean success
}

// Runs `work`. Whatever it throws comes back as a message that Rust frees with gan_nb_free; null means success.
template <typename Work>
char *guarded(Work work) noexcept {
    try {
        try {
            work();
            return nullptr;
        } catch (const Refusal &refusal) {
            return words_of(SEPARATOR + refusal.name + SEPARATOR + refusal.found + SEPARATOR + refusal.expected);
        } catch (const c10::Error &error) {
            return words_of(error.what_without_backtrace());
        } catch (const std::exception &error) {
            return words_of(error.what());
        }
    } catch (...) {
        return out_of_memory; // an unknown exception, or no memory for the message
    }
}

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
    if (words != out_of_memory) free(words);
}

char *gan_nb_leaky_relu(Tensor **out, const Tensor *x, double alpha) noexcept {
    return guarded([&] { *out = new Tensor(at::leaky_relu(*x, alpha)); });
}

char *gan_nb_leaky_relu_in_place(Tensor *x, double alpha) noexcept {
    return guarded([&] { at::leaky_relu_(*x, alpha); });
}

char *gan_nb_adam(Tensor *const *weights, Tensor *const *gradients, Tensor *const *m, Tensor *const *v, size_t count,
                  double step, double rate, const Tensor *rate_on_device, double beta_1, double beta_2, double epsilon,
                  const Tensor *found_inf) noexcept {
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
        const auto options = at::TensorOptions().dtype(at::kFloat).device(params[0].device());
        // With the rate on the device, the corrections are already in it: after infinitely many steps the kernel's own are 1.
        const double steps_done = rate_on_device ? std::numeric_limits<double>::infinity() : step;
        const std::vector<Tensor> steps(count, at::full({}, steps_done, options));
        const auto skip = found_inf ? std::optional<Tensor>(*found_inf) : std::nullopt;
        const bool amsgrad = false, maximize = false;
        const double weight_decay = 0.0;
        if (rate_on_device) {
            at::_fused_adam_(params, grads, exp_avgs, exp_avg_sqs, {}, steps, *rate_on_device, beta_1, beta_2, weight_decay,
                             epsilon, amsgrad, maximize, /*grad_scale=*/{}, skip);
        } else {
            at::_fused_adam_(params, grads, exp_avgs, exp_avg_sqs, {}, steps, rate, beta_1, beta_2, weight_decay, epsilon,
                             amsgrad, maximize, /*grad_scale=*/{}, skip);
        }
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

char *gan_nb_update_scale(Tensor *scale, Tensor *growth_tracker, const Tensor *found_inf) noexcept {
    return guarded([&] {
        const at::NoGradGuard no_grad;
        at::_amp_update_scale_(*scale, *growth_tracker, *found_inf, /*growth=*/2.0, /*backoff=*/0.5, /*interval=*/2000);
    });
}

char *gan_nb_autocast(bool *before, bool cuda, bool on) noexcept {
    return guarded([&] {
        const auto device = cuda ? at::kCUDA : at::kCPU;
        *before = at::autocast::is_autocast_enabled(device);
        at::autocast::set_autocast_enabled(device, on);
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
