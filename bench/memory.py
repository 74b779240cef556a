"""How much memory a running service takes while it trains, over what it took before.

    python bench/memory.py http://localhost:8080 PID --images train-images-idx3-ubyte.gz [--rows 60000,600000] [--kinds vae,ad]

For Linux: reads VmRSS of the service's process. Needs NumPy. The images are Fashion-MNIST's, repeated where more rows are wanted, each
time with other pixels spoiled. Every kind trains for an epoch on every number of rows: a VAE 784-400-20, and an auto-decoder with 32
latents. Start the service with models in it, so that PyTorch is loaded before; the first training is on 1 000 images, whose code
stays. Peaks are of all that happens until the version is published, its evaluation included. What is made is called `memory-...` and
stays.
"""

import argparse
import pathlib
import threading
import time

import numpy as np
from quality import Service, idx

PLANS = {"vae": ({"type": "vae"}, {"preset": "mlp", "hidden": [400], "latent": 20}),
         "ad": ({"type": "ad"}, {"preset": "mlp", "hidden": [256, 512], "latent": 32})}


class Peak(threading.Thread):
    """The most that a process has been seen to take."""

    def __init__(self, process):
        super().__init__(daemon=True)
        self.status, self.most, self.over = pathlib.Path(f"/proc/{process}/status"), 0, threading.Event()

    def now(self):
        line = next(line for line in self.status.read_text().splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    def run(self):
        while not self.over.wait(0.1):
            self.most = max(self.most, self.now())


def repeated(images, rows):
    random, parts = np.random.default_rng(rows), []
    for start in range(0, rows, len(images)):
        part = images[: rows - start].copy()
        part[random.random(part.shape) < 0.001] = 255
        parts.append(part)
    return np.concatenate(parts)


def train(service, process, dataset, kind):
    objective, network = PLANS[kind]
    peak = Peak(process)
    before = peak.now()
    peak.start()
    training = service.post("/v1/trainings", {"model": f"memory-{kind}", "dataset": dataset, "objective": objective,
                                              "network": network, "epochs": 1, "seed": 7})
    while training["status"] in ("QUEUED", "RUNNING"):
        time.sleep(0.5)
        training = service.call("GET", f"/v1/trainings/{training['id']}")
    peak.over.set()
    peak.join()
    if training["status"] != "SUCCEEDED":
        raise RuntimeError(f"{training['status']}: {training.get('failure')}")
    return before, peak.most


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("base")
    parser.add_argument("process", type=int)
    parser.add_argument("--images", required=True, help="Fashion-MNIST training images, train-images-idx3-ubyte.gz")
    parser.add_argument("--rows", default="60000,600000")
    parser.add_argument("--kinds", default=",".join(PLANS))
    arguments = parser.parse_args()
    service, images = Service(arguments.base), idx(arguments.images)
    idle = Peak(arguments.process).now()
    print(f"idle {idle:.0f} MB", flush=True)
    for rows in [1000, *map(int, arguments.rows.split(","))]:
        dataset = service.upload(f"memory-{rows}", file=repeated(images, rows))
        for kind in arguments.kinds.split(","):
            before, most = train(service, arguments.process, dataset, kind)
            print(f"{kind:4s} {rows:7d} images: peak {most:5.0f} MB, {most - idle:+5.0f} over idle, {most - before:+5.0f} over "
                  "just before", flush=True)


main()
