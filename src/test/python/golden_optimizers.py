"""Writes down where PyTorch's optimisers go on given gradients, for the tests that compare ours with them.

Needs a Python with torch and numpy. Run from the root of the repository:

    python src/test/python/golden_optimizers.py

It replaces src/test/resources/golden/optimizers.json (plans) and optimizers.safetensors: for each plan, `start/i` and `end/i` of
three parameters, `gradients/i` [steps, …] and `rates` [steps]; computed in float64. Of codes: `start` [2, rows, width] (means and
log-variances), `gradients` [2, steps, rows, width], `visits` [steps, rows], and `end`, `end_in_ball`: an Adam for every row, which
steps where the row was visited; in the second, means that are longer than 1 are cut to it.
"""

import json

import torch
from golden_layers import FOLDER, save

STEPS = 7
SHAPES = [3, 4], [5], []

PLANS = [
    {"name": "adam", "type": "adam", "learningRate": 0.01},
    {"name": "adam-decay", "type": "adam", "learningRate": 0.01, "weightDecay": 0.1},
    {"name": "adam-cosine", "type": "adam", "learningRate": 0.02, "schedule": "cosine"},
    {"name": "adam-clip", "type": "adam", "learningRate": 0.01, "clip": 1.5},
    {"name": "adamw", "type": "adamw", "learningRate": 0.01, "weightDecay": 0.3},
    {"name": "adamw-cosine-clip", "type": "adamw", "learningRate": 0.02, "schedule": "cosine", "clip": 2},
    {"name": "sgd", "type": "sgd", "learningRate": 0.1},
    {"name": "sgd-momentum", "type": "sgd", "learningRate": 0.05, "momentum": 0.9},
    {"name": "sgd-momentum-decay", "type": "sgd", "learningRate": 0.05, "momentum": 0.8, "weightDecay": 0.2},
    {"name": "sgd-momentum-cosine", "type": "sgd", "learningRate": 0.05, "momentum": 0.9, "schedule": "cosine"},
    {"name": "sgd-clip", "type": "sgd", "learningRate": 0.1, "clip": 1},
    {"name": "sgd-clip-never-reached", "type": "sgd", "learningRate": 0.1, "clip": 1000},
]


def optimizer(plan, parameters):
    lr, decay = plan["learningRate"], plan.get("weightDecay")
    match plan["type"]:
        case "adam":
            return torch.optim.Adam(parameters, lr, weight_decay=decay or 0)
        case "adamw":
            return torch.optim.AdamW(parameters, lr, weight_decay=0.01 if decay is None else decay)
        case "sgd":
            return torch.optim.SGD(parameters, lr, momentum=plan.get("momentum", 0), weight_decay=decay or 0)


def run(plan, generator):
    start = [torch.randn(shape, generator=generator) for shape in SHAPES]
    gradients = [torch.randn([STEPS, *shape], generator=generator) for shape in SHAPES]
    # Long gradients and short ones: some that are to be clipped, some that are not.
    scales = [torch.linspace(0.05, 1.0, STEPS).reshape(-1, *[1] * len(shape)) for shape in SHAPES]
    gradients = [gradient * scale for gradient, scale in zip(gradients, scales)]
    parameters = [value.double().requires_grad_() for value in start]
    rule = optimizer(plan, parameters)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(rule, STEPS)
    rates = []
    for step in range(STEPS):
        for parameter, gradient in zip(parameters, gradients):
            parameter.grad = gradient[step].double()
        if "clip" in plan:
            torch.nn.utils.clip_grad_norm_(parameters, plan["clip"])
        rates.append(rule.param_groups[0]["lr"])
        rule.step()
        if "schedule" in plan:
            schedule.step()
    arrays = {"rates": torch.tensor(rates)}
    for i, (begin, gradient, end) in enumerate(zip(start, gradients, parameters)):
        arrays |= {f"start/{i}": begin, f"gradients/{i}": gradient, f"end/{i}": end.detach().float()}
    return arrays


def codes(generator, rows=5, width=3, rate=0.05):
    start = torch.randn(2, rows, width, generator=generator)
    start[0] /= torch.linalg.norm(start[0], dim=1, keepdim=True).clamp(min=1)
    gradients = torch.randn(2, STEPS, rows, width, generator=generator)
    visits = torch.rand(STEPS, rows, generator=generator) < 0.6
    visits[:, 0] = True
    visits[:, 1] = False
    arrays = {"start": start, "gradients": gradients, "visits": visits.float()}
    for ending, ball in (("", False), ("_in_ball", True)):
        own = [start[:, row].double().requires_grad_() for row in range(rows)]
        rules = [torch.optim.Adam([code], rate) for code in own]
        for step in range(STEPS):
            for row in range(rows):
                if visits[step, row]:
                    own[row].grad = gradients[:, step, row].double()
                    rules[row].step()
                    if ball:
                        own[row].data[0] /= max(1, torch.linalg.norm(own[row].data[0]))
        arrays["end" + ending] = torch.stack(own, 1).detach().float()
    return arrays


def main():
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(40)
    arrays = {f"{plan['name']}/{key}": value for plan in PLANS for key, value in run(plan, generator).items()}
    arrays |= {"codes/" + key: value for key, value in codes(generator).items()}
    (FOLDER / "optimizers.json").write_text("[\n" + ",\n".join("  " + json.dumps(plan) for plan in PLANS) + "\n]\n")
    save(FOLDER / "optimizers.safetensors", arrays)


if __name__ == "__main__":
    main()
