// Convolutions in float, channels last, each of whose parts libtorch computes either as a convolution or as a matrix product.
//
// A convolution ties three tensors: the image (B, rows, columns, channels), the map (B, map rows, map columns, filters) and the
// kernel (filters, kernel, kernel, channels). From any two of them it makes the third:
//
//   SHRINK: image, kernel → map      what Conv2D computes
//   GROW:   map, kernel → image      what Conv2DTranspose computes
//   WEIGH:  image, map → kernel      what both learn from
//
// The gradients of each are the other two, so derivatives of any order are recorded by these three alone.

#include "guard.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <vector>

namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

enum What : int64_t { SHRINK, GROW, WEIGH };

// Windows are laid out for at most so many bytes at a time, or for one image: they are then still in the cache when they are
// multiplied.
constexpr int64_t MOST_BYTES = 4 << 20;

// As Rust sends it; src/platform/ffi/convolution.rs has the same order.
struct Geometry {
    int64_t rows, columns, channels;
    int64_t map_rows, map_columns, filters;
    int64_t kernel, strides;
    // Zeros before the image; those after it follow from the sizes.
    int64_t top, left;
    // Bit 1 << What: this part is a matrix product.
    int64_t products;

    // Up to the end of the last window.
    int64_t seen_rows() const { return (map_rows - 1) * strides + kernel; }
    int64_t seen_columns() const { return (map_columns - 1) * strides + kernel; }
    int64_t bottom() const { return std::max<int64_t>(0, seen_rows() - top - rows); }
    int64_t right() const { return std::max<int64_t>(0, seen_columns() - left - columns); }
    bool is_even() const { return top == bottom() && left == right(); }
    bool is_product(What what) const { return products >> what & 1; }

    // How many images' windows are laid out at a time.
    int64_t images_at_once(const Tensor &x) const {
        const int64_t bytes = map_rows * map_columns * kernel * kernel * channels * x.element_size();
        return std::max<int64_t>(1, MOST_BYTES / std::max<int64_t>(1, bytes));
    }
};

void check(const char *name, const Tensor &x, at::IntArrayRef sizes) {
    TORCH_CHECK(x.defined() && x.sizes() == sizes, "the convolution's ", name, " is ",
                x.defined() ? c10::str(x.sizes()) : "undefined", ", expected ", sizes);
}

Tensor padded(const Tensor &image, const Geometry &g) {
    if (g.top == 0 && g.left == 0 && g.bottom() == 0 && g.right() == 0) return image.contiguous();
    return at::constant_pad_nd(image, {0, 0, g.left, g.right(), g.top, g.bottom()}).contiguous();
}

// The image without its padding: `rows` and `columns` of it.
Tensor cropped(const Tensor &x, const Geometry &g) {
    return x.narrow(1, g.top, g.rows).narrow(2, g.left, g.columns).contiguous();
}

// Every window of a padded image as a row: (B · map rows · map columns, kernel · kernel · channels).
Tensor windows(const Tensor &x, const Geometry &g) {
    const int64_t line = x.size(2) * g.channels, run = g.kernel * g.channels;
    const auto view = x.as_strided({x.size(0), g.map_rows, g.map_columns, g.kernel, run},
                                   {x.size(1) * line, g.strides * line, g.strides * g.channels, line, 1}, x.storage_offset());
    return view.reshape({x.size(0) * g.map_rows * g.map_columns, g.kernel * run});
}

Tensor shrink_by_product(const Tensor &image, const Tensor &kernel, const Geometry &g) {
    const auto x = padded(image, g), matrix = kernel.contiguous().view({g.filters, -1}).t();
    auto map = at::empty({x.size(0), g.map_rows, g.map_columns, g.filters}, x.options());
    const int64_t step = g.images_at_once(x);
    for (int64_t i = 0; i < x.size(0); i += step) {
        const int64_t count = std::min(step, x.size(0) - i);
        auto part = map.narrow(0, i, count).view({-1, g.filters});
        at::mm_out(part, windows(x.narrow(0, i, count), g), matrix);
    }
    return map;
}

Tensor grow_by_product(const Tensor &map, const Tensor &kernel, const Geometry &g) {
    const auto y = map.contiguous(), matrix = kernel.contiguous().view({g.filters, -1});
    const int64_t rows = std::max(g.rows + g.top, g.seen_rows()), columns = std::max(g.columns + g.left, g.seen_columns());
    auto image = at::zeros({y.size(0), rows, columns, g.channels}, y.options());
    const int64_t step = g.images_at_once(y);
    for (int64_t i = 0; i < y.size(0); i += step) {
        const int64_t count = std::min(step, y.size(0) - i);
        const auto patterns = at::mm(y.narrow(0, i, count).view({-1, g.filters}), matrix)
                                  .view({count, g.map_rows, g.map_columns, g.kernel, g.kernel, g.channels});
        const auto part = image.narrow(0, i, count);
        for (int64_t row = 0; row < g.kernel; ++row)
            for (int64_t column = 0; column < g.kernel; ++column)
                part.slice(1, row, row + g.seen_rows() - g.kernel + 1, g.strides)
                    .slice(2, column, column + g.seen_columns() - g.kernel + 1, g.strides)
                    .add_(patterns.select(3, row).select(3, column));
    }
    return cropped(image, g);
}

Tensor weigh_by_product(const Tensor &image, const Tensor &map, const Geometry &g) {
    const auto x = padded(image, g), y = map.contiguous();
    auto kernel = at::empty({g.filters, g.kernel * g.kernel * g.channels}, x.options());
    const int64_t step = g.images_at_once(x);
    for (int64_t i = 0; i < x.size(0); i += step) {
        const int64_t count = std::min(step, x.size(0) - i);
        const auto part = y.narrow(0, i, count).view({-1, g.filters}).t(), rows = windows(x.narrow(0, i, count), g);
        if (i == 0) at::mm_out(kernel, part, rows);
        else kernel.addmm_(part, rows);
    }
    return kernel.view({g.filters, g.kernel, g.kernel, g.channels});
}

