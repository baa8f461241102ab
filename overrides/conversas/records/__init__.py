"""Neutral records: what a conversation is, whichever provider it comes from."""
