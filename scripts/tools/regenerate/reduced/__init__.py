"""The reduced form of a spec: read once, and everything else is written from it."""
