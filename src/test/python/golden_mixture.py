"""Makes what the tests of latent densities compare with: scikit-learn's mixture of Gaussians.

    python golden_mixture.py src/test/resources/golden/mixture.npz

codes [600, 4] come from three overlapping Gaussians. weights, means and covariances are scikit-learn's fit (best of ten starts,
rounded to float32), log_density [600] what that rounded mixture says of the codes. noise [3, 5] are the first five standard
normal numbers of rows 0, 1 and 1000 for seed 7, computed from the definition with Python's integers.
"""

import math
import sys

import numpy as np
from sklearn.mixture import GaussianMixture
from sklearn.mixture._gaussian_mixture import _compute_precision_cholesky

MASK = (1 << 64) - 1
GAMMA = 0x9E3779B97F4A7C15


def hashed(z):
    """MurmurHash3's finaliser."""
    z = (z ^ (z >> 33)) * 0xFF51AFD7ED558CCD & MASK
    z = (z ^ (z >> 33)) * 0xC4CEB9FE1A85EC53 & MASK
    return z ^ (z >> 33)


def normals(seed, row, count):
    """SplitMix64 and Box-Muller."""
    state = hashed((hashed((seed + GAMMA) & MASK) + row * GAMMA) & MASK)
    uniforms = []
    for _ in range(count + count % 2):
        state = (state + GAMMA) & MASK
        z = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9 & MASK
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB & MASK
        uniforms.append(((z ^ (z >> 31)) >> 11) * 2.0**-53)
    pairs = [(math.sqrt(-2 * math.log(1 - u)), 2 * math.pi * v) for u, v in zip(uniforms[::2], uniforms[1::2])]
    return [r * f(a) for r, a in pairs for f in (math.cos, math.sin)][:count]


random = np.random.default_rng(3)
centres = [[0, 0, 0, 0], [2, 1, -1, 0], [-1, 3, 1, 2]]
codes = np.concatenate(
    [random.normal(size=(n, 4)) @ random.normal(scale=0.6, size=(4, 4)) + m for n, m in zip((300, 200, 100), centres)]
)
codes = random.permutation(codes).astype(np.float32)

fit = GaussianMixture(3, n_init=10, tol=1e-6, max_iter=1000, random_state=0).fit(codes.astype(np.float64))
for parameter in ("weights_", "means_", "covariances_"):
    setattr(fit, parameter, getattr(fit, parameter).astype(np.float32).astype(np.float64))
fit.precisions_cholesky_ = _compute_precision_cholesky(fit.covariances_, "full")

np.savez_compressed(
    sys.argv[1],
    codes=codes,
    weights=fit.weights_.astype(np.float32),
    means=fit.means_.astype(np.float32),
    covariances=fit.covariances_.astype(np.float32),
    log_density=fit.score_samples(codes.astype(np.float64)).astype(np.float32),
    noise=np.array([normals(7, row, 5) for row in (0, 1, 1000)], np.float32),
)
print("mean log-likelihood", fit.score(codes.astype(np.float64)), "weights", fit.weights_)
