"""Builds what other teams take of openapi/: specs in the forms that tools ask for, vectors, and archives of all."""
