"""Fetching conversations: one by one, or many with bounded concurrency."""
