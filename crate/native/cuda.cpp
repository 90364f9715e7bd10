// What needs CUDA's own headers: an iteration recorded as one CUDA graph, and what a GPU is like. Compiled to a library of its
// own, which src/platform/ffi/cuda.rs loads where libtorch's CUDA part is loaded.

#include "guard.h"

#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <cuda_runtime_api.h>

#include <memory>

using gan_nb::guarded;

namespace {

struct Graph {
    at::cuda::CUDAGraph recorded;
    c10::DeviceIndex device;
};

// From its construction until `end` or destruction, what this thread asks of the GPU is recorded and not done.
class Recording {
  public:
    // What other threads ask of the GPU meanwhile does not count.
    explicit Recording(Graph &graph) : graph(graph) {
        graph.recorded.capture_begin(/*pool=*/{0, 0}, cudaStreamCaptureModeThreadLocal);
    }

    void end() {
        open = false;
        graph.recorded.capture_end();
    }

    ~Recording() {
        if (!open) return;
        try {
            graph.recorded.capture_end();
        } catch (...) { // what broke the recording is told already
        }
    }

  private:
    Graph &graph;
    bool open = true;
};

} // namespace

extern "C" {

void gan_nb_cuda_free(char *words) noexcept {
    gan_nb::free_words(words);
}

// Calls `work` once, which returns whether all went well, and records what it asks of the GPU.
char *gan_nb_cuda_record(int device, bool (*work)(void *), void *context, void **result) noexcept {
    return guarded([&] {
        const c10::cuda::CUDAGuard on_device(static_cast<c10::DeviceIndex>(device));
        auto graph = std::make_unique<Graph>();
        graph->device = static_cast<c10::DeviceIndex>(device);
        // A recording needs a stream of its own, and nothing may be under way when it begins.
        c10::cuda::device_synchronize();
        const c10::cuda::CUDAStreamGuard on_stream(c10::cuda::getStreamFromPool(/*isHighPriority=*/false, graph->device));
        Recording recording(*graph);
        if (!work(context)) return;
        recording.end();
        *result = graph.release();
    });
}

char *gan_nb_cuda_replay(void *graph) noexcept {
    return guarded([&] {
        auto &own = *static_cast<Graph *>(graph);
        const c10::cuda::CUDAGuard on_device(own.device);
        own.recorded.replay();
    });
}

void gan_nb_cuda_forget(void *graph) noexcept {
    delete static_cast<Graph *>(graph);
}

// The bytes that this process can have: what is free, and what libtorch keeps for later.
char *gan_nb_cuda_room(int device, size_t *room) noexcept {
    return guarded([&] {
        const c10::cuda::CUDAGuard on_device(static_cast<c10::DeviceIndex>(device));
        size_t free = 0, total = 0;
        C10_CUDA_CHECK(cudaMemGetInfo(&free, &total));
        const auto stats = c10::cuda::CUDACachingAllocator::getDeviceStats(static_cast<c10::DeviceIndex>(device));
        *room = free + static_cast<size_t>(stats.reserved_bytes[0].current);
    });
}

// 80 for an A100, 90 for an H100.
char *gan_nb_cuda_capability(int device, int *capability) noexcept {
    return guarded([&] {
        int major = 0, minor = 0;
        C10_CUDA_CHECK(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device));
        C10_CUDA_CHECK(cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, device));
        *capability = 10 * major + minor;
    });
}

} // extern "C"
