"""How good models are that a running service trains: each beside a bar that the same network reached in PyTorch.

    python bench/quality.py http://localhost:8080 --images FOLDER [--rows ae,dae] [--examples 1000] [--models models]

FOLDER has Fashion-MNIST as four idx.gz files. Everything goes through the API: data sets are uploaded, plans posted, and
figures worked out from what the models answer on the test images. Needs NumPy; the row t-sne scikit-learn, too.

All rows together train for half an hour on two quiet cores. What they make is called `quality-…` and stays; a training of
the same plan is not made again. Each line tells a figure, its bar (figures without one are there to compare with), the
time since the row began, and the plan. Ends with 1 if a figure falls short.

--examples says of how many test images latents are searched. An auto-decoder's stored codes are not answered over HTTP:
with --models, the service's models folder, they are read there; without it the training's images are fitted again.
"""

import argparse
import gzip
import http.client
import io
import json
import pathlib
import struct
import sys
import time
import urllib.parse
import uuid

import numpy as np

ADAM = {"type": "adam", "learningRate": 1e-3}
BATCH = 500
RAW = "application/octet-stream"


class Service:
    """The API of a running service."""

    def __init__(self, base):
        self.address = urllib.parse.urlsplit(base)

    def call(self, method, path, body=None, content="application/json", accept="application/json"):
        connection = http.client.HTTPConnection(self.address.hostname, self.address.port or 80, timeout=900)
        try:
            headers = {"Content-Type": content, "Accept": accept, "X-Timeout-Ms": "600000"}
            connection.request(method, self.address.path.rstrip("/") + path, body, headers)
            response = connection.getresponse()
            answer = response.read()
        finally:
            connection.close()
        if response.status >= 300:
            raise RuntimeError(f"{method} {path}: {response.status} {answer[:500].decode(errors='replace')}")
        return json.loads(answer) if accept == "application/json" else answer

    def post(self, path, value, **types):
        return self.call("POST", path, json.dumps(value).encode(), **types)

    def upload(self, name, **parts):
        """Makes a data set of arrays or files, and answers its name: another one where the same data is there already."""
        boundary = uuid.uuid4().hex
        body = io.BytesIO()
        body.write(f'--{boundary}\r\nContent-Disposition: form-data; name="name"\r\n\r\n{name}\r\n'.encode())
        for part, array in parts.items():
            body.write(f'--{boundary}\r\nContent-Disposition: form-data; name="{part}"; filename="{part}.npy"\r\n'
                       "Content-Type: application/octet-stream\r\n\r\n".encode())
            body.write(array) if isinstance(array, bytes) else np.save(body, np.ascontiguousarray(array))
            body.write(b"\r\n")
        body.write(f"--{boundary}--\r\n".encode())
        return self.call("POST", "/v1/datasets", body.getvalue(), f"multipart/form-data; boundary={boundary}")["name"]

    def train(self, name, dataset, objective, network, epochs=10, held=0.0, **more):
        """Trains a model, or finds the training of the same plan."""
        plan = {"model": f"quality-{name}", "dataset": dataset, "validation": {"fraction": held}, "objective": objective,
                "network": network, "optimizer": ADAM, "epochs": epochs, "batchSize": 128, "seed": 7} | more
        known = [training for training in self.call("GET", "/v1/trainings?limit=200")["trainings"]
                 if training["status"] in ("QUEUED", "RUNNING", "SUCCEEDED") and covers(training["plan"], plan)]
        training = known[0] if known else self.post("/v1/trainings", plan)
        while training["status"] in ("QUEUED", "RUNNING"):
            time.sleep(1)
            training = self.call("GET", f"/v1/trainings/{training['id']}")
        if training["status"] != "SUCCEEDED":
            raise RuntimeError(f"{training['status']}: {training.get('failure')}")
        return Model(self, training, plan)


