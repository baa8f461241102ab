"""Neutral records: the parts of a conversation, in the same form for every provider."""
