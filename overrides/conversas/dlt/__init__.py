"""Conversations in a warehouse, loaded with dlt into tables that each run extends and refreshes. Needs the extra `dlt`.

The tables are `conversations` and `failures`, and one table for each list of a conversation, such as
`conversations__messages`. Every column is declared, so no column depends on the rows that come first.
"""

from conversas.dlt.source import conversations, exported, load

__all__ = ["conversations", "exported", "load"]
