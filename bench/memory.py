"""How much memory a running service takes while it trains, over what it took before.

    python bench/memory.py http://localhost:8080 PID --images train-images-idx3-ubyte.gz [--rows 60000,600000] [--kinds vae,ad]

For Linux: reads VmRSS of the service's process. Needs NumPy. The images are Fashion-MNIST's, repeated where more rows are wanted, each
time with other pixels spoiled. Every kind trains for an epoch on every number of rows: a VAE 784-400-20, and an auto-decoder with 32
latents. Start the service with models in it, so that PyTorch is loaded before; the first training is on 1 000 images, whose code
stays. Peaks are of all that happens until the version is published, its evaluation included. What is made is called `memory-...` and
stays.
"""

import argparse
import gzip
import http.client
import json
import pathlib
import tempfile
import threading
import time
import urllib.parse
import uuid

import numpy as np

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


def call(base, method, path, body=None, content="application/json", length=None):
    connection = http.client.HTTPConnection(base.hostname, base.port or 80, timeout=900)
    try:
        headers = {"Content-Type": content} | ({} if length is None else {"Content-Length": str(length)})
        connection.request(method, base.path.rstrip("/") + path, body, headers)
        response = connection.getresponse()
        answer = response.read()
    finally:
        connection.close()
    if response.status >= 300:
        raise RuntimeError(f"{method} {path}: {response.status} {answer[:500].decode(errors='replace')}")
    return json.loads(answer)


def upload(base, images, rows):
    """Answers the data set's name, which is another one where the same images are there already."""
    random, boundary = np.random.default_rng(rows), uuid.uuid4().hex
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "images.npy")
        array = np.lib.format.open_memmap(file, "w+", np.uint8, (rows, 28, 28))
        for start in range(0, rows, len(images)):
            part = images[: rows - start].copy()
            part[random.random(part.shape) < 0.001] = 255
            array[start : start + len(part)] = part
        array.flush()
        head = (f'--{boundary}\r\nContent-Disposition: form-data; name="name"\r\n\r\nmemory-{rows}\r\n--{boundary}\r\n'
                'Content-Disposition: form-data; name="file"; filename="images.npy"\r\n\r\n').encode()
        tail = f"\r\n--{boundary}--\r\n".encode()

        def body():
            yield head
            with file.open("rb") as stream:
                while block := stream.read(1 << 20):
                    yield block
            yield tail

        length = len(head) + file.stat().st_size + len(tail)
        return call(base, "POST", "/v1/datasets", body(), f"multipart/form-data; boundary={boundary}", length)["name"]


def train(base, process, dataset, kind):
    objective, network = PLANS[kind]
    peak = Peak(process)
    before = peak.now()
    peak.start()
    training = call(base, "POST", "/v1/trainings", json.dumps({
        "model": f"memory-{kind}", "dataset": dataset, "objective": objective, "network": network, "epochs": 1,
        "seed": 7}))
    while training["status"] in ("QUEUED", "RUNNING"):
        time.sleep(0.5)
        training = call(base, "GET", f"/v1/trainings/{training['id']}")
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
    base = urllib.parse.urlsplit(arguments.base)
    images = np.frombuffer(gzip.open(arguments.images).read(), np.uint8, offset=16).reshape(-1, 28, 28)
    idle = Peak(arguments.process).now()
    print(f"idle {idle:.0f} MB", flush=True)
    for rows in [1000, *map(int, arguments.rows.split(","))]:
        dataset = upload(base, images, rows)
        for kind in arguments.kinds.split(","):
            before, most = train(base, arguments.process, dataset, kind)
            print(f"{kind:4s} {rows:7d} images: peak {most:5.0f} MB, {most - idle:+5.0f} over idle, {most - before:+5.0f} over "
                  "just before", flush=True)


main()
