"""Training against the same loop in PyTorch, in pairs, one thread each.

    ./mvnw -q test-compile dependency:build-classpath -Dmdep.outputFile=target/classpath
    python bench/train.py [--rounds 7] [--steps 100] --images train-images-idx3-ubyte.gz

Needs PyTorch. Every round times so many steps on batches of 128 of one, then of the other. A ratio is our images per second divided by
PyTorch's: more than 1 is faster. PyTorch's loop has its data in memory as floats, shuffled once an epoch, and the fused Adam; ours
makes floats of bytes for every batch.
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
from torch import nn
from torch.nn import functional as F

BATCH = 128


class Vae(nn.Module):
    def __init__(self, encoder, width, decoder, latents):
        super().__init__()
        self.encoder, self.decoder = nn.Sequential(*encoder), nn.Sequential(*decoder)
        self.mean, self.log_variance = nn.Linear(width, latents), nn.Linear(width, latents)

    def forward(self, x):
        h = self.encoder(x)
        mean, log_variance = self.mean(h), self.log_variance(h)
        z = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
        recon = F.binary_cross_entropy_with_logits(self.decoder(z), x, reduction="sum") / len(x)
        reg = 0.5 * (log_variance.exp() + mean**2 - 1 - log_variance).sum() / len(x)
        return recon + reg


def mlp():
    return Vae([nn.Flatten(), nn.Linear(784, 400), nn.ReLU()], 400,
               [nn.Linear(20, 400), nn.ReLU(), nn.Linear(400, 784), nn.Unflatten(1, (1, 28, 28))], 20)


def conv():
    return Vae([nn.Conv2d(1, 16, 4, 2, 1), nn.BatchNorm2d(16), nn.ReLU(),
                nn.Conv2d(16, 32, 4, 2, 1), nn.BatchNorm2d(32), nn.ReLU(), nn.Flatten()], 1568,
               [nn.Linear(16, 1568), nn.ReLU(), nn.Unflatten(1, (32, 7, 7)), nn.ConvTranspose2d(32, 16, 4, 2, 1),
                nn.BatchNorm2d(16), nn.ReLU(), nn.ConvTranspose2d(16, 1, 4, 2, 1)], 16)


MODELS = {
    "VAE 784-400-20": (mlp, '{"preset": "mlp", "hidden": [400], "latent": 20}'),
    "VAE conv 16": (conv, '{"preset": "conv", "hidden": [16, 32], "latent": 16}'),
}


class Loop:
    def __init__(self, model, images):
        self.model, self.images = model, images
        self.optimizer = torch.optim.Adam(model.parameters(), 1e-3, fused=True)
        self.order, self.at = torch.randperm(len(images)), 0

    def steps(self, count):
        for _ in range(count):
            if self.at + BATCH > len(self.images):
                self.order, self.at = torch.randperm(len(self.images)), 0
            x = self.images[self.order[self.at : self.at + BATCH]]
            self.at += BATCH
            self.optimizer.zero_grad()
            loss = self.model(x)
            loss.backward()
            self.optimizer.step()
            loss.item()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--images", required=True, help="Fashion-MNIST training images, train-images-idx3-ubyte.gz")
    parser.add_argument("--java", default="java")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    pixels = np.frombuffer(gzip.open(arguments.images).read(), np.uint8, offset=16)
    images = torch.from_numpy(pixels.reshape(-1, 1, 28, 28).astype(np.float32) / 255)
    classpath = "target/test-classes:target/classes:" + pathlib.Path("target/classpath").read_text().strip()
    with tempfile.NamedTemporaryFile() as file:
        file.write(pixels.tobytes())
        file.flush()
        for name, (make, network) in MODELS.items():
            command = [arguments.java, "--enable-native-access=ALL-UNNAMED", "-Dai.djl.pytorch.num_threads=1",
                       "-Dai.djl.pytorch.num_interop_threads=1", "-Dai.djl.offline=true", "-cp", classpath,
                       "io.github.latentdock.autoencoder.TrainingBench", '{"type": "vae"}', network, file.name]
            with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                  text=True) as java:
                compare(name, java, Loop(make(), images), arguments)
                java.stdin.close()


def compare(name, java, loop, arguments):
    def ask(count):
        java.stdin.write(f"{count}\n")
        java.stdin.flush()
        while True:
            line = java.stdout.readline()
            assert line, "Java ended"
            words = line.split()
            if len(words) == 2 and words[0].replace(".", "").isdigit():
                return float(words[0])

    ask(arguments.steps), loop.steps(arguments.steps)
    ours, theirs = [], []
    for _ in range(arguments.rounds):
        start = time.perf_counter()
        loop.steps(arguments.steps)
        theirs.append(arguments.steps * BATCH / (time.perf_counter() - start))
        ours.append(arguments.steps * BATCH / ask(arguments.steps))
    ratios = sorted(a / b for a, b in zip(ours, theirs))
    print(f"{name:15s} PyTorch {statistics.median(theirs):7.0f} images/s, ours {statistics.median(ours):7.0f}, ratio "
          f"{statistics.median(ratios):.2f} ({ratios[0]:.2f}-{ratios[-1]:.2f})", flush=True)


main()
