#!/usr/bin/env bash
# Ends the job as forebear ended.
set -euo pipefail

if [ "$FOREBEAR_EXIT" != 0 ]; then
  echo "forebear found what the input fail-on does not let pass: see the annotations and the job summary."
  exit 1
fi
