#!/usr/bin/env bash
# Renews docs/pictures: runs those commands of README.md whose pictures it shows, against a running service.
#
#     bash examples/pictures.sh [http://localhost:8080]
#
# What the commands read, examples/, is from Fashion-MNIST alone and does not change with the models.
set -euo pipefail
cd "$(dirname "$0")/.."
base=${1:-http://localhost:8080}

command='' inside=''
while IFS= read -r line; do
    case $line in
        '```bash') inside=yes command='' ;;
        '```'*) inside='' ;;
        *'src="docs/pictures/'*)
            picture=${line#*src=\"docs/pictures/}
            picture=${picture%%\"*}
            [[ $command == *"-o $picture"* ]] || continue
            bash -euo pipefail -c "${command//http:\/\/localhost:8080/$base}" </dev/null
            mv "$picture" docs/pictures/
            echo "docs/pictures/$picture"
            ;;
        *) [ -z "$inside" ] || command+=$line$'\n' ;;
    esac
done <README.md
