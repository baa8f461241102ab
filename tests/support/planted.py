"""Records with one text in every field that can hold one, and scripts that people plant in such fields."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import NoneType
from typing import Any, get_args, get_origin

from conversas import Conversation, ConversationRef
from conversas.records.serialization import Record, serialized_fields

MOMENT = datetime(2026, 1, 5, 14, 30, tzinfo=UTC)

_RUN = "window.planted=1;document.title='planted'"
SCRIPTS = [
    f"<script>{_RUN}</script>",
    f"</script><script>{_RUN}</script>",
    f"</style><script>{_RUN}</script>",
    f"</title><script>{_RUN}</script>",
    f"</textarea><script>{_RUN}</script>",
    f"</noscript><script>{_RUN}</script>",
    f"--><script>{_RUN}</script><!--",
    f"<!--<script>{_RUN}//",
    f"]]><script>{_RUN}</script>",
    f"<img src=x onerror=\"{_RUN}\">",
    f"<img src='x' onerror={_RUN.replace(' ', '')}>",
    f"<svg onload=\"{_RUN}\"></svg>",
    f"<svg><script>{_RUN}</script></svg>",
    f"<svg><animate onbegin=\"{_RUN}\" attributeName=x dur=1s>",
    f"<math><mtext></mtext><mglyph><style><img src=x onerror=\"{_RUN}\">",
    f"<iframe src=\"javascript:parent.{_RUN}\"></iframe>",
    f"<iframe srcdoc=\"<script>parent.{_RUN}</script>\"></iframe>",
    f"<object data=\"javascript:{_RUN}\"></object>",
    f"<embed src=\"javascript:{_RUN}\">",
    f"<body onload=\"{_RUN}\">",
    f"<details open ontoggle=\"{_RUN}\"><summary>x</summary></details>",
    f"<input autofocus onfocus=\"{_RUN}\">",
    f"<video><source onerror=\"{_RUN}\"></video>",
    f"<meta http-equiv=refresh content=\"0;url=javascript:{_RUN}\">",
    "<meta http-equiv=refresh content=\"0;url=https://elsewhere.invalid/\">",
    "<base href=\"https://elsewhere.invalid/\">",
    f"<link rel=stylesheet href=\"https://elsewhere.invalid/x.css\" onerror=\"{_RUN}\">",
    "<style>@import 'https://elsewhere.invalid/x.css';</style>",
    f"<form action=\"javascript:{_RUN}\"><button autofocus>x</button></form>",
    f"javascript:{_RUN}",
    f"JaVaScRiPt:{_RUN}//https://host.invalid/",
    f"data:text/html,<script>{_RUN}</script>",
    f"https://host.invalid/\" onmouseover=\"{_RUN}",
    f"https://host.invalid/' onfocus='{_RUN}' autofocus='",
    f"\" autofocus onfocus=\"{_RUN}\" x=\"",
    f"' onload='{_RUN}' x='",
    f"`${{{_RUN}}}`",
    f"\\u003cscript\\u003e{_RUN}\\u003c/script\\u003e",
    f"&lt;script&gt;{_RUN}&lt;/script&gt;",
    f"[x](javascript:{_RUN})",
    "![x](https://elsewhere.invalid/x.png)",
    f"{{{{constructor.constructor('{_RUN}')()}}}}",
]  # fmt: skip


def planted(text: str) -> Conversation:
    """Return a conversation with this text in every field that holds one, of every record in it."""
    conversation: Conversation = filled(Conversation, text)
    return conversation


def filled(hint: Any, text: str) -> Any:
    """Return a value of this annotation, which holds the text wherever it can."""
    if get_origin(hint) is tuple:
        return (filled(get_args(hint)[0], text),)
    if options := get_args(hint):
        (hint,) = (option for option in options if option is not NoneType)
    if issubclass(hint, Record):
        return hint(**{name: filled(each, text) for name, each in serialized_fields(hint).items()})
    if issubclass(hint, StrEnum):
        return list(hint)[1]
    others = {
        str: text,
        ConversationRef: ConversationRef(text, text),
        datetime: MOMENT,
        timedelta: timedelta(minutes=5),
        int: 7,
        bool: True,
    }
    return others[hint]
