#!/usr/bin/env bash
# What a training beside it costs those who encode, in alternating rounds on one running service:
#
#     bench/beside.sh 127.0.0.1:8080:PID [ROUNDS]
#
# Every round loads the service with nothing else to do, then while it trains a VAE on the shipped sample, and prints a line of each;
# compare the 99th percentiles of a round. The training has a model of its own, `beside`, and is cancelled before the next round.
set -euo pipefail
server=${1:?usage: beside.sh HOST:PORT:PID [ROUNDS]}
rounds=${2:-5}
url=http://${server%:*}
here=$(dirname "$0")

load() {
    java "$here/Load.java" "$server" --requests 20000 --clients 4 --operation encode --format raw | tail -1 | sed "s/^/$1  /"
}

api() {
    curl -sS --fail-with-body "$@"
}

plan='{"model": "beside", "dataset": "fashion-mnist-sample", "epochs": 10000, "batchSize": 128, "seed": 1,
       "objective": {"type": "vae"}, "network": {"preset": "mlp", "hidden": [400], "latent": 20}}'

for _ in $(seq "$rounds"); do
    load "alone  "
    id=$(api "$url/v1/trainings" -H 'Content-Type: application/json' -d "$plan" | grep -o '"id":"[^"]*"' | head -1 | cut -d'"' -f4)
    until api "$url/v1/trainings/$id" | grep -q '"epoch":'; do sleep 0.2; done
    load "beside "
    api -X POST "$url/v1/trainings/$id/cancel" >/dev/null
    until api "$url/v1/trainings/$id" | grep -q '"status":"CANCELLED"'; do sleep 0.2; done
done