class Model:
    """A version that was trained."""

    def __init__(self, service, training, plan):
        self.service, self.plan = service, plan
        self.name, self.version = training["plan"]["model"], training["version"]
        self.path = f"/v1/models/{self.name}/versions/{self.version}"
        epochs = service.call("GET", f"/v1/trainings/{training['id']}/metrics")["epochs"]
        self.seconds = sum(epoch["seconds"] for epoch in epochs)
        self.manifest = service.call("GET", self.path)["manifest"]
        self.metrics = self.manifest["metrics"]

    def rows(self, operation, x, shape):
        """Rows in, rows out, as raw floats."""
        path = f"{self.path}/{operation}"
        out = [self.service.call("POST", path, part.astype("<f4").tobytes(), RAW, RAW) for part in batches(x)]
        return np.frombuffer(b"".join(out), "<f4").reshape(-1, *shape)

    def json(self, operation, x, **fields):
        """Rows in, an object of arrays out. Raw floats go in, but where a field is an array that has a row for each."""
        answers = []
        for start in range(0, len(x), BATCH):
            part = {name: value[start : start + BATCH] if isinstance(value, np.ndarray) else value
                    for name, value in fields.items()}
            answers.append(self.answer(operation, x[start : start + BATCH], part))
        return {name: np.concatenate([np.asarray(answer[name]) for answer in answers]) for name in answers[0]}

    def answer(self, operation, x, fields):
        if not any(isinstance(value, np.ndarray) for value in fields.values()):
            path = f"{self.path}/{operation}?{urllib.parse.urlencode(fields)}"
            return self.service.call("POST", path, x.astype("<f4").tobytes(), RAW)
        lists = {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in fields.items()}
        return self.service.post(f"{self.path}/{operation}", lists | {"instances": x.tolist()})

    def encode(self, x):
        return self.rows("encode", x, self.manifest["latent"]["shape"])

    def posterior(self, x, **fields):
        answer = self.json("encode", x, **fields)
        return answer["latents"], answer["logVariances"]

    def decode(self, z):
        return self.rows("decode", z, self.manifest["input"]["shape"])

    def sample(self, count, source):
        """Drawn in several requests, of a seed each."""
        bodies = [{"count": min(BATCH, count - start), "seed": start, "source": source} for start in range(0, count, BATCH)]
        raw = b"".join(self.service.post(f"{self.path}/sample", body, accept=RAW) for body in bodies)
        return np.frombuffer(raw, "<f4").reshape(count, *self.manifest["input"]["shape"])

    def mse(self, x):
        return float(((self.rows("reconstruct", x, x.shape[1:]) - x) ** 2).mean())

    def fit(self, x, mask=None, **settings):
        """What the latents found decode to."""
        if mask is None:
            return self.rows("optimize?" + urllib.parse.urlencode(settings), x, x.shape[1:])
        bodies = [{"instances": part.tolist(), "mask": known.tolist()} | settings
                  for part, known in zip(batches(x * mask), batches(mask))]
        raw = b"".join(self.service.post(f"{self.path}/optimize", body, accept=RAW) for body in bodies)
        return np.frombuffer(raw, "<f4").reshape(x.shape)

    def codes(self, folder):
        return safetensors(pathlib.Path(folder) / self.name / str(self.version) / "codes.safetensors")["codes"]


def covers(told, sent):
    """Whether a plan with its defaults written out is the one that was sent."""
    if isinstance(sent, dict):
        return isinstance(told, dict) and all(key in told and covers(told[key], sent[key]) for key in sent)
    return told == sent


def batches(x):
    return [x[start : start + BATCH] for start in range(0, len(x), BATCH)]


def safetensors(file):
    data = file.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    return {name: np.frombuffer(data[8 + length :][slice(*entry["data_offsets"])], "<f4").reshape(entry["shape"])
            for name, entry in json.loads(data[8 : 8 + length]).items() if name != "__metadata__"}


class Bench:
    """What the rows share: the service, the images, and how results are told."""

    def __init__(self, arguments):
        self.service = Service(arguments.base)
        self.examples, self.models, self.short = arguments.examples, arguments.models, 0
        self.folder = folder = pathlib.Path(arguments.images)
        self.train, self.test = (idx(folder / f"{part}-images-idx3-ubyte.gz")[:, None] for part in ("train", "t10k"))
        self.labels, self.test_labels = (idx(folder / f"{part}-labels-idx1-ubyte.gz") for part in ("train", "t10k"))
        self.x = self.test / np.float32(255)
        self.uploaded = {}

    def dataset(self, name, make):
        if name not in self.uploaded:
            self.uploaded[name] = self.service.upload(f"quality-{name}", **make())
        return self.uploaded[name]

    def fashion(self):
        return self.dataset("fashion", lambda: {part: (self.folder / f"train-{file}-ubyte.gz").read_bytes()
                                                for part, file in (("file", "images-idx3"), ("labels", "labels-idx1"))})

    def row(self, what, figure, bar, good, model=None):
        """Prints a row; figures without a bar are there to compare with."""
        verdict = "" if bar is None else "pass" if good else "SHORT"
        self.short += verdict == "SHORT"
        seconds = time.perf_counter() - self.start
        plan = "" if model is None else f"trained in {model.seconds:.0f} s: {json.dumps(model.plan, separators=(',', ':'))}"
        print(f"{what:58s} {figure:34s} {'' if bar is None else bar:26s} {verdict:5s} {seconds:5.0f} s  {plan}", flush=True)

    def ceiling(self, what, figure, most, model=None, digits=4):
        self.row(what, f"{figure:.{digits}f}", f"<= {most}", figure <= most, model)

    def floor(self, what, figure, least, model=None, digits=2):
        self.row(what, f"{figure:.{digits}f}", f">= {least}", figure >= least, model)


