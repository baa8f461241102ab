"""Typed, checked access to customer conversations from several platforms."""

__version__ = "0.1.0"

__all__ = ["__version__"]
