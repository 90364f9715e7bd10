// The parts of libtorch that the layers need and tch does not bind. Each function calls only ATen, so libtorch's own kernels
// do the work, on the CPU and on CUDA; src/native.rs says what each computes.

#include <ATen/ATen.h>
#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/grad_mode.h>

#include <cstring>
#include <exception>
#include <vector>

namespace {

using at::Tensor;

// Runs `work` and returns the message of an exception, which Rust frees with gan_nb_free; null means success.
template <typename Work>
char *guarded(Work work) {
    try {
        work();
        return nullptr;
    } catch (const std::exception &error) {
        return strdup(error.what());
    } catch (...) {
        return strdup("an unknown error");
    }
}

std::vector<Tensor> tensors(Tensor *const *pointers, size_t count) {
    std::vector<Tensor> all;
    all.reserve(count);
    for (size_t i = 0; i < count; ++i) all.push_back(*pointers[i]);
    return all;
}

} // namespace

extern "C" {

void gan_nb_free(char *words) { free(words); }

char *gan_nb_leaky_relu(Tensor **out, const Tensor *x, double alpha) {
    return guarded([&] { *out = new Tensor(at::leaky_relu(*x, alpha)); });
}

char *gan_nb_leaky_relu_in_place(Tensor *x, double alpha) {
    return guarded([&] { at::leaky_relu_(*x, alpha); });
}

bool gan_nb_share_memory(const Tensor *a, const Tensor *b) { return a->is_alias_of(*b); }

char *gan_nb_adam(Tensor *const *weights, Tensor *const *gradients, Tensor *const *m, Tensor *const *v, size_t count,
                  double step, double rate, double beta_1, double beta_2, double epsilon, const Tensor *found_inf) {
    return guarded([&] {
        const at::NoGradGuard no_grad;
        auto grads = tensors(gradients, count);
        const auto params = tensors(weights, count);
        for (size_t i = 0; i < count; ++i) {
            // The kernel walks through memory, so all four must have the same memory order.
            if (grads[i].strides() != params[i].strides()) grads[i] = at::empty_like(params[i]).copy_(grads[i]);
        }
        const std::vector<Tensor> steps(count, at::full({}, step, params[0].options().requires_grad(false)));
        at::_fused_adam_(params, grads, tensors(m, count), tensors(v, count), {}, steps, rate, beta_1, beta_2, 0.0, epsilon,
                         /*amsgrad=*/false, /*maximize=*/false, /*grad_scale=*/{},
                         found_inf ? std::optional<Tensor>(*found_inf) : std::nullopt);
    });
}

char *gan_nb_unscale(Tensor **found_inf, Tensor *const *gradients, size_t count, Tensor *scale, Tensor *growth_tracker) {
    return guarded([&] {
        const at::NoGradGuard no_grad;
        Tensor found = at::zeros({1}, scale->options());
        at::_amp_foreach_non_finite_check_and_unscale_(tensors(gradients, count), found, scale->reciprocal());
        at::_amp_update_scale_(*scale, *growth_tracker, found, /*growth=*/2.0, /*backoff=*/0.5, /*interval=*/2000);
        *found_inf = new Tensor(found);
    });
}

bool gan_nb_autocast(bool cuda, bool on) {
    const auto device = cuda ? at::kCUDA : at::kCPU;
    const bool before = at::autocast::is_autocast_enabled(device);
    at::autocast::set_autocast_enabled(device, on);
    if (!on) at::autocast::clear_cache(); // it holds cast weights, which the next step changes
    return before;
}

void gan_nb_allow_tf32(bool allow) {
    at::globalContext().setAllowTF32CuBLAS(allow);
    at::globalContext().setAllowTF32CuDNN(allow);
}

bool gan_nb_allows_tf32() {
    return at::globalContext().allowTF32CuBLAS() && at::globalContext().allowTF32CuDNN();
}

} // extern "C"
