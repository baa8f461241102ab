"""Acme as a provider of conversas."""
