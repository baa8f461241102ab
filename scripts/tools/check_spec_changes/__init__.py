"""Holds each spec against its last release: what changed, whom that breaks, and which version it asks for."""
