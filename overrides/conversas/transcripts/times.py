"""Times of a transcript in a time zone."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from conversas.errors import ConfigurationError


def time_zone(name: str | None) -> tzinfo | None:
    """Return the time zone of an IANA name; None if there is no name.

    Raises:
        ConfigurationError: There is no such time zone.
    """
    if name is None:
        return None
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (
        OSError,
        ValueError,
        TypeError,
        KeyError,
    ):  # what ZoneInfo raises for one that is missing, or no name at all
        pass
    raise ConfigurationError("`timezone` must be the name of a time zone, for example UTC or America/Sao_Paulo")


def in_zone(time: datetime, zone: tzinfo | None) -> datetime:
    """Return a time in a zone; as it is if there is no zone, or if the zone has no such year."""
    try:
        return time.astimezone(zone) if zone else time
    except OverflowError:
        return time


def offset(time: datetime) -> str:
    """Return the offset of a time, such as `UTC` or `UTC-03:00`."""
    written = f"{time:%z}"
    return "UTC" if written in ("", "+0000") else f"UTC{written[:3]}:{written[3:5]}"
