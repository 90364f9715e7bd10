"""The tutorial's iteration in other systems, beside gan_nb: started by scripts/bench (crate/benches/README.md)."""
