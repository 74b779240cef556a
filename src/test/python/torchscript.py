"""Makes the tiny TorchScript files of src/test/resources/torchscript. Run with PyTorch from the repository's root."""

import pathlib
import sys

import torch
from torch import nn

sys.path.insert(0, "examples")
from to_torchscript import without_debugging  # noqa: E402

ROOT = pathlib.Path("src/test/resources/torchscript")


class Ae(nn.Module):
    """Methods encode and decode; forward is something else, and must not be taken for the decoder."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(6, 2), nn.Dropout(0.5))
        self.decoder = nn.Sequential(nn.Linear(2, 6), nn.BatchNorm1d(6), nn.Dropout(0.5))

    @torch.jit.export
    def encode(self, x):
        return self.encoder(x)

    @torch.jit.export
    def decode(self, z):
        return self.decoder(z)

    def forward(self, x):
        return self.decode(self.encode(x))


class Vae(nn.Module):
    """encode gives a tuple."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(6, 2)
        self.decoder = nn.Linear(2, 6)

    @torch.jit.export
    def encode(self, x):
        z = self.encoder(x)
        return z, z - 1

    @torch.jit.export
    def decode(self, z):
        return self.decoder(z)

    def forward(self, x):
        return self.decode(self.encode(x)[0])


class EncodeOnly(nn.Module):
    @torch.jit.export
    def encode(self, x):
        return x

    def forward(self, x):
        return x


class Affine(nn.Module):
    """decode(z) = z W' + b with known numbers: the best latent is the solution of a ridge regression."""

    def __init__(self, outputs, latents):
        super().__init__()
        i = torch.arange(outputs).float()[:, None]
        j = torch.arange(latents).float()[None]
        self.weight = nn.Parameter(torch.sin(1 + 3 * i + 7 * j + i * j))
        self.bias = nn.Parameter(torch.cos(i[:, 0]))

    def forward(self, z):
        return nn.functional.linear(z, self.weight, self.bias)


class Sigmoid(Affine):
    def forward(self, z):
        return torch.sigmoid(nn.functional.linear(z, self.weight, self.bias))


class Detached(Affine):
    """No gradient flows through it."""

    def forward(self, z):
        return nn.functional.linear(z.detach(), self.weight, self.bias)


class Tanh(nn.Module):
    """Latent maps [2, 3, 3] to images [1, 6, 6]; not linear."""

    def __init__(self):
        super().__init__()
        self.up = nn.ConvTranspose2d(2, 1, 2, 2)

    def forward(self, z):
        return torch.tanh(self.up(z))


class Broken(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 6)
        self.layer.weight.data[0, 0] = float("nan")

    def forward(self, z):
        return self.layer(z)


class Reshaping(nn.Module):
    """Traced with one row, it takes the 1 for a constant."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 6)

    def forward(self, z):
        return self.layer(z).reshape(int(z.shape[0]), 6)


def save(module, folder, file="model.pt", train=False):
    path = ROOT / folder
    path.mkdir(parents=True, exist_ok=True)
    torch.jit.save(torch.jit.script(module.train(train)), path / file)


torch.manual_seed(0)
# Saved in training mode: whoever loads it must switch dropout and batch normalisation to evaluation.
save(Ae(), "ae", train=True)
save(Vae(), "vae")
save(EncodeOnly(), "encode-only")
save(Affine(8, 3), "affine")
save(Sigmoid(8, 3), "sigmoid")
save(Detached(8, 3), "detached")
save(Tanh(), "map")
save(Broken(), "nan")
halves = Ae()
save(halves.encoder, "halves", "encoder.pt")
save(halves.decoder, "halves", "decoder.pt")

(ROOT / "traced").mkdir(exist_ok=True)
torch.jit.trace(Reshaping().eval(), torch.zeros(1, 2), check_trace=False).save(ROOT / "traced/model.pt")

for saved in ROOT.glob("*/*.pt"):
    without_debugging(saved)
