"""Reduced form of a spec. The spec is read once, and everything else is written from the reduced form."""
