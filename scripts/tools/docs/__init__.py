"""Builders of documentation: output of commands, pages of the specs."""
