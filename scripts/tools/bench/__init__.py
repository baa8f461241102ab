"""Measures this package beside its peers, as ratios in one run."""
