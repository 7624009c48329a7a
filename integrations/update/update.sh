#!/bin/sh
# Downloads the manifest of the release in calico.env and converts it to target.yaml. Writes both files or none:
#   upstream.yaml  what was downloaded
#   calico.yaml    what is applied
set -eu
cd "$(dirname "$0")"
. ./calico.env
source=${CALICO_MANIFESTS:-https://raw.githubusercontent.com/projectcalico/calico}/$CALICO_VERSION/manifests/calico.yaml

new=$(mktemp -d ./.update.XXXXXX)
trap 'rm -rf "$new"' EXIT
curl --fail --silent --show-error --location --output "$new/calico.yaml" "$source"
# Messages name the file as a person knows it.
(cd "$new" && calico-ipv6 transform --config ../target.yaml calico.yaml > converted.yaml)
mv "$new/calico.yaml" upstream.yaml
mv "$new/converted.yaml" calico.yaml
