"""Names and links of attachments. A URL may contain a token, so no name is made from a URL."""

import re
from urllib.parse import urlsplit

from conversas.records.conversation import Attachment, Message

MAX_NAME_CHARACTERS = 200
_PART_OF_URL = re.compile(r"[a-z][a-z0-9+.-]*:/|^\s*//|^\s*data:|[?&#][\w.~%-]+=", re.IGNORECASE)
_PLAIN = re.compile(r"[\x21-\x7e]+")
_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::[0-9]{1,5})?", re.IGNORECASE)


def attachment_name(attachment: Attachment) -> str:
    """Return the name of a file, or else its MIME type, or else `unnamed`. A name with part of a URL is ignored."""
    names = (" ".join((name or "").split()) for name in (attachment.name, attachment.mime_type))
    name = next((name for name in names if name and not _PART_OF_URL.search(name)), "unnamed")
    return name if len(name) <= MAX_NAME_CHARACTERS else f"{name[:MAX_NAME_CHARACTERS]}…"


def spoken(message: Message) -> str:
    """Return the content of a message: its text, then a line `[file: name]` for each attachment."""
    text = (message.text or "").strip()
    if not message.attachments:
        return text
    files = [f"[file: {attachment_name(attachment)}]" for attachment in message.attachments]
    return "\n".join([text, *files] if text else files)


def link_host(url: str | None) -> str | None:
    """Return the host of a URL if a page may link to it: an `https:` URL without a password. Otherwise, return None."""
    if url is None or not _PLAIN.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts.netloc if parts.scheme == "https" and _HOST.fullmatch(parts.netloc) else None
