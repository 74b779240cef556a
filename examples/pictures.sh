#!/bin/sh
# Makes the pictures in README.md with a running service:
#
#   sh examples/pictures.sh [http://localhost:8080]
set -eu
cd "$(dirname "$0")/.."
models=${1:-http://localhost:8080}/v1/models

# picture <name> <model>/<operation> <content type> <body>
picture() {
    curl -sS --fail-with-body "$models/$2" -H "Content-Type: $3" -H 'Accept: image/png' \
        --data-binary "$4" -o "docs/pictures/$1.png"
}

mkdir -p docs/pictures
picture denoised fashion-vae/denoise image/png @examples/noisy.png
picture filled fashion-ad/optimize image/png @examples/half.png
picture samples fashion-vae/sample application/json '{"count": 36, "seed": 7}'
picture between fashion-vae/interpolate application/json @examples/between.json
