"""Maintenance of an export: changes to parts that earlier runs wrote."""
