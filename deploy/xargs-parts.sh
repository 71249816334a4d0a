#!/bin/sh
# 8 parts, 2 at a time, on one machine; run it again after anything went wrong: what is done is left as it is.
#   sh xargs-parts.sh PHOTOS parts
set -eu
seq 8 | xargs -P 2 -I{} pawlens embed "$1" --shard {}/8 --out "$2"
pawlens merge "$2"
