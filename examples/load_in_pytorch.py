"""Loads a version that declares its network into PyTorch, and reconstructs with it.

    python examples/load_in_pytorch.py models/fashion-ae/1 [x.npy [y.npy]]

The weights are a state_dict: its keys are those of the network that model.json declares. Prints how far the reconstructions of
x.npy, float32 [n, …input shape], are from x, and writes them to y.npy; without x.npy, prints the shape of random latents'
decodings.
"""

import json
import pathlib
import struct
import sys

import numpy as np
import torch
from torch import nn


class Skip(nn.Module):
    """Feeds the latent again to a layer of the decoder."""

    def __init__(self, latent_features, features):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(features, latent_features))

    def forward(self, h, z):
        skipped = z @ self.weight.T
        return h + (skipped if h.dim() == 2 else skipped[:, :, None, None])


class Residual(nn.Module):
    def __init__(self, layers):
        super().__init__()
        self.layers = Section(layers)

    def forward(self, h, z):
        return h + self.layers(h, z)


class Section(nn.ModuleList):
    """An nn.Sequential whose layers may want the latent as well."""

    def __init__(self, layers):
        ours = {"Skip": Skip, "Residual": Residual}
        super().__init__(
            (ours.get(layer["type"]) or getattr(nn, layer["type"]))(**{k: v for k, v in layer.items() if k != "type"})
            for layer in layers
        )

    def forward(self, h, z=None):
        for layer in self:
            h = layer(h, z) if isinstance(layer, (Skip, Residual)) else layer(h)
        return h


class Autoencoder(nn.Module):
    def __init__(self, manifest):
        super().__init__()
        for name, layers in manifest["network"].items():
            self.add_module(name, Section(layers))

    def encode(self, x):
        h = self.encoder(x)
        return self.mean(h) if hasattr(self, "mean") else h

    def decode(self, z):
        return self.decoder(z, z)


TYPES = {"F32": torch.float32, "F64": torch.float64, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64}


def state_dict(file):
    """What safetensors.torch.load_file does."""
    raw = pathlib.Path(file).read_bytes()
    start = 8 + struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8:start])
    header.pop("__metadata__", None)
    return {
        key: torch.frombuffer(bytearray(raw[start + a : start + b]), dtype=TYPES[entry["dtype"]]).reshape(entry["shape"])
        for key, entry in header.items()
        for a, b in [entry["data_offsets"]]
    }


def load(folder):
    folder = pathlib.Path(folder)
    manifest = json.loads((folder / "model.json").read_text())
    model = Autoencoder(manifest)
    known = model.state_dict()
    # A section of a single layer may have been saved without the layer's place: mean.weight for mean.0.weight.
    weights = {
        key if key in known else key.replace(".", ".0.", 1): value
        for key, value in state_dict(folder / "weights.safetensors").items()
    }
    missing, unexpected = model.load_state_dict(weights, strict=False)
    # Batch normalisation's counter is the only thing that evaluation does not need.
    assert not unexpected and all(key.endswith("num_batches_tracked") for key in missing), (missing, unexpected)
    return model.eval(), manifest


if __name__ == "__main__":
    model, manifest = load(sys.argv[1])
    with torch.no_grad():
        if len(sys.argv) > 2:
            x = torch.from_numpy(np.load(sys.argv[2]))
            y = model.decode(model.encode(x))
            print("mean squared error", float(((y - x) ** 2).mean()))
            if len(sys.argv) > 3:
                np.save(sys.argv[3], y.numpy())
        else:
            z = torch.randn(4, *manifest["latent"]["shape"])
            print("decoded", tuple(model.decode(z).shape))
