"""Benchmarks that compare this package with its peers, or with another revision of itself, as ratios of one run."""
