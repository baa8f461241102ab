"""Tools behind `scripts/`: `scripts/<command>` runs `tools.<command>`."""
