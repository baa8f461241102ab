"""Benchmarks: this package next to its peers, or next to another revision of itself, as ratios in one run."""
