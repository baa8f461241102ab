"""The tools behind `scripts/`: `scripts/<command>` runs `tools.<command>`."""
