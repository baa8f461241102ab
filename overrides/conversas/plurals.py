"""Numbers with their nouns, in messages."""


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun: `1 file`, `2 files`, `1,000 bodies`.

    Args:
        number: The number.
        noun: The noun in the singular, with what follows it.
        plural: The same in the plural; by default, `noun` with an s.
    """
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"
