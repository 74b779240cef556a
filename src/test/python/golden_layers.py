"""Writes down what PyTorch's layers give, for the tests that compare ours with them.

Needs a Python with torch and numpy. Run from the root of the repository:

    python src/test/python/golden_layers.py

It replaces src/test/resources/golden/layers.json (the declarations) and layers.safetensors. For each case there are its
state_dict, `in`, `out` (of eval()), `direction`, `gradient` (of sum(out * direction) by `in`), and for cases with statistics
`training/out` and `training/<buffer>`, the same after one pass of train().
"""

import json
import pathlib
import struct

import numpy as np
import torch
from torch import nn

ROWS = 3
FOLDER = pathlib.Path("src/test/resources/golden")


class Skip(nn.Module):
    """Feeds the latent again: h + W z."""

    def __init__(self, latent_features, features):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(features, latent_features))

    def forward(self, h, z):
        skipped = nn.functional.linear(z, self.weight)
        return h + (skipped if h.dim() == 2 else skipped[:, :, None, None])


class Residual(nn.Module):
    """x + f(x)."""

    def __init__(self, layers):
        super().__init__()
        self.layers = build(layers)

    def forward(self, x):
        return x + self.layers(x)


def build(layers):
    return nn.Sequential(*(layer(**declared) for declared in layers))


def layer(type, **arguments):
    own = {"Skip": Skip, "Residual": Residual}
    # PyTorch wants tuples where JSON has lists; of Residual, the list is one of layers.
    if type != "Residual":
        arguments = {key: tuple(value) if isinstance(value, list) else value for key, value in arguments.items()}
    return (own.get(type) or getattr(nn, type))(**arguments)


def run(network, z):
    h = z
    for module in network:
        h = module(h, z) if isinstance(module, Skip) else module(h)
    return h


def case(name, shape, *layers):
    return {"name": name, "in": list(shape), "layers": list(layers)}


def L(type, **arguments):
    return {"type": type, **arguments}


