#!/usr/bin/env bash
# Trains the models that are shipped in models/, through the API of a running service, with nothing but curl:
#
#     examples/train-fashion.sh http://localhost:8080 /usr/share/datasets/fashion-mnist
#
# The second argument is a folder with Fashion-MNIST's train-images-idx3-ubyte.gz, such as Debian's package dataset-fashion-mnist
# installs. Each model becomes the next version of its name in the service's models folder.
set -euo pipefail
base=${1:?usage: train-fashion.sh URL FOLDER}
folder=${2:?usage: train-fashion.sh URL FOLDER}

# field NAME: the first value of that name in the JSON that comes in.
field() {
    grep -o "\"$1\":\"\?[^,\"}]*" | head -1 | sed 's/^[^:]*:"\?//'
}

# train PLAN: asks for a training and waits for its end.
train() {
    local answer id status
    answer=$(curl -sS --fail-with-body "$base/v1/trainings" -H 'Content-Type: application/json' -d "$1")
    id=$(field id <<<"$answer")
    while true; do
        answer=$(curl -sS --fail-with-body "$base/v1/trainings/$id")
        status=$(field status <<<"$answer")
        case $status in
            SUCCEEDED) echo "$(field model <<<"$answer"): version $(field version <<<"$answer")"; return ;;
            FAILED | CANCELLED) echo "$answer" >&2; return 1 ;;
        esac
        sleep 2
    done
}

curl -sS --fail-with-body "$base/v1/datasets" -F name=fashion-mnist -F "file=@$folder/train-images-idx3-ubyte.gz" >/dev/null

common='"dataset": "fashion-mnist", "batchSize": 128, "seed": 7, "validation": {"fraction": 0.05}, "keepCodes": 2000, "optimizer": {"type": "adam", "learningRate": 0.001, "schedule": "cosine"}'

train '{"model": "fashion-ae", '"$common"', "epochs": 20, "objective": {"type": "ae"},
        "network": {"preset": "mlp", "hidden": [256], "latent": 32}}'
train '{"model": "fashion-dae", '"$common"', "epochs": 20, "objective": {"type": "dae", "noise": {"type": "gaussian", "sigma": 0.5}},
        "network": {"preset": "mlp", "hidden": [256], "latent": 32}}'
train '{"model": "fashion-vae", '"$common"', "epochs": 15, "objective": {"type": "vae", "likelihood": "bernoulli"},
        "network": {"preset": "conv", "hidden": [16, 32], "latent": 16}}'
train '{"model": "fashion-ad", '"$common"', "epochs": 30, "objective": {"type": "ad", "prior": 0.01},
        "network": {"preset": "mlp", "hidden": [256], "latent": 32}}'
train '{"model": "fashion-vad", '"$common"', "epochs": 30, "objective": {"type": "vad", "likelihood": "gaussian", "variance": 0.02},
        "network": {"preset": "mlp", "hidden": [256], "latent": 32}}'
