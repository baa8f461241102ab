"""Conversations for people and for models: chat messages, pages, plain text and tables. Nothing here does any I/O."""
