"""Clients generated from the specs in openapi/ by scripts/regenerate. Never edited by hand."""
