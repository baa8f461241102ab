"""What scripts/demo shows."""
