"""Builds what the documentation shows: output of commands, pages of the specs."""
