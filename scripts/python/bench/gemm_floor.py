"""The floor: only the iteration's matrix products, with libtorch's sgemm, all operands ready and nothing in between."""

import json

import torch

from bench import products, program


class Operands:
    """One layer's matrices, and the outputs of its three products."""

    def __init__(self, layer: products.Layer):
        def matrix(rows: int, columns: int) -> torch.Tensor:
            return torch.randn(rows, columns)

        self.x, self.w, self.y = matrix(layer.m, layer.k), matrix(layer.k, layer.n), matrix(layer.m, layer.n)
        self.output, self.w_gradient, self.x_gradient = map(torch.zeros_like, (self.y, self.w, self.x))

    def multiply(self, product: str) -> None:
        if product == "forward":
            torch.mm(self.x, self.w, out=self.output)
        elif product == "weights":
            torch.mm(self.x.T, self.y, out=self.w_gradient)
        else:
            torch.mm(self.y, self.w.T, out=self.x_gradient)


def main() -> None:
    settings = program.options()
    torch.set_num_threads(settings.threads)
    torch.manual_seed(42)
    networks = [products.generator(settings.batch_size), products.discriminator(settings.batch_size)]
    all_products = products.iteration(*[[Operands(layer) for layer in network] for network in networks])

    def iteration() -> None:
        for product, operands in all_products:
            operands.multiply(product)

    for _ in range(settings.warm_up):
        iteration()
    seconds = [program.timed(iteration) for _ in range(settings.iterations)]
    flop = products.flop(settings.batch_size)
    result = {"system": "GEMM floor", "threads": settings.threads, "batch_size": settings.batch_size, "flop": flop}
    print(json.dumps({**result, "iteration_seconds": seconds}))


if __name__ == "__main__":
    main()
