"""Fills the manifests of trained Fashion-MNIST models with what only a run over the data tells.

    python describe_models.py MODELS FASHION_MNIST

MODELS is a model repository (MODELS/<name>/<version>/model.json), such as src/test/resources/reference; FASHION_MNIST is a folder
with the four IDX files. For every version it writes codes.safetensors where there is an encoder (the means of the first 1 000
training images), and into model.json: name, files (SHA-256 and size), provenance, and the metrics of the 10 000 test images.
metrics.testMse is the mean over images of the squared error per pixel, metrics.errorQuantiles the quantiles of that error over images.
"""

import gzip
import hashlib
import json
import pathlib
import struct
import sys

import numpy as np
import torch

PROBABILITIES = [0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1]
PRIOR = 0.01  # of |z|^2, beside a squared error summed over pixels: what the auto-decoder was trained with
WIDTH = 130


def images(file):
    """An IDX file of images as float32 [n, 1, height, width] in [0, 1]."""
    raw = gzip.decompress(file.read_bytes())
    _, n, height, width = struct.unpack(">4I", raw[:16])
    pixels = np.frombuffer(raw, np.uint8, offset=16).reshape(n, 1, height, width)
    return torch.from_numpy(pixels.astype(np.float32) / 255)


def read_safetensors(file):
    """Float32 tensors by name; others (batch norm's counters) are left out."""
    raw = file.read_bytes()
    start = 8 + struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8:start])
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__" and entry["dtype"] == "F32":
            begin, end = entry["data_offsets"]
            values = np.frombuffer(raw[start + begin : start + end], np.float32)
            tensors[name] = torch.from_numpy(values.copy()).reshape(entry["shape"])
    return tensors


def write_safetensors(file, name, array):
    header = json.dumps({name: {"dtype": "F32", "shape": list(array.shape), "data_offsets": [0, array.nbytes]}})
    header += " " * (-len(header) % 8)  # the data starts on a multiple of eight
    file.write_bytes(struct.pack("<Q", len(header)) + header.encode() + array.astype("<f4").tobytes())


class Network(torch.nn.Module):
    """The network that a manifest declares."""

    def __init__(self, network, weights):
        super().__init__()
        for part, layers in network.items():
            self.add_module(part, torch.nn.Sequential(*(layer(**declared) for declared in layers)))
        # A head of one Linear is saved as mean.weight, a Sequential names it mean.0.weight.
        known = self.state_dict()
        named = {k if k in known else k.replace(".", ".0.", 1): v for k, v in weights.items()}
        missing, left_over = self.load_state_dict(named, strict=False)
        missing = [k for k in missing if not k.endswith("num_batches_tracked")]
        assert not missing and not left_over, f"missing {missing}, left over {left_over}"

    def encode(self, x):
        h = self.encoder(x)
        return (self.mean(h), self.log_variance(h)) if hasattr(self, "mean") else h

    def decode(self, z):
        return self.decoder(z)


def layer(type, **arguments):
    return getattr(torch.nn, type)(**arguments)


def load(folder, manifest):
    if manifest["format"] == "torchscript":
        model = torch.jit.load(folder / "model.pt")
    else:
        model = Network(manifest["network"], read_safetensors(folder / "weights.safetensors"))
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    return model.eval()


def mean_code(model, x):
    encoded = model.encode(x)
    return encoded[0] if isinstance(encoded, tuple) else encoded


def fit(decode, x, codes, steps=200, rate=0.1):
    """The latents of an auto-decoder by test-time optimisation: Adam from the nearest training code, the best one seen is kept."""
    decoded = decode(codes).flatten(1)
    z = codes[torch.cdist(x.flatten(1), decoded).argmin(1)].clone().requires_grad_(True)
    best, best_z = torch.full((len(x),), torch.inf), z.detach().clone()
    first, second = torch.zeros_like(z), torch.zeros_like(z)  # Adam's moments
    for step in range(1, steps + 1):
        objective = (decode(z) - x).square().flatten(1).sum(1) + PRIOR * z.square().sum(1)
        (gradient,) = torch.autograd.grad(objective.sum(), z)
        with torch.no_grad():
            better = objective < best
            best[better], best_z[better] = objective[better], z[better]
            first += 0.1 * (gradient - first)
            second += 0.001 * (gradient.square() - second)
            cosine = 0.5 * (1 + np.cos(np.pi * (step - 1) / steps))
            z -= rate * cosine * first / (1 - 0.9**step) / ((second / (1 - 0.999**step)).sqrt() + 1e-8)
    return best_z


def errors(model, manifest, folder, x):
    """The mean squared error of every image after it went through the model: float64 [n]."""
    found = []
    for batch in x.split(1000):
        if manifest["kind"] == "ad":
            z = fit(model.decode, batch, read_safetensors(folder / "codes.safetensors")["codes"])
        else:
            z = mean_code(model, batch)
        found.append((model.decode(z) - batch).double().square().flatten(1).mean(1))
    return torch.cat(found).numpy()


def rounded(value):
    """Six digits: more would be the machine's."""
    return float(f"{value:.6g}")


def describe(folder, train, test):
    manifest_file = folder / "model.json"
    manifest = json.loads(manifest_file.read_text())
    model = load(folder, manifest)
    if manifest["kind"] != "ad":
        codes = mean_code(model, train[:1000])
        write_safetensors(folder / "codes.safetensors", "codes", codes.numpy())
    held_out = errors(model, manifest, folder, test)
    for key in ("files", "metrics", "provenance"):
        manifest.pop(key, None)
    manifest["name"] = folder.parent.name
    manifest["version"] = int(folder.name)
    manifest["files"] = {
        file.name: {"sha256": hashlib.sha256(file.read_bytes()).hexdigest(), "bytes": file.stat().st_size}
        for file in sorted(folder.iterdir())
        if file != manifest_file
    }
    quantiles = np.quantile(held_out, PROBABILITIES)
    manifest["metrics"] = {
        "testMse": rounded(held_out.mean()),
        "errorQuantiles": {f"{p:g}": rounded(q) for p, q in zip(PROBABILITIES, quantiles)},
    }
    manifest["provenance"] = {"framework": "PyTorch 2.13", "dataset": "Fashion-MNIST (MIT licence)"}
    manifest_file.write_text(pretty(manifest) + "\n")
    print(manifest["name"], manifest["metrics"])


def pretty(value, indent=0, column=0):
    """JSON indented by two, with what has no objects inside it and fits on a line on one line."""
    line = json.dumps(value, ensure_ascii=False)
    nested = isinstance(value, dict) and any(isinstance(v, dict) for v in value.values())
    if not isinstance(value, (dict, list)) or not value or (not nested and indent > 0 and column + len(line) <= WIDTH):
        return line
    pad = " " * (indent + 2)
    if isinstance(value, dict):
        parts = [pad + json.dumps(k) + ": " + pretty(v, indent + 2, indent + len(k) + 6) for k, v in value.items()]
    else:
        parts = [pad + pretty(v, indent + 2, indent + 2) for v in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return opening + "\n" + ",\n".join(parts) + "\n" + " " * indent + closing


if __name__ == "__main__":
    repository, dataset = (pathlib.Path(argument) for argument in sys.argv[1:3])
    torch.set_num_threads(1)
    training = images(dataset / "train-images-idx3-ubyte.gz")
    testing = images(dataset / "t10k-images-idx3-ubyte.gz")
    for described in sorted(repository.glob("*/*/model.json")):
        describe(described.parent, training, testing)