def idx(file):
    data = gzip.open(file).read()
    shape = struct.unpack(f">{data[3]}I", data[4 : 4 + 4 * data[3]])
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(shape)


def mlp(hidden, latent):
    return {"preset": "mlp", "hidden": hidden, "latent": latent}


AE_32 = mlp([512, 256], 32)
VAE_20 = mlp([400], 20)
AD_32 = mlp([256, 512], 32)
AD = {"type": "ad", "prior": 0.01}


def pca(bench):
    """PCA's error beside an autoencoder's, both of held-out images."""
    for latent, known in ((32, 0.01514), (16, 0.02045), (2, 0.0461)):
        model = bench.service.train(f"pca-{latent}", bench.fashion(), {"type": "ae"}, mlp([512, 256], latent), 1, 1 / 6)
        told = model.metrics["pcaMse"]
        bench.row(f"PCA with {latent} components (AE after an epoch {model.metrics['mse']:.4f})", f"{told:.5f}",
                  f"{known} within 3 %", abs(told / known - 1) < 0.03, model)


def ae(bench):
    for epochs, most in ((5, 0.0130), (10, 0.0105), (20, 0.0090)):
        model = bench.service.train(f"ae-{epochs}", bench.fashion(), {"type": "ae"}, AE_32, epochs)
        bench.ceiling(f"AE-32, {epochs} epochs: MSE of the test images", model.mse(bench.x), most, model)


def dae(bench):
    objective = {"type": "dae", "noise": {"type": "gaussian", "sigma": 0.5}}
    model = bench.service.train("dae", bench.fashion(), objective, mlp([512, 256], 64))
    noisy = np.clip(bench.x + 0.5 * np.random.default_rng(0).standard_normal(bench.x.shape, np.float32), 0, 1)
    clean = model.rows("denoise", noisy, bench.x.shape[1:])
    bench.row("DAE, sigma 0.5: noisy images", f"{decibels(noisy, bench.x):.2f} dB", None, None)
    bench.floor("DAE, sigma 0.5: dB of the mean MSE", decibels(clean, bench.x), 17.5, model)


def decibels(y, x):
    return -10 * np.log10(((y - x) ** 2).mean())


def bernoulli(x, y):
    """log p(x | z), summed over the values of each example."""
    y = np.clip(y.astype(np.float64), 1e-7, 1 - 1e-7)
    return (x * np.log(y) + (1 - x) * np.log(1 - y)).reshape(len(x), -1).sum(1)


def evidence(model, x, draws=1):
    """Per example log p(x | z), KL divergence, and the bound of so many draws (IWAE; with one it is an ELBO by chance)."""
    random = np.random.default_rng(1)
    mean, log_variance = model.posterior(x)
    kl = 0.5 * (np.exp(log_variance) + mean**2 - 1 - log_variance).sum(1)
    recon, weights = [], []
    for _ in range(draws):
        noise = random.standard_normal(mean.shape)
        z = mean + np.exp(log_variance / 2) * noise
        recon.append(bernoulli(x, model.decode(z)))
        weights.append(recon[-1] + 0.5 * (noise**2 - z**2 + log_variance).sum(1))
    weights = np.array(weights)
    most = weights.max(0)
    return np.mean(recon, 0), kl, most + np.log(np.exp(weights - most).mean(0)), mean.var(0)


def elbo(model, x):
    recon, kl, _, variances = evidence(model, x)
    return (recon - kl).mean(), recon.mean(), kl.mean(), int((variances > 0.01).sum())


