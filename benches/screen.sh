#!/usr/bin/env bash
# What the dashboard costs: 100 simulated captures and keys, eight real captures on a lab, nothing live for five minutes.
# usage: benches/screen.sh      KEYS=1000 LOAD_SECONDS=60 IDLE_SECONDS=300, SCREEN=the bench, if it is built
set -u
WRCAP=$(type -P true) # the program of the other benches is not measured here: cargo builds its own
. "$(dirname "$0")/common.sh"
cd "$(dirname "$0")/.." || exit

lab down
lab up --dir "$WORK/eight" --targets 8 --owner $$ >/dev/null || exit
lab traffic all start
sed -i 's/^defaults:/defaults:\n  viewer: none/' "$WORK/eight/profiles/lab.yaml"
screen() { if [ -n "${SCREEN:-}" ]; then "$SCREEN" "$@"; else cargo bench -q --bench screen -- "$@"; fi; }
screen keys && screen lab "$WORK/eight/profiles" && screen idle
