#!/bin/bash
# Made data/fashion-mnist-sample: 1000 images of Fashion-MNIST's training set, the first of every 60 of each class, in the order of
# the whole set. Needs Debian's package dataset-fashion-mnist, Python, and a running service that keeps its datasets in data/:
#
#   apt-get install dataset-fashion-mnist
#   bash examples/fashion-sample.sh [http://localhost:8080]
set -euo pipefail
cd "$(dirname "$0")/.."
source=/usr/share/datasets/fashion-mnist
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

python3 - "$source" "$work" <<'END'
import gzip, struct, sys
source, work = sys.argv[1:]
images = gzip.open(f"{source}/train-images-idx3-ubyte.gz").read()[16:]
labels = gzip.open(f"{source}/train-labels-idx1-ubyte.gz").read()[8:]
seen, kept = [0] * 10, []
for row, label in enumerate(labels):
    if seen[label] % 60 == 0:
        kept.append(row)
    seen[label] += 1
with open(f"{work}/images.idx", "wb") as file:
    file.write(struct.pack(">HBB3I", 0, 8, 3, len(kept), 28, 28))
    file.write(b"".join(images[784 * row:784 * row + 784] for row in kept))
with open(f"{work}/labels.idx", "wb") as file:
    file.write(struct.pack(">HBBI", 0, 8, 1, len(kept)))
    file.write(bytes(labels[row] for row in kept))
END

curl -sS --fail-with-body "${1:-http://localhost:8080}/v1/datasets" -F name=fashion-mnist-sample \
    -F file=@"$work/images.idx" -F labels=@"$work/labels.idx"
cp examples/LICENSE-fashion-mnist.txt data/fashion-mnist-sample/LICENSE.txt