def vae(bench):
    model = bench.service.train("vae", bench.fashion(), {"type": "vae"}, VAE_20)
    bound, recon, kl, active = elbo(model, bench.x)
    bench.floor(f"VAE: ELBO (log p(x|z) {recon:.1f}, KL {kl:.1f}, {active} active)", bound, -246, model)
    iwae = evidence(model, bench.x[: bench.examples], 64)[2].mean()
    bench.row(f"VAE: IWAE-64 of {bench.examples} images", f"{iwae:.1f}", None, None)


def beta_vae(bench):
    model = bench.service.train("beta-vae", bench.fashion(), {"type": "beta-vae", "beta": 4}, VAE_20)
    bound, recon, kl, active = elbo(model, bench.x)
    what = f"beta-VAE 4: ELBO (log p(x|z) {recon:.1f}, KL {kl:.1f}, {active} active)"
    bench.row(what, f"{bound:.2f}", "-252.4 within 1 %", abs(bound / -252.4 - 1) < 0.01, model)


def deep(skip):
    """Five layers of 200 that decode 50 latents, fed them again with skip; one that encodes. More of these lose what x tells."""
    def linear(a, b):
        return {"type": "Linear", "in_features": a, "out_features": b}

    def again(features):
        return [{"type": "Skip", "latent_features": 50, "features": features}] if skip else []

    relu = {"type": "ReLU"}
    decoder = [linear(50, 200), relu] + 4 * [linear(200, 200), *again(200), relu]
    decoder += [linear(200, 784), *again(784), {"type": "Sigmoid"}]
    return {"latent": 50, "encoder": [{"type": "Flatten"}, linear(784, 200), relu],
            "mean": [linear(200, 50)], "log_variance": [linear(200, 50)],
            "decoder": decoder + [{"type": "Unflatten", "dim": 1, "unflattened_size": [1, 28, 28]}]}


def skip_vae(bench):
    data = bench.dataset("binary", lambda: {"file": np.uint8(255) * (bench.train[:, 0] > 127)})
    x = (bench.test > 127).astype(np.float32)
    found = {}
    for kind in ("vae", "skip-vae"):
        model = bench.service.train(f"deep-{kind}", data, {"type": kind}, deep(kind == "skip-vae"))
        found[kind] = elbo(model, x)
        bound, recon, kl, active = found[kind]
        what = f"{kind} of 5 layers: ELBO (log p(x|z) {recon:.1f}, KL {kl:.1f})"
        bench.row(what, f"{bound:.1f}, {active} active", None, None, model)
    gain, active = found["skip-vae"][0] - found["vae"][0], found["skip-vae"][3]
    bench.row("Skip-VAE above the plain one (active: variance > 0.01)", f"{gain:.1f} nats, {active} of 50 active",
              ">= 10, all active", gain >= 10 and active == 50)


