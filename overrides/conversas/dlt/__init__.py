"""Conversations in a warehouse, by dlt: tables that a run adds to and refreshes. Needs the extra `dlt`.

The tables are `conversations`, with one table for each of its lists, such as `conversations__messages`, and `failures`.
Every column is declared, so that none depends on what came first.
"""

from conversas.dlt.source import conversations, exported, load

__all__ = ["conversations", "exported", "load"]
