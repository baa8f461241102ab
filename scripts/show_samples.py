"""Reads the sample body of each provider with its generated client, and prints the result."""

import json
from pathlib import Path
from typing import Any

from conversas_api.superagentes.models import Conversation as SuperagentesConversation
from conversas_api.zild.models import Conversation as ZildConversation

EXAMPLES = Path(__file__).parent.parent / "openapi" / "examples"


def read_sample(provider: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((EXAMPLES / provider / "sample.json").read_text("utf-8"))
    return body


def show(title: str, **facts: object) -> None:
    print(title)
    for name, value in facts.items():
        print(f"  {name:<11}{value}")
    print()


def main() -> None:
    zild = ZildConversation.from_dict(read_sample("zild"))
    show(
        "Zild, openapi/examples/zild/sample.json",
        id=zild.id,
        created_at=zild.created_at,
        agent_type=repr(zild.agent_type),
        messages=len(zild.messages or []),
        tags=len(zild.tags or []),
    )
    superagentes = SuperagentesConversation.from_dict(read_sample("superagentes"))
    show(
        "Superagentes, openapi/examples/superagentes/sample.json",
        id=superagentes.id,
        created_at=superagentes.created_at,
        status=repr(superagentes.status),
        channel=repr(superagentes.channel),
    )
    for message in superagentes.messages or []:
        print(f"  {message.created_at:%H:%M}  {message.from_}: {message.text}")


if __name__ == "__main__":
    main()
