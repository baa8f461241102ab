"""Time zones by their IANA names."""

from datetime import UTC, tzinfo

from conversas.errors import ConfigurationError


def load_time_zone(name: str) -> tzinfo:
    """Return the time zone with an IANA name.

    Raises:
        ConfigurationError: There is no such time zone.
    """
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo  # takes a twentieth of this package's import time; few users need it

    try:
        return ZoneInfo(name)
    except (KeyError, OSError, TypeError, ValueError):  # the zone does not exist, or the value is not a name
        suggestion = _suggest(name) if isinstance(name, str) else None  # pyright: ignore[reportUnnecessaryIsInstance]
    did_you_mean = f"; did you mean {suggestion}?" if suggestion else ", for example UTC or America/Sao_Paulo"
    raise ConfigurationError(f"`timezone` must be the name of a time zone{did_you_mean}")


def _suggest(text: str) -> str | None:
    """Return the time zone that a text may mean if it is misspelled, in the wrong case, or only a city."""
    from difflib import get_close_matches
    from zoneinfo import available_timezones

    wanted = text.strip().casefold().replace(" ", "_").replace("-", "_")
    names = {name.casefold(): name for name in sorted(available_timezones())}
    cities = {name.rpartition("/")[2]: original for name, original in names.items()}
    known = cities | names
    return next((known[each] for each in get_close_matches(wanted, known, n=1, cutoff=0.85)), None)
