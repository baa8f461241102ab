"""Times of a transcript in a time zone."""

from datetime import datetime, tzinfo

from conversas.time_zones import load_time_zone


def time_zone(name: str | None) -> tzinfo | None:
    """Return the time zone with an IANA name; None if the name is None.

    Raises:
        ConfigurationError: The time zone is unknown.
    """
    return None if name is None else load_time_zone(name)


def in_zone(time: datetime, zone: tzinfo | None) -> datetime:
    """Return a time in a zone. The time is unchanged if there is no zone, or if its year would be out of range."""
    try:
        return time.astimezone(zone) if zone else time
    except OverflowError:
        return time


def offset(time: datetime) -> str:
    """Return the offset of a time, such as `UTC` or `UTC-03:00`."""
    written = f"{time:%z}"
    return "UTC" if written in ("", "+0000") else f"UTC{written[:3]}:{written[3:5]}"
