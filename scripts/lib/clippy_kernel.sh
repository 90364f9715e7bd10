#!/usr/bin/env bash
# Clippy for the kernel, with the dependencies that its build has compiled. `cargo clippy` would first check evcxr and its
# rust-analyzer, for minutes; so clippy's driver compiles the kernel in rustc's place, as `cargo clippy` has it do too.
set -euo pipefail
. "$(dirname "$0")/common.sh"

export RUSTC_WORKSPACE_WRAPPER=clippy-driver CLIPPY_ARGS=-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__
cargo test --release --no-run --manifest-path "$ROOT/kernel/Cargo.toml"
