"""The tutorial's iteration in PyTorch, as its users would write it: eager, in channels_last memory, compiled, or in bfloat16.

The semantics are Keras's: batch normalization with epsilon 1e-3 and momentum 0.8 (0.2 here), 'same' padding of the strided
convolutions on the right and at the bottom, Adam's epsilon 1e-7, fakes for the discriminator in inference mode.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from bench import program

MODES = ["eager", "channels_last", "compile", "bfloat16"]
LATENT = 100


class ToImage(nn.Module):
    """(B, 8·8·256) to (B, 256, 8, 8). In channels_last both have the same order in memory, so nothing is moved."""

    def __init__(self, channels_last: bool):
        super().__init__()
        self.channels_last = channels_last

    def forward(self, x: Tensor) -> Tensor:
        return x.view(-1, 8, 8, 256).permute(0, 3, 1, 2) if self.channels_last else x.view(-1, 256, 8, 8)


class ToVector(nn.Module):
    """(B, 256, 4, 4) to (B, 4096), likewise."""

    def __init__(self, channels_last: bool):
        super().__init__()
        self.channels_last = channels_last

    def forward(self, x: Tensor) -> Tensor:
        return (x.permute(0, 2, 3, 1) if self.channels_last else x).flatten(1)


def build_generator(channels_last: bool) -> nn.Module:
    def norm(channels: int) -> nn.Module:
        return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.2)

    return nn.Sequential(
        nn.Linear(LATENT, 8 * 8 * 256), nn.ReLU(inplace=True), ToImage(channels_last), norm(256),
        nn.ConvTranspose2d(256, 128, 4, stride=2, padding=1), nn.LeakyReLU(0.2, inplace=True), norm(128),
        nn.ConvTranspose2d(128, 64, 4, stride=2, padding=1), nn.LeakyReLU(0.2, inplace=True), norm(64),
        nn.Conv2d(64, 3, 3, padding=1), nn.Tanh(),
    )  # fmt: skip


def build_discriminator(channels_last: bool) -> nn.Module:
    def block(inputs: int, filters: int) -> list[nn.Module]:
        return [nn.ZeroPad2d((0, 1, 0, 1)), nn.Conv2d(inputs, filters, 3, stride=2), nn.LeakyReLU(0.2, inplace=True)]

    # Without the sigmoid: the loss takes logits.
    return nn.Sequential(*block(3, 64), *block(64, 128), *block(128, 256), ToVector(channels_last), nn.Linear(4 * 4 * 256, 1))


def glorot(module: nn.Module) -> None:
    """Keras's initial weights."""
    if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
        nn.init.xavier_uniform_(module.weight)
        nn.init.zeros_(module.bias)


class Gan:
    def __init__(self, settings):
        channels_last = settings.mode != "eager"
        pixels = torch.from_numpy(program.images(settings.data))
        # Bytes stay bytes; in channels_last they are stored as (N, H, W, C), and so is a gathered batch.
        self.pixels = pixels.permute(0, 2, 3, 1).contiguous() if channels_last else pixels.contiguous()
        self.channels_last, self.batch_size = channels_last, settings.batch_size
        self.bfloat16 = settings.mode == "bfloat16"
        form = torch.channels_last if channels_last else torch.contiguous_format
        generator, discriminator = build_generator(channels_last).apply(glorot), build_discriminator(channels_last).apply(glorot)
        self.generator, self.discriminator = generator.to(memory_format=form), discriminator.to(memory_format=form)
        # On the CPU, the times of Adam's three implementations differ by less than 1 %.
        self.g_optimizer = torch.optim.Adam(self.generator.parameters(), lr=1e-3, eps=1e-7, fused=True)
        self.d_optimizer = torch.optim.Adam(self.discriminator.parameters(), lr=1e-3, eps=1e-7, fused=True)
        self.ones, self.zeros = torch.ones(self.batch_size, 1), torch.zeros(self.batch_size, 1)
        if settings.mode == "compile":
            # The default mode was as fast as max-autotune, and faster in channels_last than without. Sizes never change;
            # each state (training or not, frozen or not) gets its own graph.
            self.generator = torch.compile(self.generator, dynamic=False)
            self.discriminator = torch.compile(self.discriminator, dynamic=False)

    def real_batch(self) -> Tensor:
        batch = self.pixels[torch.randint(0, len(self.pixels), (self.batch_size,))]
        batch = batch.float().sub_(127.5).div_(127.5)
        return batch.permute(0, 3, 1, 2) if self.channels_last else batch

    def noise(self, count: int) -> Tensor:
        return torch.randn(count, LATENT)

    def autocast(self) -> torch.autocast:
        """Around networks and loss, as PyTorch's documentation has it; bfloat16 needs no scale of the loss."""
        return torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.bfloat16)

    def d_step(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        self.d_optimizer.zero_grad(set_to_none=True)
        with self.autocast():
            logits = self.discriminator(images)
            loss = F.binary_cross_entropy_with_logits(logits, labels)
        loss.backward()
        self.d_optimizer.step()
        return loss, (logits > 0).float().mean()

    def g_step(self) -> Tensor:
        self.discriminator.requires_grad_(False)  # nobody needs its weights' gradients
        self.g_optimizer.zero_grad(set_to_none=True)
        with self.autocast():
            logits = self.discriminator(self.generator(self.noise(self.batch_size)))
            loss = F.binary_cross_entropy_with_logits(logits, self.ones)
        loss.backward()
        self.g_optimizer.step()
        self.discriminator.requires_grad_(True)
        return loss

    def iteration(self) -> list[float]:
        self.generator.eval()
        with torch.no_grad(), self.autocast():
            fakes = self.generator(self.noise(self.batch_size))
        self.generator.train()
        d_loss_real, taken_real = self.d_step(self.real_batch(), self.ones)
        d_loss_fake, taken_fake = self.d_step(fakes, self.zeros)
        g_loss = self.g_step()
        return torch.stack([d_loss_real.detach(), taken_real, d_loss_fake.detach(), taken_fake, g_loss.detach()]).tolist()

    def generate(self) -> Tensor:
        self.generator.eval()
        with torch.no_grad(), self.autocast():
            return self.generator(self.noise(program.GENERATED))


def main() -> None:
    settings = program.options(mode=MODES)
    torch.set_num_threads(settings.threads)
    torch.manual_seed(42)
    gan = Gan(settings)
    names = {"compile": "torch.compile", "bfloat16": "PyTorch channels_last, bfloat16"}
    name = names.get(settings.mode, f"PyTorch {settings.mode}")
    program.measure(name, settings, gan.iteration, gan.generate)


if __name__ == "__main__":
    main()
