"""Tells how PyTorch's layers begin, for the test that compares ours with them.

    python src/test/python/golden_initial.py

It replaces src/test/resources/golden/initial.json: for each layer, with the shape of what comes in, and each of its weights, the
largest and the smallest value that PyTorch drew in 200 layers, and the mean of the squares.
"""

import json

import torch
from golden_layers import FOLDER, L, Skip, build
from torch import nn

LAYERS = {
    "Linear": ([50], L("Linear", in_features=50, out_features=40)),
    "Conv2d": ([4, 8, 8], L("Conv2d", in_channels=4, out_channels=6, kernel_size=3)),
    "Conv2d of groups": ([4, 8, 8], L("Conv2d", in_channels=4, out_channels=6, kernel_size=[3, 2], groups=2)),
    "ConvTranspose2d": ([4, 8, 8], L("ConvTranspose2d", in_channels=4, out_channels=6, kernel_size=4, stride=2, padding=1)),
    "ConvTranspose2d of groups": ([4, 8, 8], L("ConvTranspose2d", in_channels=4, out_channels=8, kernel_size=3, groups=2)),
    "BatchNorm1d": ([5], L("BatchNorm1d", num_features=5)),
    "BatchNorm2d": ([3, 4, 4], L("BatchNorm2d", num_features=3)),
    "LayerNorm": ([6], L("LayerNorm", normalized_shape=6)),
    "GroupNorm": ([6], L("GroupNorm", num_groups=2, num_channels=6)),
    "Residual": ([5], L("Residual", layers=[L("Linear", in_features=5, out_features=5)])),
    "Skip": ([7], L("Skip", latent_features=7, features=7)),
}


def drawn(layer):
    module = build([layer])
    for skip in module.modules():
        if isinstance(skip, Skip):
            # Its product is that of a Linear without bias.
            features, latent_features = skip.weight.shape
            skip.weight = nn.Linear(latent_features, features, bias=False).weight
    return {key: value.detach().float() for key, value in module.state_dict().items() if not key.endswith("num_batches_tracked")}


torch.manual_seed(60)
golden = {}
for name, (shape, layer) in LAYERS.items():
    draws = [drawn(layer) for _ in range(200)]
    weights = {}
    for key in draws[0]:
        values = torch.stack([draw[key] for draw in draws])
        weights[key] = {"least": values.min().item(), "most": values.max().item(), "square": values.square().mean().item()}
    golden[name] = {"in": shape, "layer": layer, "weights": weights}
(FOLDER / "initial.json").write_text(json.dumps(golden, indent=1) + "\n")
