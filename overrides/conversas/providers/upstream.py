"""Properties of messages that the documentation of Superagentes does not list. They are read if they are present.

Their names come from the open-source project that the service is very probably built on.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from conversas.json_pointer import is_array, is_object
from conversas.records.conversation import Attachment, Citation

NO_ATTACHMENT, NO_CITATION = Attachment(), Citation()
LARGEST_SIZE = 2**63 - 1  # what a column of an export can hold


def sent_by_member(unlisted: Mapping[str, Any]) -> bool:
    """Return whether a message names a user of the team as its sender, and no visitor, contact or agent."""
    return bool(unlisted.get("userId")) and not sent_by_visitor(unlisted) and not unlisted.get("agentId")


def sent_by_visitor(unlisted: Mapping[str, Any]) -> bool:
    return bool(unlisted.get("visitorId") or unlisted.get("contactId"))


def attachments_of(unlisted: Mapping[str, Any]) -> tuple[Attachment, ...]:
    """Return the files of a message."""
    found = (
        Attachment(
            url=_text(each, "url"), name=_text(each, "name"), mime_type=_text(each, "mimeType"), size_bytes=_size(each)
        )
        for each in _objects(unlisted, "attachments")
    )
    return tuple(attachment for attachment in found if attachment != NO_ATTACHMENT)


def citations_of(unlisted: Mapping[str, Any]) -> tuple[Citation, ...]:
    """Return the sources that an answer of the bot is based on."""
    found = (
        Citation(
            id=_text(each, "chunk_id") or _text(each, "datasource_id"),
            name=_text(each, "datasource_name"),
            url=_text(each, "source_url"),
        )
        for each in _objects(unlisted, "sources")
    )
    return tuple(citation for citation in found if citation != NO_CITATION)


def _objects(unlisted: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    values = unlisted.get(name)
    return filter(is_object, values if is_array(values) else ())


def _text(value: Mapping[str, Any], name: str) -> str | None:
    found = value.get(name)
    return found if isinstance(found, str) and found else None


def _size(value: Mapping[str, Any]) -> int | None:
    """Return the size of a file in bytes. Upstream, the size is a number whose fraction is zero."""
    found = value.get("size")
    if isinstance(found, float) and found.is_integer():
        found = int(found)
    return found if type(found) is int and 0 <= found <= LARGEST_SIZE else None
