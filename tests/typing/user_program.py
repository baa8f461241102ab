"""A program as a user would write it: reads a body at hand, then asks the server whose address it is given."""

import asyncio
import sys
from collections.abc import MutableMapping
from datetime import datetime
from typing import Any, assert_type

from conversas_api.superagentes.models import Conversation as Chat
from conversas_api.superagentes.models import ConversationStatus
from conversas_api.zild import AuthenticatedClient
from conversas_api.zild.api.conversations import get_conversation
from conversas_api.zild.errors import UnexpectedStatus
from conversas_api.zild.models import AgentType, Conversation, Message
from conversas_api.zild.types import UNSET, Response, Unset

BODY: dict[str, Any] = {
    "id": 42,
    "createdAt": "2023-08-14T22:00:03.1104217",
    "finishedAt": None,
    "agentType": 42,
    "messages": [{"id": 1, "content": "Bom dia"}, {"id": 2, "content": None}],
}


def length(conversation: Conversation) -> int:
    assert_type(conversation.messages, list[Message] | None | Unset)
    return len(conversation.messages or [])


def texts(messages: list[Message]) -> list[str]:
    return [message.content for message in messages if isinstance(message.content, str)]


def finished(conversation: Conversation) -> str:
    moment = conversation.finished_at
    if moment is UNSET:
        return "not said"
    if moment is None:
        return "not yet"
    assert_type(moment, datetime)
    return moment.isoformat()


def agent(conversation: Conversation) -> str:
    kind = conversation.agent_type
    match kind:
        case Unset():
            return "none"
        case AgentType.AGENT_TYPE_0:
            return "the first"
        case AgentType():
            assert_type(kind.is_known, bool)
            assert_type(kind.value, int)
            return kind.name if kind.is_known else f"new: {kind.value}"


def describe(conversation: Conversation) -> None:
    assert_type(conversation.id, int | Unset)
    print("id", conversation.id)
    print("length", length(conversation))
    print("texts", texts(conversation.messages or []))
    print("finished", finished(conversation))
    print("agent", agent(conversation))
    print("summary unset", conversation.conversation_summary is UNSET)
    print("known again", Conversation.from_dict(conversation.to_dict()) == conversation)


def is_open(chat: Chat) -> bool:
    status = chat.status or None
    assert_type(status, ConversationStatus | None)
    return status is not ConversationStatus.STATUS_RESOLVED


def fetch(base_url: str) -> None:
    with AuthenticatedClient(base_url, token="secret", timeout=5.0) as client:
        conversation = get_conversation.sync(42, client=client)
        assert_type(conversation, Conversation | None)
        print("fetched", conversation is not None and conversation.id)


async def fetch_details(base_url: str) -> None:
    async with AuthenticatedClient(base_url, token="secret", raise_on_unexpected_status=True) as client:
        assert_type(await get_conversation.asyncio(42, client=client), Conversation | None)
        try:
            response = await get_conversation.asyncio_detailed(42, client=client)
        except UnexpectedStatus as error:
            sys.exit(f"the server answered {error.status_code}")
    assert_type(response, Response[Conversation])
    assert_type(response.headers, MutableMapping[str, str])
    assert_type(response.parsed, Conversation | None)
    print("answered", response.status_code, len(response.content), response.parsed and response.parsed.id)


def main() -> None:
    describe(Conversation.from_dict(BODY))
    print("open", is_open(Chat.from_dict({"status": "UNRESOLVED"})))
    for base_url in sys.argv[1:]:
        fetch(base_url)
        asyncio.run(fetch_details(base_url))


if __name__ == "__main__":
    main()
