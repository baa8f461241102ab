"""Time zones by their IANA names."""

from datetime import UTC, tzinfo

from conversas.errors import ConfigurationError


def load_time_zone(name: str) -> tzinfo:
    """Return the time zone of an IANA name.

    Raises:
        ConfigurationError: There is no such time zone.
    """
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo  # a twentieth of what importing this package takes, for what few users need

    try:
        return ZoneInfo(name)
    except (KeyError, OSError, TypeError, ValueError):  # for one that is not there, or no name at all
        suggestion = _suggest(name) if isinstance(name, str) else None  # pyright: ignore[reportUnnecessaryIsInstance]
    did_you_mean = f"; did you mean {suggestion}?" if suggestion else ", for example UTC or America/Sao_Paulo"
    raise ConfigurationError(f"`timezone` must be the name of a time zone{did_you_mean}")


def _suggest(text: str) -> str | None:
    """Return the name that a text may mean: misspelt, in another case, or a city alone."""
    from difflib import get_close_matches
    from zoneinfo import available_timezones

    wanted = text.strip().casefold().replace(" ", "_").replace("-", "_")
    names = {name.casefold(): name for name in sorted(available_timezones())}
    cities = {name.rpartition("/")[2]: original for name, original in names.items()}
    known = cities | names
    return next((known[each] for each in get_close_matches(wanted, known, n=1, cutoff=0.8)), None)
