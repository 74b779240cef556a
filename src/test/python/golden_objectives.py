"""Writes down what objectives lose on tiny networks, and their gradients, for the test that compares ours with them.

Needs a Python with torch and numpy. Run from the root of the repository:

    python src/test/python/golden_objectives.py

It replaces src/test/resources/golden/objectives.json (objectives and networks) and objectives.safetensors. Everything is computed in
float64 from the papers' equations: densities and divergences are those of torch.distributions, groups and pyramids are loops. For each
case there are `weights/…` (the state_dict), the inputs `x` or `target`, `mask`, `eps`, `beta`, `members`, `code`, `code_log_variance`;
`loss`, `recon_loss`, `reg_loss` (means, layers training), `gradient/…` of loss, `after/…` (the running statistics after that pass);
and `recon_per_example`, `reg_per_example` (layers evaluating; without beta).
"""

import json
import math

import torch
from golden_layers import FOLDER, L, Skip, build, save
from torch import nn
from torch.distributions import Normal, kl_divergence

ROWS = 5
GROUPS = [0, 1, 0, 2, 1]


def mlp(kind, *end, latent=4, skip=False, size=6):
    decoder = [L("Linear", in_features=latent, out_features=7), L("Tanh"), L("Linear", in_features=7, out_features=size)]
    if skip:
        decoder.append(L("Skip", latent_features=latent, features=size))
    encoder = [L("Flatten"), L("Linear", in_features=size, out_features=8), L("SiLU")]
    return sections(kind, encoder, 8, decoder + list(end), latent)


def conv(kind, *end, latent=4, skip=False):
    """For [2, 7, 6]; normalised by batches, on both sides."""
    encoder = [
        L("Conv2d", in_channels=2, out_channels=3, kernel_size=4, stride=2, padding=1),
        L("BatchNorm2d", num_features=3),
        L("LeakyReLU", negative_slope=0.2),
        L("Flatten"),
    ]
    decoder = [
        L("Linear", in_features=latent, out_features=27),
        L("Unflatten", dim=1, unflattened_size=[3, 3, 3]),
        L("BatchNorm2d", num_features=3),
        *([L("Skip", latent_features=latent, features=3)] if skip else []),
        L("ELU"),
        L("ConvTranspose2d", in_channels=3, out_channels=2, kernel_size=4, stride=2, padding=1, output_padding=[1, 0]),
    ]
    return sections(kind, encoder, 27, decoder + list(end), latent)


def sections(kind, encoder, width, decoder, latent):
    head = L("Linear", in_features=width, out_features=latent)
    return {
        "ae": {"encoder": encoder + [head], "decoder": decoder},
        "vae": {"encoder": encoder, "mean": [head], "log_variance": [head], "decoder": decoder},
        "ad": {"decoder": decoder},
    }[kind]


VECTOR, IMAGE = [6], [2, 7, 6]
SIGMOID = L("Sigmoid")
IMAGE_AT_THE_END = L("Unflatten", dim=1, unflattened_size=[1, 2, 3])
PYRAMID = [2, 11, 21]


def case(name, objective, shape, network, masked=False, beta=1.0):
    return {"name": name, "objective": objective, "input": shape, "latent": [4], "masked": masked, "beta": beta, "network": network}


def both(name, objective, kind, *end, **more):
    """The same of a multilayer perceptron and of convolutions."""
    return [
        case(name + "-mlp", objective, VECTOR, mlp(kind, *end), **more),
        case(name + "-conv", objective, IMAGE, conv(kind, *end), **more),
    ]


def gaussian(type, **more):
    return {"type": type, "likelihood": "gaussian", **more}


def bernoulli(type, **more):
    return {"type": type, "likelihood": "bernoulli", **more}


