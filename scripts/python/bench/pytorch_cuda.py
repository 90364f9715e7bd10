"""The tutorial's iteration in PyTorch on a GPU: eager, channels_last, with autocast to bfloat16, and as one CUDA graph.

Free-running, as a training is: nothing is read until all iterations of a block have been asked for. All that an iteration needs
is drawn on the GPU.
"""

import argparse
import json
import time
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from bench import program
from bench.pytorch import LATENT, build_discriminator, build_generator, glorot

MODES = ["eager", "channels_last", "bfloat16", "graph", "graph_bfloat16"]
BLOCKS = 5


class Gan:
    def __init__(self, settings: argparse.Namespace):
        self.device, self.batch_size = torch.device(settings.device), settings.batch_size
        self.channels_last, self.bfloat16 = settings.mode != "eager", "bfloat16" in settings.mode
        pixels = torch.from_numpy(program.images(settings.data))
        pixels = pixels.permute(0, 2, 3, 1).contiguous() if self.channels_last else pixels.contiguous()
        self.pixels = pixels.to(self.device)
        form = torch.channels_last if self.channels_last else torch.contiguous_format

        def place(network: torch.nn.Module) -> torch.nn.Module:
            return network.apply(glorot).to(self.device, memory_format=form)

        self.generator, self.discriminator = place(build_generator(self.channels_last)), place(build_discriminator(self.channels_last))
        is_graph = settings.mode.startswith("graph")
        adam = {"lr": 1e-3, "eps": 1e-7, "fused": True, "capturable": is_graph}
        self.g_optimizer = torch.optim.Adam(self.generator.parameters(), **adam)
        self.d_optimizer = torch.optim.Adam(self.discriminator.parameters(), **adam)
        self.ones = torch.ones(self.batch_size, 1, device=self.device)
        self.zeros = torch.zeros(self.batch_size, 1, device=self.device)
        self.iteration = self.recorded() if is_graph else self.step_by_step

    def real_batch(self) -> Tensor:
        batch = self.pixels[torch.randint(0, len(self.pixels), (self.batch_size,), device=self.device)]
        batch = batch.float().sub_(127.5).div_(127.5)
        return batch.permute(0, 3, 1, 2) if self.channels_last else batch

    def noise(self) -> Tensor:
        return torch.randn(self.batch_size, LATENT, device=self.device)

    def autocast(self) -> torch.autocast:
        # Weights change within an iteration, so a recorded one must not keep their casts.
        return torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.bfloat16, cache_enabled=False)

    def learn(self, optimizer: torch.optim.Optimizer, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        optimizer.zero_grad(set_to_none=True)
        with self.autocast():
            logits = self.discriminator(images)
            loss = F.binary_cross_entropy_with_logits(logits, labels)
        loss.backward()
        optimizer.step()
        return loss.detach(), (logits > 0).float().mean()

    def step_by_step(self) -> Tensor:
        self.generator.eval()
        with torch.no_grad(), self.autocast():
            fakes = self.generator(self.noise())
        self.generator.train()
        real = self.learn(self.d_optimizer, self.real_batch(), self.ones)
        fake = self.learn(self.d_optimizer, fakes, self.zeros)
        self.discriminator.requires_grad_(False)
        with self.autocast():
            images = self.generator(self.noise())
        g_loss, _ = self.learn(self.g_optimizer, images, self.ones)
        self.discriminator.requires_grad_(True)
        return torch.stack([*real, *fake, g_loss])

    def recorded(self):
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(4):
                self.step_by_step()
        torch.cuda.current_stream().wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            metrics = self.step_by_step()

        def replay() -> Tensor:
            graph.replay()
            return metrics.clone()

        return replay


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mode", choices=MODES, required=True)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--iterations", type=int, default=200)
    parser.add_argument("--data", type=Path)
    settings = parser.parse_args()
    torch.manual_seed(42)
    torch.backends.cudnn.benchmark = True

    def block(gan: Gan, iterations: int) -> float:
        start = time.perf_counter()
        numbers = [gan.iteration() for _ in range(iterations)]
        torch.stack(numbers).tolist()  # waits for all of them
        return (time.perf_counter() - start) / iterations

    gan = Gan(settings)
    block(gan, max(settings.iterations // 10, 1))
    seconds = [block(gan, settings.iterations) for _ in range(BLOCKS)]
    print(json.dumps({"system": f"PyTorch {settings.mode}", "batch_size": settings.batch_size, "free_running_seconds": seconds}))


if __name__ == "__main__":
    main()