CASES = [
    case("linear", [5], L("Linear", in_features=5, out_features=4)),
    case("linear-without-bias", [5], L("Linear", in_features=5, out_features=4, bias=False)),
    case("linear-over-the-last-dimension", [3, 5], L("Linear", in_features=5, out_features=4)),
    case("conv", [2, 7, 6], L("Conv2d", in_channels=2, out_channels=4, kernel_size=3)),
    case("conv-stride-padding", [2, 8, 8], L("Conv2d", in_channels=2, out_channels=4, kernel_size=4, stride=2, padding=1)),
    case("conv-pairs", [2, 9, 7], L("Conv2d", in_channels=2, out_channels=3, kernel_size=[3, 2], stride=[2, 1], padding=[0, 1])),
    case("conv-dilation", [2, 9, 9], L("Conv2d", in_channels=2, out_channels=3, kernel_size=3, dilation=[2, 3], padding=2)),
    case("conv-groups", [4, 6, 6], L("Conv2d", in_channels=4, out_channels=6, kernel_size=3, groups=2)),
    case("conv-depthwise-without-bias", [4, 6, 6], L("Conv2d", in_channels=4, out_channels=4, kernel_size=3, groups=4, bias=False, padding_mode="zeros")),
    case("conv-transpose", [3, 4, 5], L("ConvTranspose2d", in_channels=3, out_channels=2, kernel_size=3)),
    case("conv-transpose-stride-padding", [3, 4, 4], L("ConvTranspose2d", in_channels=3, out_channels=2, kernel_size=4, stride=2, padding=1)),
    case("conv-transpose-output-padding", [3, 4, 3], L("ConvTranspose2d", in_channels=3, out_channels=2, kernel_size=3, stride=[2, 3], padding=1, output_padding=[1, 2])),
    case("conv-transpose-dilation-groups", [4, 4, 4], L("ConvTranspose2d", in_channels=4, out_channels=6, kernel_size=[2, 3], dilation=2, groups=2)),
    case("conv-transpose-without-bias", [2, 3, 3], L("ConvTranspose2d", in_channels=2, out_channels=2, kernel_size=2, stride=2, bias=False)),
    case("batch-norm-1d", [6], L("BatchNorm1d", num_features=6)),
    case("batch-norm-1d-with-length", [4, 5], L("BatchNorm1d", num_features=4, eps=0.001, momentum=0.3)),
    case("batch-norm-1d-without-affine", [6], L("BatchNorm1d", num_features=6, affine=False)),
    case("batch-norm-2d", [3, 4, 4], L("BatchNorm2d", num_features=3)),
    case("batch-norm-2d-without-affine", [3, 4, 4], L("BatchNorm2d", num_features=3, affine=False, eps=0.01, track_running_stats=True)),
    case("layer-norm", [6], L("LayerNorm", normalized_shape=6)),
    case("layer-norm-over-images", [2, 3, 4], L("LayerNorm", normalized_shape=[3, 4], eps=0.001)),
    case("layer-norm-without-affine", [6], L("LayerNorm", normalized_shape=[6], elementwise_affine=False)),
    case("layer-norm-without-bias", [6], L("LayerNorm", normalized_shape=[6], bias=False)),
    case("group-norm", [6, 3, 3], L("GroupNorm", num_groups=2, num_channels=6)),
    case("group-norm-of-vectors-without-affine", [6], L("GroupNorm", num_groups=3, num_channels=6, affine=False, eps=0.01)),
    case("relu", [9], L("ReLU")),
    case("leaky-relu", [9], L("LeakyReLU")),
    case("leaky-relu-slope", [9], L("LeakyReLU", negative_slope=0.2)),
    case("elu", [9], L("ELU")),
    case("elu-alpha", [9], L("ELU", alpha=0.5)),
    case("gelu", [9], L("GELU")),
    case("gelu-tanh", [9], L("GELU", approximate="tanh")),
    case("silu", [9], L("SiLU")),
    case("tanh", [9], L("Tanh")),
    case("sigmoid", [9], L("Sigmoid")),
    case("softplus", [9], L("Softplus")),
    case("softplus-beta-threshold", [9], L("Softplus", beta=3, threshold=2)),
    case("flatten", [2, 3, 4], L("Flatten")),
    case("flatten-some", [2, 3, 4], L("Flatten", start_dim=2, end_dim=3)),
    case("flatten-from-the-end", [2, 3, 4], L("Flatten", start_dim=-3, end_dim=-2)),
    case("unflatten", [24], L("Unflatten", dim=1, unflattened_size=[2, 3, 4])),
    case("unflatten-the-rest", [2, 12], L("Unflatten", dim=-1, unflattened_size=[-1, 4])),
    case("max-pool", [2, 6, 7], L("MaxPool2d", kernel_size=2)),
    case("max-pool-stride-padding", [2, 7, 6], L("MaxPool2d", kernel_size=3, stride=2, padding=1)),
    case("max-pool-ceil", [2, 8, 6], L("MaxPool2d", kernel_size=[3, 2], stride=[2, 3], ceil_mode=True)),
    case("max-pool-ceil-beyond-padding", [1, 5, 5], L("MaxPool2d", kernel_size=2, stride=3, padding=1, ceil_mode=True)),
    case("max-pool-dilation", [2, 8, 8], L("MaxPool2d", kernel_size=3, stride=1, dilation=2)),
    case("avg-pool", [2, 6, 7], L("AvgPool2d", kernel_size=2)),
    case("avg-pool-padding", [2, 7, 6], L("AvgPool2d", kernel_size=3, stride=2, padding=1)),
    case("avg-pool-padding-not-counted", [2, 7, 6], L("AvgPool2d", kernel_size=3, stride=2, padding=[1, 0], count_include_pad=False)),
    case("avg-pool-ceil", [2, 8, 6], L("AvgPool2d", kernel_size=3, stride=[2, 4], ceil_mode=True)),
    case("upsample", [2, 3, 4], L("Upsample", scale_factor=2)),
    case("upsample-size", [2, 3, 4], L("Upsample", size=[5, 9])),
    case("upsample-odd-factors", [2, 3, 4], L("Upsample", scale_factor=[1.7, 2.5])),
    case("upsample-bilinear", [2, 3, 4], L("Upsample", scale_factor=2, mode="bilinear")),
    case("upsample-bilinear-odd-factors", [2, 3, 4], L("Upsample", scale_factor=[1.7, 2.4], mode="bilinear", align_corners=False)),
    case("upsample-bilinear-corners", [2, 3, 4], L("Upsample", scale_factor=[2, 3], mode="bilinear", align_corners=True)),
    case("upsample-bilinear-size-corners", [2, 3, 4], L("Upsample", size=7, mode="bilinear", align_corners=True)),
    case("dropout", [9], L("Dropout", p=0.3)),
    case("identity", [9], L("Identity")),
    case("skip", [4], L("Linear", in_features=4, out_features=6), L("Tanh"), L("Skip", latent_features=4, features=6)),
    case(
        "skip-to-channels",
        [4],
        L("Linear", in_features=4, out_features=12),
        L("Unflatten", dim=1, unflattened_size=[3, 2, 2]),
        L("Skip", latent_features=4, features=3),
        L("Sigmoid"),
    ),
    case(
        "residual",
        [5],
        L("Residual", layers=[L("Linear", in_features=5, out_features=7), L("SiLU"), L("Linear", in_features=7, out_features=5)]),
    ),
    case(
        "residual-of-residual",
        [2, 4, 4],
        L(
            "Residual",
            layers=[
                L("Conv2d", in_channels=2, out_channels=2, kernel_size=3, padding=1),
                L("BatchNorm2d", num_features=2),
                L("Residual", layers=[L("ELU"), L("Conv2d", in_channels=2, out_channels=2, kernel_size=1)]),
            ],
        ),
    ),
]


