"""Writes the .npy files that NpyFileTest reads: every type, byte order and version, and what must be refused.

Usage: python golden_npy.py src/test/resources/golden/npy
All files but those of refused/ hold [[[0, 1, 0], [1, 1, 0]], [[1, 0, 1], [0, 0, 1]]], so that every type can hold them.
"""
import pathlib
import sys

import numpy as np
from numpy.lib import format as npy

folder = pathlib.Path(sys.argv[1])
(folder / "refused").mkdir(parents=True, exist_ok=True)
values = np.array([[[0, 1, 0], [1, 1, 0]], [[1, 0, 1], [0, 0, 1]]])


def save(name, array, version=(1, 0)):
    with open(folder / f"{name}.npy", "wb") as file:
        npy.write_array(file, array, version=version)


for dtype in ["<f2", ">f2", "<f4", ">f4", "<f8", ">f8", "|u1", "|i1", "<i2", ">i2", "<i4", ">i4", "<i8", ">i8", "|b1"]:
    order = {"<": "little", ">": "big", "|": "byte"}[dtype[0]]
    save(f"{dtype[1:]}-{order}", values.astype(dtype))
for version in [(1, 0), (2, 0), (3, 0)]:
    save(f"version-{version[0]}", values.astype("<f4"), version)
save("fortran", np.asfortranarray(values.astype("<f4")))
save("extremes-u1", np.array([[0, 127, 128, 255]], "u1"))
save("extremes-i1", np.array([[-128, -1, 0, 127]], "i1"))
save("extremes-f2", np.array([[65504, -6.1035156e-05, 5.9604645e-08, 0.33325195]], "f2"))
save("extremes-f8", np.array([[0.1, 16777217, 1e-45, -3.4028234663852886e38]], "f8"))
save("written", np.array([[0.5, -1.25, 3e-7]], "<f4"))
save("refused/too-large-for-float32", np.array([[0, 1, 1e39]], "<f8"))
save("refused/nan", np.array([[0, 1, np.nan]], "<f4"))
save("refused/objects", np.array([["a", None, 3]], object))
save("refused/complex", np.array([[1, 2, 3]], "<c8"))
save("refused/texts", np.array([["a", "b", "c"]]))
save("refused/records", np.array([(1, 2.0)], [("a", "<i4"), ("b", "<f4")]))
save("refused/scalar", np.array(3.0, "<f4"))
save("refused/no-rows", np.zeros((0, 3), "<f4"))
save("refused/nine-dimensions", np.zeros((1,) * 9, "<f4"))
