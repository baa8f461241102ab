"""Times of a transcript in a time zone."""

from datetime import datetime, tzinfo

from conversas.time_zones import load_time_zone


def time_zone(name: str | None) -> tzinfo | None:
    """Return the time zone of an IANA name; None if there is no name.

    Raises:
        ConfigurationError: There is no such time zone.
    """
    return None if name is None else load_time_zone(name)


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
