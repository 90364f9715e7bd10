"""The tutorial's iteration in other systems, to compare with gan_nb; started by scripts/bench (crate/benches/README.md)."""
