"""Conversations for people and for models: chat messages, pages, plain text and tables.

The modules do no I/O, except for reading the files of this package.
"""