def numbers(case, generator):
    """All arrays of a case, by name."""
    network = build(case["layers"])
    for key, value in network.state_dict().items():
        if value.is_floating_point():
            low, high = (0.5, 2.0) if key.endswith("running_var") else (-1.0, 1.0)
            value.uniform_(low, high, generator=generator)
    arrays = {"decoder." + key: value.clone() for key, value in network.state_dict().items()}
    z = (2 * torch.randn([ROWS, *case["in"]], generator=generator)).requires_grad_()
    out = run(network.eval(), z)
    direction = torch.randn(out.shape, generator=generator)
    (gradient,) = torch.autograd.grad((out * direction).sum(), z)
    arrays |= {"in": z, "out": out, "direction": direction, "gradient": gradient}
    if any("running" in key for key in network.state_dict()):
        arrays["training/out"] = run(network.train(), z)
        for key, value in network.state_dict().items():
            if "running" in key:
                arrays["training/decoder." + key] = value
    return {name: value.detach().clone() for name, value in arrays.items()}


def save(path, arrays):
    """Writes safetensors, with nothing but the standard library and numpy."""
    header, data = {}, b""
    for key, value in arrays.items():
        content = value.contiguous().numpy()
        dtype = {"float32": "F32", "int64": "I64"}[str(content.dtype)]
        begin, data = len(data), data + content.tobytes()
        header[key] = {"dtype": dtype, "shape": list(content.shape), "data_offsets": [begin, len(data)]}
    encoded = json.dumps(header, separators=(",", ":")).encode()
    encoded += b" " * (-len(encoded) % 8)
    path.write_bytes(struct.pack("<Q", len(encoded)) + encoded + data)


def main():
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(20)
    arrays = {}
    for one in CASES:
        computed = numbers(one, generator)
        one["out"] = list(computed["out"].shape[1:])
        arrays |= {f"{one['name']}/{key}": value for key, value in computed.items()}
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "layers.json").write_text("[\n" + ",\n".join("  " + json.dumps(one) for one in CASES) + "\n]\n")
    save(FOLDER / "layers.safetensors", arrays)


if __name__ == "__main__":
    main()
