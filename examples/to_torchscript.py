"""Makes a TorchScript twin of a version that declares its network, for whatever reads TorchScript and no manifest.

    python examples/to_torchscript.py models/fashion-vae/1 models/fashion-vae-ts/1

The folders end in the model's name and the version's number. The twin has model.pt with the methods encode, of a VAE with the mean
and the log-variance, and decode; and codes, metrics and provenance of the version that it was made of. Prints by how much the two
differ on random rows.
"""

import hashlib
import json
import pathlib
import shutil
import struct
import sys
import zipfile

import torch
from torch import nn

from load_in_pytorch import load


class Twin(nn.Module):
    """The methods that the service asks a module for."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def encode(self, x):
        h = self.model.encoder(x)
        if not hasattr(self.model, "mean"):
            return h
        mean = self.model.mean(h)
        return (mean, self.model.log_variance(h)) if hasattr(self.model, "log_variance") else mean

    def decode(self, z):
        return self.model.decode(z)


def trace(model, manifest):
    """The module as TorchScript. Nothing that a network can declare depends on the values or on how many rows there are."""
    rows = {"decode": torch.rand(2, *manifest["latent"]["shape"])}
    if manifest["kind"] != "ad":
        rows["encode"] = torch.rand(2, *manifest["input"]["shape"])
    with torch.no_grad():  # not checked here: difference() does
        return torch.jit.trace_module(Twin(model).requires_grad_(False).eval(), rows, check_trace=False)


def without_debugging(file):
    """Takes out what PyTorch notes of the machine that saved a module; nothing reads it but error messages."""
    with zipfile.ZipFile(file) as archive:
        entries = [(e.filename, archive.read(e)) for e in archive.infolist() if not e.filename.endswith(".debug_pkl")]
    with file.open("wb") as out, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in entries:
            entry = zipfile.ZipInfo(name)
            padding = -(out.tell() + 34 + len(name)) % 64  # tensors begin at multiples of 64 bytes
            entry.extra = b"FB" + struct.pack("<H", padding) + b"Z" * padding
            archive.writestr(entry, content)


def difference(model, file, manifest):
    """The largest one, on other rows and more of them than the module was traced with."""
    twin, eager = torch.jit.load(file), Twin(model)
    found = 0.0
    with torch.no_grad():
        for name, shape in [("decode", manifest["latent"]["shape"]), ("encode", manifest["input"]["shape"])]:
            if name == "decode" or manifest["kind"] != "ad":
                rows = torch.rand(5, *shape)
                pairs = [getattr(side, name)(rows) for side in (twin, eager)]
                ours, theirs = (torch.cat(p, 1) if isinstance(p, tuple) else p for p in pairs)
                found = max(found, float((ours - theirs).abs().max()))
    return found


def digest(file):
    return {"sha256": hashlib.sha256(file.read_bytes()).hexdigest(), "bytes": file.stat().st_size}


def convert(source, target):
    model, manifest = load(source)
    traced = trace(model, manifest)
    target.mkdir(parents=True)
    traced.save(target / "model.pt")
    without_debugging(target / "model.pt")
    for name in ("codes.safetensors", "density.safetensors"):
        if (source / name).exists():
            shutil.copyfile(source / name, target / name)
    twin = {key: manifest[key] for key in ("kind", "input", "latent")}
    twin = {"name": target.parent.name, "version": int(target.name), "format": "torchscript", **twin}
    twin["files"] = {file.name: digest(file) for file in sorted(target.iterdir())}
    twin["metrics"] = manifest.get("metrics", {})
    twin["provenance"] = {
        **manifest.get("provenance", {}),
        "torchScriptOf": "{}@{}".format(manifest["name"], source.name),
    }
    print("largest difference", difference(model, target / "model.pt", manifest))
    (target / "model.json").write_text(json.dumps(twin, indent=2) + "\n")  # last: it makes the folder a version


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: to_torchscript.py FOLDER_OF_THE_VERSION FOLDER_OF_THE_TWIN")
    convert(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve())
