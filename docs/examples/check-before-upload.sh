#!/usr/bin/env bash
# Uploads a model folder to the Hub only if forebear finds no violation in it:
#
#   check-before-upload.sh organisation/name path/to/model [options of `hf upload`]
set -euo pipefail

if [ "$#" -lt 2 ]; then
  echo "usage: $0 organisation/name path/to/model [options of hf upload]" >&2
  exit 2
fi
model=$1
folder=$2
shift 2

# 0: no violation. Everything else stops here: 1 violations, 2 usage, 3 nothing to check.
forebear check --persona publisher -- "$folder"

hf upload "$model" "$folder" . "$@"