NOISE = {"type": "masking", "rate": 0.3}
CASES = [
    *both("ae-squared", gaussian("ae"), "ae"),
    *both("ae-squared-masked", gaussian("ae"), "ae", masked=True),
    *both("ae-bernoulli", bernoulli("ae"), "ae", SIGMOID),
    *both("ae-sparse", gaussian("ae", sparsity=0.3), "ae"),
    *both("dae-squared", gaussian("dae", noise=NOISE), "ae"),
    *both("dae-bernoulli-sparse", bernoulli("dae", noise=NOISE, sparsity=0.1), "ae", SIGMOID),
    *both("vae-bernoulli", bernoulli("vae"), "vae", SIGMOID),
    *both("vae-bernoulli-masked", bernoulli("vae"), "vae", SIGMOID, masked=True),
    *both("vae-fixed-variance", gaussian("vae", variance=0.3), "vae"),
    *both("vae-fixed-variance-masked", gaussian("vae", variance=0.3), "vae", masked=True),
    *both("vae-learned-variance", gaussian("vae", variance=0.7, learnVariance=True), "vae"),
    *both("vae-learned-variance-masked", gaussian("vae", variance=0.7, learnVariance=True), "vae", masked=True),
    *both("beta-vae", bernoulli("beta-vae", beta=4), "vae", SIGMOID, beta=4.0),
    *both("beta-vae-warming-up", gaussian("beta-vae", beta=4, warmup=10), "vae", beta=0.4),
    case("skip-vae-mlp", bernoulli("skip-vae"), [1, 2, 3], mlp("vae", SIGMOID, IMAGE_AT_THE_END, skip=True)),
    case("skip-vae-conv", bernoulli("skip-vae"), IMAGE, conv("vae", SIGMOID, skip=True)),
    *both("ml-vae", bernoulli("ml-vae", group=3, beta=1.5), "vae", SIGMOID, beta=1.5),
    *both("ml-vae-gaussian", gaussian("ml-vae", group=1, learnVariance=True), "vae"),
    *both("ad-squared", {"type": "ad", "prior": 0.02}, "ad"),
    *both("ad-squared-masked", {"type": "ad", "prior": 0.02}, "ad", masked=True),
    *both("ad-l1", {"type": "ad", "prior": 0.0, "loss": "l1"}, "ad"),
    *both("ad-l1-masked", {"type": "ad", "prior": 0.5, "loss": "l1"}, "ad", masked=True),
    *(
        case(
            "ad-laplacian" + ending,
            {"type": "ad", "prior": 0.02, "loss": "laplacian"},
            PYRAMID,
            mlp("ad", L("Unflatten", dim=1, unflattened_size=PYRAMID), size=math.prod(PYRAMID)),
            masked=masked,
        )
        for ending, masked in (("", False), ("-masked", True))
    ),
    *both("vad-bernoulli", bernoulli("vad"), "ad", SIGMOID),
    *both("vad-bernoulli-masked", bernoulli("vad", beta=0.5), "ad", SIGMOID, masked=True, beta=0.5),
    *both("vad-gaussian-masked", gaussian("vad", variance=0.2), "ad", masked=True),
    *both("vad-learned-variance-masked", gaussian("vad", variance=0.2, learnVariance=True), "ad", masked=True),
]


class Autoencoder(nn.Module):
    def __init__(self, network, learned_variance):
        super().__init__()
        for name, layers in network.items():
            setattr(self, name, build(layers))
        if learned_variance is not None:
            self.likelihood = nn.Module()
            self.likelihood.log_variance = nn.Parameter(torch.tensor(math.log(learned_variance)))

    def decode(self, z):
        h = z
        for module in self.decoder:
            h = module(h, z) if isinstance(module, Skip) else module(h)
        return h


def blur(image):
    """A binomial filter along the rows, then along the columns; beyond its edges an image goes on as it ends."""
    kernel = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0], dtype=image.dtype) / 16
    for axis in (-1, -2):
        n = image.shape[axis]
        shifted = (image.index_select(axis, (torch.arange(n) + shift).clamp(0, n - 1)) for shift in range(-2, 3))
        image = sum(weight * part for weight, part in zip(kernel, shifted))
    return image


def half(image):
    """An odd last row or column is averaged for itself: it goes on as it ends."""
    for axis in (-1, -2):
        if image.shape[axis] % 2:
            image = torch.cat([image, image.select(axis, -1).unsqueeze(axis)], axis)
    return (image[..., ::2, ::2] + image[..., 1::2, ::2] + image[..., ::2, 1::2] + image[..., 1::2, 1::2]) / 4


def laplacian(image):
    """Levels, as long as a filter fits twice into what is left."""
    levels = []
    while min(image.shape[-2:]) >= 10:
        smooth = blur(image)
        levels.append(image - smooth)
        image = half(smooth)
    return levels + [image]


def per_example(values):
    return values.reshape(len(values), -1).sum(1)


def negative_log_likelihood(objective, model, y, x, mask):
    if objective["likelihood"] == "bernoulli":
        log_density = x * torch.log(y) + (1 - x) * torch.log1p(-y)
    else:
        learned = objective.get("learnVariance")
        variance = model.likelihood.log_variance.exp() if learned else torch.tensor(objective.get("variance", 1.0))
        log_density = Normal(y, variance.to(y.dtype).sqrt()).log_prob(x)
    return -per_example(torch.where(mask > 0, log_density, 0.0))


def posterior(mean, log_variance):
    return Normal(mean, (0.5 * log_variance).exp())


def divergence(q):
    return kl_divergence(q, Normal(torch.zeros_like(q.loc), torch.ones_like(q.loc))).sum(-1)


def grouped(q, groups, width):
    """The product of Gaussians of the members of each group (Bouchacourt et al. 2018), for each member; and its divergence's share."""
    means, deviations, shares = [], [], []
    for group in groups:
        members = [i for i, other in enumerate(groups) if other == group]
        precision = sum(1 / q.scale[i, :width] ** 2 for i in members)
        mean = sum(q.loc[i, :width] / q.scale[i, :width] ** 2 for i in members) / precision
        product = Normal(mean, precision**-0.5)
        means.append(torch.cat([mean, q.loc[len(means), width:]]))
        deviations.append(torch.cat([product.scale, q.scale[len(deviations), width:]]))
        shares.append(divergence(product) / len(members))
    style = Normal(q.loc[:, width:], q.scale[:, width:])
    return Normal(torch.stack(means), torch.stack(deviations)), torch.stack(shares) + divergence(style)


