#!/bin/sh
# Downloads the manifest of the release in calico.env and converts it to target.yaml. Writes both files or none:
#   calico.yaml.upstream  what was downloaded; not called .yaml, so that nobody applies or checks it
#   calico.yaml           what is applied
set -eu
cd "$(dirname "$0")"
. ./calico.env
if [ ! -f target.yaml ]; then
  echo "$PWD/target.yaml is missing: it says what is requested" >&2
  exit 1
fi
source=${CALICO_MANIFESTS:-https://raw.githubusercontent.com/projectcalico/calico}/$CALICO_VERSION/manifests/calico.yaml

new=$(mktemp -d ./.update.XXXXXX)
trap 'rm -rf "$new"' EXIT
trap 'exit 1' HUP INT TERM
curl --fail --silent --show-error --location --output "$new/calico.yaml" "$source"
# A mirror may answer with a page of its own, or with another release.
tag=$(printf '%s\n' "$CALICO_VERSION" | sed 's/[.]/[.]/g')
if ! grep -Eq "image: .*calico/node:$tag([\"'@[:space:]]|\$)" "$new/calico.yaml"; then
  echo "$source is not the manifest of Calico $CALICO_VERSION" >&2
  exit 1
fi
# Messages name the file as a person knows it.
(cd "$new" && calico-ipv6 transform --config ../target.yaml calico.yaml > converted.yaml)
mv "$new/calico.yaml" calico.yaml.upstream
mv "$new/converted.yaml" calico.yaml