def ml_vae(bench):
    """Groups in training are the labels; those whose evidence is accumulated here are ten images of a class."""
    model = bench.service.train("ml-vae", bench.fashion(), {"type": "ml-vae", "group": 10}, VAE_20)
    sets = []
    for images, labels in ((bench.train[:10000] / np.float32(255), bench.labels[:10000]), (bench.x, bench.test_labels)):
        # Sorted by class, ten by ten: no request cuts a group.
        rows = [np.flatnonzero(labels == label) for label in range(10)]
        order = np.concatenate([of[: len(of) // 10 * 10] for of in rows])
        groups = np.arange(len(order)) // 10
        alone, log_variance = model.posterior(images[order])
        together, _ = model.posterior(images[order], groups=groups)
        sets.append((alone, together, labels[order], log_variance, groups))
    (alone, together, labels, *_), (alone2, together2, labels2, log_variance2, _) = sets
    group, style = slice(0, 10), slice(10, None)
    accuracy = {
        "group": probe(together[:, group], labels, together2[:, group], labels2),
        "alone": probe(alone[:, group], labels, alone2[:, group], labels2),
        "style": probe(alone[:, style], labels, alone2[:, style], labels2)}
    bench.floor("ml-vae: linear probe on the group code, ten images", accuracy["group"], 0.80, model, 3)
    bench.row("ml-vae: the same of one image", f"{accuracy['alone']:.3f}", None, None)
    bench.row("ml-vae: the same on the style code", f"{accuracy['style']:.3f}", "< group's of one - 0.1",
              accuracy["style"] < accuracy["alone"] - 0.1)
    mean, precision = (part[:, group].reshape(-1, 10, 10) for part in (alone2, np.exp(-log_variance2)))
    product = ((precision * mean).sum(1) / precision.sum(1)).repeat(10, 0)
    gap = np.abs(product - together2[:, group]).max()
    bench.row("ml-vae: group code against the product of Gaussians", f"{gap:.1e}", "<= 1e-4", gap <= 1e-4)


def probe(z, labels, z2, labels2, steps=400):
    """Accuracy of softmax regression, trained by gradient descent with momentum."""
    centre, scale = z.mean(0), z.std(0) + 1e-8
    z, z2 = ((np.c_[(part - centre) / scale, np.ones(len(part))]) for part in (z, z2))
    goal = np.eye(labels.max() + 1)[labels]
    weights, velocity = np.zeros((z.shape[1], goal.shape[1])), 0
    for _ in range(steps):
        velocity = 0.9 * velocity + z.T @ (goal - softmax(z @ weights)) / len(z)
        weights += 0.5 * velocity
    return float((np.argmax(z2 @ weights, 1) == labels2).mean())


def softmax(a):
    a = np.exp(a - a.max(1, keepdims=True))
    return a / a.sum(1, keepdims=True)


def anomaly(bench):
    """Every class but boots is ordinary. The threshold comes from held-out data; alarms are counted on test images."""
    ordinary, boots = bench.labels != 9, bench.x[bench.test_labels == 9]
    data = bench.dataset("without-boots", lambda: {"file": bench.train[ordinary, 0]})
    model = bench.service.train("anomaly", data, {"type": "ae"}, mlp([512, 256], 16), 10, 0.1)
    for rate in (0.01, 0.05, 0.1):
        alarms, found = (model.json("score", x, falseAlarmRate=rate)["anomalous"].mean()
                         for x in (bench.x[bench.test_labels != 9], boots))
        bench.row(f"anomaly threshold for {rate:.0%} (of the boots {found:.0%} found)", f"{alarms:.2%} false alarms",
                  f"{rate:.0%} within 1 point", abs(alarms - rate) <= 0.01, model if rate == 0.01 else None)


def ad(bench):
    model = bench.service.train("ad", bench.fashion(), AD, AD_32, 20)
    bench.row("AD-32: MSE of the training images (fitted)", f"{model.metrics['mse']:.4f}", None, None)
    x = bench.x[: bench.examples]
    bench.ceiling(f"AD-32: MSE of {len(x)} test images, fitted", float(((model.fit(x) - x) ** 2).mean()), 0.0070, model)


def missing(bench):
    """Half of the values are missing in training, and sent as 0. The mean square is of what was missing in the test."""
    def half():
        mask = (np.random.default_rng(2).random(bench.train.shape) < 0.5).astype(np.uint8)
        return {"file": bench.train * mask, "mask": mask}

    data = bench.dataset("half", half)
    x = bench.x[: bench.examples]
    vad = {"type": "vad", "likelihood": "gaussian", "variance": 0.01, "learnVariance": True}
    for kind, objective, bars in (("ad", AD, {0.5: 0.0112}), ("vad", vad, {0.5: 0.0112, 0.8: 0.0145, 0.9: 0.0195})):
        model = bench.service.train(f"half-{kind}", data, objective, AD_32, 20)
        # The negative log-posterior of a code, times twice the variance.
        prior = model.metrics.get("decoderVariance", 0.01)
        for share in (0.5, 0.8, 0.9):
            gone = np.random.default_rng(3).random(x.shape) < share
            error = float((((model.fit(x, 1.0 - gone, prior=prior) - x) ** 2)[gone]).mean())
            what = f"{kind.upper()} with half missing in training, {share:.0%} in {len(x)} tests"
            if share in bars:
                bench.ceiling(what, error, bars[share], model if share == 0.5 else None)
            else:
                bench.row(what, f"{error:.4f}", None, None)


def classes(bench):
    """An auto-decoder learns classes 0 to 4, then 5 to 9 with the old codes replayed."""
    old, new = (bench.train[of] for of in (bench.labels < 5, bench.labels >= 5))
    first_data, second_data = (bench.dataset(name, lambda: {"file": x[:, 0]}) for name, x in (("old", old), ("new", new)))
    quick = AD | {"codeLearningRate": 0.1}
    first = bench.service.train("classes", first_data, quick, AD_32, 10)
    model = bench.service.train("classes", second_data, quick, AD_32, 5, parent=f"{first.name}@{first.version}")
    forgotten = model.metrics["forgotten"]
    bench.row("AD, new classes: told as forgotten", f"{forgotten:.4f}", "told", forgotten > 0, model)
    what, errors = "fitted again", []
    for images, codes in zip((old, new), stored(model, bench.models, len(old))):
        step = len(images) // bench.examples
        x = images[::step] / np.float32(255)
        what, y = ("fitted again", model.fit(x)) if codes is None else ("stored", model.decode(codes[::step]))
        errors.append(float(((y - x) ** 2).mean()))
    bench.ceiling(f"AD, new classes: MSE of codes {what}, old", errors[0], 0.0075)
    bench.ceiling(f"AD, new classes: MSE of codes {what}, new", errors[1], 0.0115)


def stored(model, folder, old):
    """Codes of the old images and of the new ones, in the order of the data sets."""
    if folder is None:
        return None, None
    codes = model.codes(folder)
    return codes[:old], codes[old:]


class Features:
    """What a small classifier of the images says of the ten classes, before the softmax. Trained here: always the same."""

    def __init__(self, images, labels, widths=(784, 256, 64, 10), epochs=3, rate=1e-3):
        random = np.random.default_rng(4)
        self.weights = [random.standard_normal((a + 1, b)).astype(np.float32) * np.float32(np.sqrt(2 / a))
                        for a, b in zip(widths, widths[1:])]
        first, second = ([np.zeros_like(w) for w in self.weights] for _ in range(2))
        images, goal, step = images.reshape(len(images), -1), np.eye(10, dtype=np.float32)[labels], 0
        for _ in range(epochs):
            for rows in np.array_split(random.permutation(len(images)), len(images) // 128):
                layers = self.layers(images[rows] / np.float32(255))
                error, step = (softmax(layers[-1]) - goal[rows]) / len(rows), step + 1
                for i in reversed(range(len(self.weights))):
                    inputs = with_one(layers[i])
                    gradient, error = inputs.T @ error, (error @ self.weights[i].T)[:, :-1] * (layers[i] > 0)
                    first[i] += 0.1 * (gradient - first[i])
                    second[i] += 0.001 * (gradient**2 - second[i])
                    self.weights[i] -= rate * (first[i] / (1 - 0.9**step)) / (np.sqrt(second[i] / (1 - 0.999**step)) + 1e-8)

    def layers(self, x):
        layers = [x]
        for i, weights in enumerate(self.weights):
            y = with_one(layers[-1]) @ weights
            layers.append(np.maximum(y, 0) if i + 1 < len(self.weights) else y)
        return layers

    def __call__(self, x):
        return self.layers(x.reshape(len(x), -1).astype(np.float32))[-1].astype(np.float64)


def with_one(x):
    return np.c_[x, np.ones(len(x), np.float32)]


def frechet(a, b):
    """The distance of two Gaussians with the means and covariances of these features (Heusel et al. 2017)."""
    covariances = [np.cov(part.T) for part in (a, b)]
    values, vectors = np.linalg.eigh(covariances[0])
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    product = np.linalg.eigvalsh(root @ covariances[1] @ root)
    trace = np.trace(covariances[0] + covariances[1]) - 2 * np.sqrt(np.maximum(product, 0)).sum()
    return float(((a.mean(0) - b.mean(0)) ** 2).sum() + trace)


def sampling(bench):
    """How near to the test images samples of the mixture are, beside those of one Gaussian, or of a VAE's prior."""
    features = Features(bench.train, bench.labels)
    real = features(bench.x)
    accuracy = (np.argmax(real, 1) == bench.test_labels).mean()
    bench.row("sampling: accuracy of the classifier whose features count", f"{accuracy:.3f}", None, None)
    for kind, plan, plain, known in (
            ("AE", ("ae-20", bench.fashion(), {"type": "ae"}, AE_32, 20), "gaussian", 0.99),
            ("AD", ("ad", bench.fashion(), AD, AD_32, 20), "gaussian", 0.29),
            ("VAE", ("vae", bench.fashion(), {"type": "vae"}, VAE_20, 10), "prior", 1.50)):
        model = bench.service.train(*plan)
        default = bench.service.post(f"{model.path}/sample", {"count": 1})["source"]
        one, many = (frechet(real, features(model.sample(len(real), source))) for source in (plain, "mixture"))
        what = f"{kind}: Frechet distance, mixture / {plain}; default {default}"
        bench.row(what, f"{many:.2f} / {one:.2f} = {many / one:.4f}", f"<= 1.2 x {known:.2f}",
                  many <= 1.2 * known and default == "mixture", model)
        if kind != "AD":
            floor = frechet(real, features(model.decode(model.encode(bench.train[:10000] / np.float32(255)))))
            bench.row(f"{kind}: Frechet distance of decoded codes of training images", f"{floor:.2f}", None, None)


def linear_vae(bench):
    """Data of a linear model of known likelihood, all of it trained on and measured on by the training itself."""
    random = np.random.default_rng(5)
    weights = np.array([[1.2, 0.5], [0.8, -1.0], [-0.6, 0.3], [0.4, 0.2], [0.1, 0.9]])
    bias = np.array([0.3, -0.2, 1, 0, -1])
    x = random.standard_normal((100000, 2)) @ weights.T + bias + 0.4 * random.standard_normal((100000, 5))
    x = x.astype(np.float32)
    data = bench.dataset("linear", lambda: {"file": x})
    objective = {"type": "vae", "likelihood": "gaussian", "learnVariance": True}
    model = bench.service.train("linear", data, objective, mlp([], 2), 10, batchSize=500,
                                optimizer=ADAM | {"learningRate": 0.02, "schedule": "cosine"})
    covariance = weights @ weights.T + 0.16 * np.eye(5)
    centred = x - bias
    exact = -0.5 * ((centred @ np.linalg.inv(covariance)) * centred).sum(1).mean()
    exact -= 0.5 * (np.linalg.slogdet(covariance)[1] + 5 * np.log(2 * np.pi))
    told = model.metrics["elbo"]
    bench.row(f"linear VAE: gap of the ELBO {told:.4f} to log p(x) {exact:.4f}", f"{exact - told:.4f} nats", "within 0.01",
              abs(exact - told) <= 0.01, model)


def swiss_roll(bench):
    """Some beginnings fold the surface, and no training unfolds it: the first of four seeds that does not counts."""
    random = np.random.default_rng(6)
    t = 1.5 * np.pi * (1 + 2 * random.random(3000))
    x = np.stack([t * np.cos(t), 21 * random.random(3000), t * np.sin(t)], 1)
    x = ((x - x.mean(0)) / x.std(0)).astype(np.float32)
    train, test = x[:2000], x[2000:]
    data = bench.dataset("roll", lambda: {"file": train})
    for seed in range(1, 5):
        model = bench.service.train("roll", data, {"type": "ae"}, mlp([64, 64, 64], 2), 100, seed=seed, batchSize=20,
                                    optimizer=ADAM | {"learningRate": 0.004, "schedule": "cosine"})
        error = model.mse(test)
        if error <= 0.005 or seed == 4:
            bench.ceiling(f"Swiss roll, 2 latents (PCA {model.metrics['pcaMse']:.3f}), seed {seed}", error, 0.005, model)
            return
        bench.row(f"Swiss roll, seed {seed}", f"{error:.4f}", None, None)


def t_sne(bench):
    from sklearn.manifold import TSNE, trustworthiness
    from sklearn.neighbors import KNeighborsClassifier

    model = bench.service.train("ae-20", bench.fashion(), {"type": "ae"}, AE_32, 20)
    codes, labels = model.encode(bench.x[:2000]), bench.test_labels[:2000]
    flat = TSNE(2, init="pca", random_state=0).fit_transform(codes)
    trust = trustworthiness(codes, flat, n_neighbors=5)
    near = KNeighborsClassifier(2).fit(flat, labels).kneighbors(flat, return_distance=False)
    agreement = (labels[np.where(near[:, 0] == np.arange(2000), near[:, 1], near[:, 0])] == labels).mean()
    bench.floor("t-SNE of 2000 codes: trustworthiness", trust, 0.97, model, 3)
    bench.floor("t-SNE of 2000 codes: 1-NN label agreement", agreement, 0.78, None, 3)


SPRITES = (3, 6, 40, 16, 16)


def render():
    """White shapes on black, 32 x 32: square, ellipse, heart; 6 sizes, 40 angles, 16 x 16 places; like dSprites."""
    images = np.zeros((*SPRITES, 32, 32), bool)
    y, x = np.meshgrid(np.arange(32.0), np.arange(32.0), indexing="ij")
    places = 8 + np.arange(16.0)
    right, down = x[None] - places[:, None, None], y[None] - places[:, None, None]
    for i, scale in enumerate(np.linspace(0.5, 1, 6)):
        for j, angle in enumerate(np.arange(40) * 2 * np.pi / 40):
            cos, sin = np.cos(angle) / (5 * scale), np.sin(angle) / (5 * scale)
            u = cos * right[:, None] + sin * down[None]
            v = cos * down[None] - sin * right[:, None]
            images[0, i, j] = (np.abs(u) <= 0.9) & (np.abs(v) <= 0.9)
            images[1, i, j] = u**2 + 4 * v**2 <= 1.2
            h, k = 1.25 * u, -1.25 * v
            images[2, i, j] = (h**2 + k**2 - 1) ** 3 <= h**2 * k**3
    return images.reshape(-1, 32, 32)


def sprites(bench):
    """Whether latents tell of one factor each. An untrained network stands beside: it scores as well."""
    images = render()
    data = bench.dataset("sprites", lambda: {"file": np.uint8(255) * images})
    few = bench.dataset("some-sprites", lambda: {"file": np.uint8(255) * images[:: len(images) // 500]})
    rows = np.random.default_rng(7).choice(len(images), 20000, replace=False)
    factors = np.array(np.unravel_index(rows, SPRITES)).T
    network, gaps = mlp([256, 256], 10), []
    untrained = {"epochs": 1, "optimizer": {"type": "sgd", "learningRate": 1e-9}}
    for what, beta, more in (("untrained", 1, untrained), ("beta 1", 1, {"epochs": 8}), ("beta 4", 4, {"epochs": 8})):
        of = few if more is untrained else data
        model = bench.service.train(what.replace(" ", "-"), of, {"type": "beta-vae", "beta": beta}, network, **more)
        z = model.encode(images[rows, None].astype(np.float32))
        gaps.append(mutual_information_gap(z, factors))
        metric = beta_vae_metric(z, factors)
        bench.row(f"sprites, {what}: MIG (beta-VAE metric {metric:.3f})", f"{gaps[-1]:.3f}", None, None, model)
    bench.row("sprites: MIG of beta 4", f"{gaps[2]:.3f}", f">= 0.10, > {gaps[1]:.3f}", gaps[2] >= 0.1 and gaps[2] > gaps[1])


def mutual_information_gap(z, factors, bins=20):
    """Chen et al. 2018, with means in 20 bins as in Locatello et al. 2019."""
    cells = [np.digitize(column, np.histogram_bin_edges(column, bins)[1:-1]) for column in z.T]
    gaps = []
    for factor in factors.T:
        told = []
        for cell in cells:
            joint = np.zeros((bins, factor.max() + 1))
            np.add.at(joint, (cell, factor), 1 / len(z))
            told.append(entropy(joint.sum(0)) + entropy(joint.sum(1)) - entropy(joint.ravel()))
        second, first = np.sort(told)[-2:]
        gaps.append((first - second) / entropy(joint.sum(0)))
    return float(np.mean(gaps))


def entropy(p):
    p = p[p > 0]
    return -(p * np.log(p)).sum()


def beta_vae_metric(z, factors, count=3000, pairs=64):
    """Higgins et al. 2017: a linear classifier tells by the mean difference of 64 pairs which factor they share."""
    random = np.random.default_rng(8)
    sharing = [[np.flatnonzero(factor == value) for value in range(factor.max() + 1)] for factor in factors.T]
    kept, differences = random.integers(0, len(sharing), count), []
    for factor in kept:
        first = random.integers(0, len(z), pairs)
        second = [random.choice(sharing[factor][value]) for value in factors[first, factor]]
        differences.append(np.abs(z[first] - z[second]).mean(0))
    differences, half = np.array(differences), count // 2
    return probe(differences[:half], kept[:half], differences[half:], kept[half:])


ROWS = {"pca": pca, "ae": ae, "dae": dae, "vae": vae, "beta-vae": beta_vae, "skip-vae": skip_vae, "ml-vae": ml_vae,
        "sprites": sprites, "anomaly": anomaly, "ad": ad, "missing": missing, "classes": classes, "sampling": sampling,
        "linear-vae": linear_vae, "swiss-roll": swiss_roll, "t-sne": t_sne}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("base")
    parser.add_argument("--images", required=True, help="folder of Fashion-MNIST's four idx.gz files")
    parser.add_argument("--rows", default=",".join(ROWS))
    parser.add_argument("--examples", type=int, default=1000)
    parser.add_argument("--models", help="the service's models folder, to look at an auto-decoder's stored codes")
    arguments = parser.parse_args()
    bench = Bench(arguments)
    for name in arguments.rows.split(","):
        bench.start = time.perf_counter()
        ROWS[name](bench)
    sys.exit(bench.short > 0)


if __name__ == "__main__":
    main()
