"""Formats of the files in an export."""
