"""Maintenance of an export: what changes parts that earlier runs wrote."""
