"""Exports of many conversations into a directory. `conversas.export` is the entry point."""
