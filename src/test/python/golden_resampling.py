"""Writes what PyTorch's antialiased bilinear interpolation makes of a small plane, for ResamplingTest.

Usage: python golden_resampling.py src/test/resources/golden/resampling.npz
"""
import sys

import numpy as np
import torch
from torch.nn.functional import interpolate

source = torch.rand(1, 1, 13, 9, generator=torch.Generator().manual_seed(5))
sizes = [(5, 4), (13, 9), (28, 28), (7, 20), (1, 1)]
scaled = {
    f"{height}x{width}": interpolate(source, (height, width), mode="bilinear", antialias=True)[0, 0].numpy()
    for height, width in sizes
}
np.savez(sys.argv[1], source=source[0, 0].numpy(), **scaled)
