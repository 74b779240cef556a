"""Latent optimisation against 800 steps of Adam in PyTorch, in pairs, one thread each.

    ./mvnw -q test-compile dependency:build-classpath -Dmdep.outputFile=target/classpath
    python bench/optimize.py [--rounds 5] [--counts 1,8,64] --images t10k-images-idx3-ubyte.gz

Needs PyTorch. Every round times, for each model, count and mask, first one and then the other. A ratio is Java's time divided by
PyTorch's; "worse than 1 %" counts the examples whose objective is not within 1 % of Adam's.
"""

import argparse
import gzip
import pathlib
import statistics
import subprocess
import tempfile
import time

import numpy as np
import torch

MODELS = {
    "fashion-ae": ("src/test/resources/reference/fashion-ae", "ae", 32, "-"),
    "fashion-vae": ("src/test/resources/reference/fashion-vae", "vae", 16, "-"),
    "fashion-ad": ("src/test/resources/reference/fashion-ad", "ad", 32,
                   "src/test/resources/reference/fashion-ad/1/codes.safetensors"),
}
PRIOR = 0.01


def adam(decode, x, mask, latents, steps=800):
    """The plain loop: z = 0, Adam with learning rate 0.05."""
    z = torch.zeros(len(x), latents, requires_grad=True)
    optimizer = torch.optim.Adam([z], lr=0.05)
    for _ in range(steps):
        optimizer.zero_grad()
        loss = ((decode(z) - x) ** 2 * mask).sum() + PRIOR * (z**2).sum()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        return ((decode(z) - x) ** 2 * mask).flatten(1).sum(1) + PRIOR * (z**2).sum(1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--counts", default="1,8,64")
    parser.add_argument("--images", required=True, help="Fashion-MNIST test images, t10k-images-idx3-ubyte.gz")
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--settings", default="- - 1", help="tolerance, solver, starts; - is the default")
    parser.add_argument("--java", default="java")
    arguments = parser.parse_args()
    counts = [int(count) for count in arguments.counts.split(",")]
    torch.set_num_threads(1)
    pixels = np.frombuffer(gzip.open(arguments.images).read(), np.uint8, offset=16)[: max(counts) * 784]
    x = torch.from_numpy(pixels.reshape(-1, 1, 28, 28).astype(np.float32) / 255)
    mask = torch.ones_like(x)
    mask[:, :, 14:] = 0
    classpath = "target/test-classes:target/classes:" + pathlib.Path("target/classpath").read_text().strip()
    with tempfile.TemporaryDirectory() as folder:
        x.numpy().tofile(f"{folder}/x")
        mask.numpy().tofile(f"{folder}/mask")
        for name in arguments.models.split(","):
            path, kind, latents, codes = MODELS[name]
            module = torch.jit.load(f"{path}/model.pt").eval()
            for parameter in module.parameters():
                parameter.requires_grad_(False)
            decode = module.decode if hasattr(module, "decode") else module
            command = [arguments.java, "--enable-native-access=ALL-UNNAMED", "-Dai.djl.pytorch.num_threads=1",
                       "-Dai.djl.pytorch.num_interop_threads=1", "-Dai.djl.offline=true", "-cp", classpath,
                       "io.github.latentdock.autoencoder.OptimizeBench", path, kind, str(latents), codes,
                       f"{folder}/x", f"{folder}/mask"]
            with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                  text=True) as java:
                compare(name, java, decode, x, mask, latents, counts, arguments)
                java.stdin.close()


def compare(name, java, decode, x, mask, latents, counts, arguments):
    def ask(count, which):
        java.stdin.write(f"{count} {which} {arguments.settings}\n")
        java.stdin.flush()
        while True:
            line = java.stdout.readline()
            assert line, "Java ended"
            words = line.split()
            if len(words) == count + 2 and words[0].replace(".", "").isdigit():
                return [float(word) for word in words]

    for _ in range(20):
        ask(counts[-1], "full"), ask(counts[-1], "masked"), ask(1, "full")
    adam(decode, x[:1], mask[:1], latents, 50)
    for which in ("full", "masked"):
        for count in counts:
            observed = mask[:count] if which == "masked" else torch.ones_like(x[:count])
            ours, theirs = [], []
            for _ in range(arguments.rounds):
                start = time.perf_counter()
                objective = adam(decode, x[:count], observed, latents).numpy()
                theirs.append(1000 * (time.perf_counter() - start))
                time_taken, iterations, *found = ask(count, which)
                ours.append(time_taken)
            ratios = sorted(a / b for a, b in zip(ours, theirs))
            print(f"{name:11s} {which:6s} n={count:3d} PyTorch {statistics.median(theirs):8.1f} ms, ours "
                  f"{statistics.median(ours):7.1f} ms, ratio {statistics.median(ratios):.3f} "
                  f"({ratios[0]:.3f}-{ratios[-1]:.3f}), {iterations:5.1f} iterations, objective {np.mean(objective):.4f} -> "
                  f"{np.mean(found):.4f}, worse than 1 %: {(np.array(found) > 1.01 * objective).sum()}", flush=True)


main()