def losses(one, model, given):
    """recon_loss and reg_loss without beta, of each example."""
    objective = one["objective"]
    x = given.get("target", given.get("x"))
    mask = given.get("mask", torch.ones_like(x))
    match objective["type"]:
        case "ae" | "dae":
            z = model.encoder(given["x"])
            y = model.decode(z)
            if objective["likelihood"] == "bernoulli":
                recon = negative_log_likelihood(objective, model, y, x, mask)
            else:
                recon = per_example(torch.where(mask > 0, (x - y) ** 2, 0.0))
            return recon, objective.get("sparsity", 0.0) * per_example(z.abs())
        case "ad":
            code = given["code"]
            error = torch.where(mask > 0, x - model.decode(code), 0.0)
            match objective.get("loss", "squared"):
                case "squared":
                    recon = per_example(error**2)
                case "l1":
                    recon = per_example(error.abs())
                case "laplacian":
                    recon = sum(2.0 ** (2 * j) * per_example(level.abs()) for j, level in enumerate(laplacian(error)))
            return recon, objective["prior"] * per_example(code**2)
        case "ml-vae":
            h = model.encoder(given["x"])
            q, reg = grouped(posterior(model.mean(h), model.log_variance(h)), GROUPS, objective["group"])
        case "vad":
            q = posterior(given["code"], given["code_log_variance"])
            reg = divergence(q)
        case _:
            h = model.encoder(given["x"])
            q = posterior(model.mean(h), model.log_variance(h))
            reg = divergence(q)
    y = model.decode(q.loc + q.scale * given["eps"])
    return negative_log_likelihood(objective, model, y, x, mask), reg


def inputs(one, generator):
    def uniform(*shape):
        return torch.rand(shape, generator=generator)

    def normal(*shape):
        return torch.randn(shape, generator=generator)

    objective, shape = one["objective"], one["input"]
    x = uniform(ROWS, *shape)
    given = {}
    if one["masked"]:
        given["mask"] = (uniform(ROWS, *shape) < 0.6).float()
        x *= given["mask"]
    if objective["type"] in ("ad", "vad"):
        given |= {"target": x, "code": normal(ROWS, 4)}
    elif objective["type"] == "dae":
        given |= {"target": x, "x": x * (uniform(ROWS, *shape) < 0.7)}
    else:
        given["x"] = x
    if objective["type"] == "vad":
        given["code_log_variance"] = normal(ROWS, 4) - 1
    if objective["type"] not in ("ae", "dae", "ad"):
        given |= {"eps": normal(ROWS, 4), "beta": torch.tensor(one["beta"])}
    if objective["type"] == "ml-vae":
        # What a group's members have in common they draw together.
        for i, group in enumerate(GROUPS):
            given["eps"][i, : objective["group"]] = given["eps"][GROUPS.index(group), : objective["group"]]
        given["members"] = torch.tensor([[float(group == other) for other in GROUPS] for group in range(3)])
    return given


def numbers(one, generator):
    """All arrays of a case, by name."""
    variance = one["objective"].get("variance", 1.0) if one["objective"].get("learnVariance") else None
    model = Autoencoder(one["network"], variance)
    for key, value in model.state_dict().items():
        if value.is_floating_point() and key != "likelihood.log_variance":
            low, high = (0.5, 2.0) if key.endswith("running_var") else (-0.6, 0.6)
            value.uniform_(low, high, generator=generator)
    given = inputs(one, generator)
    arrays = given | {
        "weights/" + key: value.clone() for key, value in model.state_dict().items() if not key.endswith("num_batches_tracked")
    }
    model, given = model.double(), {key: value.double() for key, value in given.items()}

    recon, reg = losses(one, model.eval(), given)
    arrays |= {"recon_per_example": recon, "reg_per_example": reg}

    learned = dict(model.named_parameters())
    for key in ("code", "code_log_variance"):
        if key in given:
            learned[key] = given[key].requires_grad_()
    recon, reg = losses(one, model.train(), given)
    recon, reg = recon.mean(), one["beta"] * reg.mean()
    gradients = torch.autograd.grad(recon + reg, list(learned.values()))
    arrays |= {"loss": recon + reg, "recon_loss": recon, "reg_loss": reg}
    arrays |= {"gradient/" + key: gradient for key, gradient in zip(learned, gradients)}
    arrays |= {"after/" + key: value for key, value in model.state_dict().items() if "running" in key}
    return {key: value.detach().float().clone() for key, value in arrays.items()}


def main():
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(30)
    arrays = {}
    for one in CASES:
        arrays |= {f"{one['name']}/{key}": value for key, value in numbers(one, generator).items()}
        del one["beta"]
    (FOLDER / "objectives.json").write_text("[\n" + ",\n".join("  " + json.dumps(one) for one in CASES) + "\n]\n")
    save(FOLDER / "objectives.safetensors", arrays)


if __name__ == "__main__":
    main()
