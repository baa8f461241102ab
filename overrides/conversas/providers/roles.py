"""Roles and speakers, inferred from the sender of each message."""

from collections.abc import Collection, Mapping

from conversas.providers.addresses import canonical_address
from conversas.records.enums import Role

# Words of providers of voice agents for the speaker of a turn.
WORDS = {
    **dict.fromkeys(("user", "customer", "caller", "client", "contact", "human"), Role.CUSTOMER),
    **dict.fromkeys(("cliente", "usuario", "usuário", "contato"), Role.CUSTOMER),
    **dict.fromkeys(("agent", "assistant", "bot", "ai", "agente", "assistente", "atendente"), Role.AGENT),
    **dict.fromkeys(("system", "sistema", "tool"), Role.SYSTEM),
}


def roles_by_address(senders: Collection[str], customer: str | None) -> Mapping[str, Role]:
    """Return the role of each sender: the customer if the address is the customer's, else the agent.

    If no sender has the customer's address, nothing shows who speaks, and no sender has a role.
    """
    address = canonical_address(customer) if customer else None
    roles = {
        sender: Role.CUSTOMER if sender == customer or canonical_address(sender) == address else Role.AGENT
        for sender in senders
    }
    return roles if Role.CUSTOMER in roles.values() else {}


def roles_by_word(senders: Collection[str]) -> Mapping[str, Role]:
    """Return the role of each sender if all of them are words for roles, such as `user` and `agent`."""
    words = {sender: sender.strip().casefold() for sender in senders}
    return {sender: WORDS[word] for sender, word in words.items()} if WORDS.keys() >= {*words.values()} else {}
