"""Decodes the sample body of each provider and prints what the record holds."""

from pathlib import Path

from conversas import Conversation, decode

EXAMPLES = Path(__file__).parent.parent / "openapi" / "examples"


def show(conversation: Conversation) -> None:
    completeness = conversation.completeness
    print(conversation)
    print(f"  created   {conversation.created_at}")
    print(f"  channel   {conversation.channel} (the platform says {conversation.channel_code})")
    print(f"  complete  {completeness.verdict} {' '.join(completeness.reasons)}")
    print(f"  notes     {', '.join(conversation.notes)}")
    for message in conversation.messages:
        print(f"  {message.sent_at:%H:%M}  {message.role:<8}  {message.text}")
    print()


def main() -> None:
    for provider in ("zild", "superagentes"):
        show(decode(provider, (EXAMPLES / provider / "sample.json").read_bytes()))


if __name__ == "__main__":
    main()
