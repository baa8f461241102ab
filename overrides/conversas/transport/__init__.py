"""Requests and responses on the wire. Knows no provider."""