Tensor channels_first(const Tensor &x) { return x.permute({0, 3, 1, 2}); }
Tensor channels_last(const Tensor &x) { return x.permute({0, 2, 3, 1}).contiguous(); }

// libtorch pads both sides alike; other padding is written out.
std::vector<int64_t> padding(const Geometry &g) {
    return g.is_even() ? std::vector<int64_t>{g.top, g.left} : std::vector<int64_t>{0, 0};
}

Tensor shrink_by_convolution(const Tensor &image, const Tensor &kernel, const Geometry &g) {
    const auto x = g.is_even() ? image : padded(image, g);
    const std::vector<int64_t> strides(2, g.strides), ones(2, 1), zeros(2, 0);
    return channels_last(
        at::convolution(channels_first(x), channels_first(kernel), {}, strides, padding(g), ones, false, zeros, 1));
}

Tensor grow_by_convolution(const Tensor &map, const Tensor &kernel, const Geometry &g) {
    const int64_t rows = g.is_even() ? g.rows + 2 * g.top : std::max(g.rows + g.top, g.seen_rows());
    const int64_t columns = g.is_even() ? g.columns + 2 * g.left : std::max(g.columns + g.left, g.seen_columns());
    const std::vector<int64_t> strides(2, g.strides), ones(2, 1), more{rows - g.seen_rows(), columns - g.seen_columns()};
    const auto image = channels_last(
        at::convolution(channels_first(map), channels_first(kernel), {}, strides, padding(g), ones, true, more, 1));
    return g.is_even() ? image : cropped(image, g);
}

Tensor weigh_by_convolution(const Tensor &image, const Tensor &map, const Geometry &g) {
    const auto x = g.is_even() ? image : padded(image, g);
    const auto shape = at::empty({g.filters, g.kernel, g.kernel, g.channels}, x.options());
    const std::vector<int64_t> strides(2, g.strides), ones(2, 1), zeros(2, 0);
    const auto gradients =
        at::convolution_backward(channels_first(map), channels_first(x), channels_first(shape), at::OptionalIntArrayRef{},
                                 strides, padding(g), ones, false, zeros, 1, {false, true, false});
    return channels_last(std::get<1>(gradients));
}

// What is read by its strides must have exactly these sizes.
void check_both(int64_t what, const Tensor &a, const Tensor &b, const Geometry &g) {
    TORCH_CHECK(SHRINK <= what && what <= WEIGH, "part ", what, " of a convolution, expected 0, 1 or 2");
    const int64_t batch = a.defined() && a.dim() > 0 ? a.size(0) : 0;
    const std::vector<int64_t> image{batch, g.rows, g.columns, g.channels}, map{batch, g.map_rows, g.map_columns, g.filters},
        kernel{g.filters, g.kernel, g.kernel, g.channels};
    what == GROW ? check("map", a, map) : check("image", a, image);
    what == WEIGH ? check("map", b, map) : check("kernel", b, kernel);
}

Tensor compute(What what, const Tensor &a, const Tensor &b, const Geometry &g) {
    switch (what) {
    case SHRINK: return g.is_product(what) ? shrink_by_product(a, b, g) : shrink_by_convolution(a, b, g);
    case GROW: return g.is_product(what) ? grow_by_product(a, b, g) : grow_by_convolution(a, b, g);
    default: return g.is_product(what) ? weigh_by_product(a, b, g) : weigh_by_convolution(a, b, g);
    }
}

struct Part : torch::autograd::Function<Part> {
    static Tensor forward(AutogradContext *context, const Tensor &a, const Tensor &b, int64_t what, const Geometry &g) {
        context->save_for_backward({a, b});
        context->saved_data["what"] = what;
        context->saved_data["geometry"] = std::vector<int64_t>{g.rows, g.columns, g.channels, g.map_rows, g.map_columns,
                                                               g.filters, g.kernel, g.strides, g.top, g.left, g.products};
        // The result is new memory, whatever views of it were taken on the way: it may be written over.
        const at::AutoDispatchBelowADInplaceOrView below;
        return compute(static_cast<What>(what), a, b, g);
    }

    static variable_list backward(AutogradContext *context, variable_list gradients) {
        const auto saved = context->get_saved_variables();
        const auto v = context->saved_data["geometry"].toIntVector();
        const Geometry g{v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10]};
        const auto &a = saved[0], &b = saved[1], &d = gradients[0];
        Tensor of_a, of_b;
        const auto into = [&](size_t i, Tensor &gradient, What what, const Tensor &x, const Tensor &y) {
            if (context->needs_input_grad(i)) gradient = apply(x, y, what, g);
        };
        switch (static_cast<What>(context->saved_data["what"].toInt())) {
        case SHRINK: into(0, of_a, GROW, d, b), into(1, of_b, WEIGH, a, d); break;
        case GROW: into(0, of_a, SHRINK, d, b), into(1, of_b, WEIGH, d, a); break;
        case WEIGH: into(0, of_a, GROW, b, d), into(1, of_b, SHRINK, a, d); break;
        }
        return {of_a, of_b, Tensor(), Tensor()};
    }
};

} // namespace

extern "C" {

char *gan_nb_convolution(Tensor **out, int64_t what, const Tensor *a, const Tensor *b, const Geometry *geometry) noexcept {
    return gan_nb::guarded([&] {
        check_both(what, *a, *b, *geometry);
        *out = new Tensor(Part::apply(*a, *b, what, *geometry));
    });
}

} // extern "C"
