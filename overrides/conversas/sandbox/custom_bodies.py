"""Bodies that a sandbox is given, and serves as they are in the place of those that it makes up."""

from collections.abc import Mapping
from pathlib import Path

from conversas.records.ref import ConversationRef
from conversas.sandbox.faults import PROVIDERS
from conversas.sandbox.routes import int32


def canonical(ref: ConversationRef | str) -> ConversationRef:
    """Give a ref as the sandbox knows it: `zild:007` is `zild:7`.

    Raises:
        ConfigurationError: The ref is none.
        ValueError: There is no such provider, or the id is not one of that provider.
    """
    asked = ConversationRef.parse(ref) if isinstance(ref, str) else ref
    if asked.provider not in PROVIDERS:
        raise ValueError(f"there is no such provider: take one of {', '.join(PROVIDERS)}")
    if asked.provider != "zild":
        return asked
    number = int32(asked.id)
    if number is None:
        raise ValueError("the id of a conversation is an integer of 32 bits")
    return ConversationRef("zild", str(number))


def by_ref(bodies: Mapping[str, bytes]) -> dict[ConversationRef, bytes]:
    """Check the refs of given bodies; it raises what `canonical` does."""
    return {canonical(ref): body for ref, body in bodies.items()}


def files(folder: Path) -> dict[str, Path]:
    """Find `<provider>/<name>.json` in a folder, and give each file a ref.

    An id of Superagentes is the name of the file. Ids of Zild are numbers, so they count from 1 in the order of names.
    """
    refs = {f"superagentes:{file.stem}": file for file in _bodies(folder / "superagentes")}
    return refs | {f"zild:{number}": file for number, file in enumerate(_bodies(folder / "zild"), start=1)}


def _bodies(folder: Path) -> list[Path]:
    """Give what is a body: beside it may lie its neutral form."""
    return sorted(file for file in folder.glob("*.json") if not file.name.endswith(".neutral.json"))
