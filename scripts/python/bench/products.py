"""The matrix products that an iteration can't do without, derived from the two networks."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Layer:
    """One layer's product for a batch: (m, k) inputs by (k, n) weights; its two gradients are products of the same size.

    A convolution's inputs are its windows (im2col), one per row. A transposed convolution is the reverse: its products are
    the patterns that each pixel paints.
    """

    name: str
    m: int
    k: int
    n: int

    @property
    def flop(self) -> int:
        """One multiplication and one addition per term; the same for the layer and for either gradient."""
        return 2 * self.m * self.k * self.n


def generator(batch: int) -> list[Layer]:
    return [
        Layer("dense", batch, 100, 8 * 8 * 256),
        Layer("conv2d_transpose", batch * 8 * 8, 256, 4 * 4 * 128),
        Layer("conv2d_transpose_1", batch * 16 * 16, 128, 4 * 4 * 64),
        # With stride 1, windows and patterns are the same work; the product with three columns of windows would be slower.
        Layer("conv2d", batch * 32 * 32, 64, 3 * 3 * 3),
    ]


def discriminator(batch: int) -> list[Layer]:
    return [
        Layer("conv2d", batch * 16 * 16, 3 * 3 * 3, 64),
        Layer("conv2d_1", batch * 8 * 8, 3 * 3 * 64, 128),
        Layer("conv2d_2", batch * 4 * 4, 3 * 3 * 128, 256),
        Layer("dense", batch, 4 * 4 * 256, 1),
    ]


def iteration(g: list, d: list) -> list[tuple[str, object]]:
    """Each product of an iteration, in order: its kind ("forward", "weights", "inputs") and its layer.

    Left out are the gradients of the frozen discriminator's weights, and those of inputs that no layer made: the noise, and
    the images while the discriminator learns.
    """

    def forward(network: list) -> list:
        return [("forward", layer) for layer in network]

    def backward(network: list, weights: bool, first_inputs: bool) -> list:
        products = []
        for i in reversed(range(len(network))):
            if weights:
                products.append(("weights", network[i]))
            if i > 0 or first_inputs:
                products.append(("inputs", network[i]))
        return products

    d_step = forward(d) + backward(d, weights=True, first_inputs=False)
    g_step = forward(g) + forward(d)
    g_step += backward(d, weights=False, first_inputs=True) + backward(g, weights=True, first_inputs=False)
    fakes = forward(g)
    return fakes + d_step + d_step + g_step


def flop(batch: int) -> int:
    return sum(layer.flop for _, layer in iteration(generator(batch), discriminator(batch)))
