"""Makes what the test of principal components compares with: NumPy's exact eigendecompositions, in float64.

    python golden_components.py src/test/resources/golden/components.npz

x [300, 40] has variances that fall geometrically, by a tenth from one to the next, about a mean; mask [300, 40] has 0 where a value is
missing. variances [40] are all eigenvalues of x's covariance (divided by n), components [8, 40] its first eigenvectors, error [8] what
is lost per value with 1 to 8 of them. With the prefix masked_: missing values count as the mean of those that are there; error is the
mean over examples of each one's mean over the values that are there. held [50, 40] are other examples, held_error [8] what x's
components lose of them.
"""

import sys

import numpy as np


def observed_mean(x, mask):
    return (x * mask).sum(0) / mask.sum(0)


def components(x, mask):
    mean = observed_mean(x, mask)
    centred = np.where(mask > 0, x - mean, 0)
    values, vectors = np.linalg.eigh(centred.T @ centred / len(x))
    return mean, values[::-1], vectors[:, ::-1].T


def errors(x, mask, mean, vectors, most=8):
    centred = np.where(mask > 0, x - mean, 0)
    for k in range(1, most + 1):
        left = centred - centred @ vectors[:k].T @ vectors[:k]
        yield ((mask * left**2).sum(1) / mask.sum(1)).mean()


random = np.random.default_rng(50)
rotation, _ = np.linalg.qr(random.normal(size=(40, 40)))
scales = np.sqrt(4 * 0.9 ** np.arange(40))
x, held = ((random.normal(size=(n, 40)) * scales) @ rotation + np.linspace(-1, 2, 40) for n in (300, 50))
x, held = x.astype(np.float32), held.astype(np.float32)
mask = (random.random(x.shape) < 0.7).astype(np.float32)

arrays = {"x": x, "mask": mask, "held": held}
for prefix, seen in (("", np.ones_like(mask)), ("masked_", mask)):
    mean, values, vectors = components(x.astype(np.float64), seen.astype(np.float64))
    arrays[prefix + "variances"] = values
    arrays[prefix + "components"] = vectors[:8]
    arrays[prefix + "error"] = list(errors(x, seen, mean, vectors))
    if not prefix:
        arrays["held_error"] = list(errors(held, np.ones_like(held), mean, vectors))
np.savez_compressed(sys.argv[1], **{key: np.ascontiguousarray(value, np.float32) for key, value in arrays.items()})
