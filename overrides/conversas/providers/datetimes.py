"""Times and durations, in the forms that providers write."""

import datetime
import re
from collections.abc import Iterable
from functools import cache

from attrs import field, frozen

from conversas.time_zones import load_time_zone

_ANCHOR_DAY = "2000-01-01"  # any day would do
_NAIVE_ANCHOR = datetime.datetime.fromisoformat(_ANCHOR_DAY)
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)

# ISO 8601. Digits alone are not accepted: they may be milliseconds since 1970.
_ISO = re.compile(
    r"(?:[0-9]{4}-(?:[0-9]{2}-[0-9]{2}|[0-9]{3}|W[0-9]{2}(?:-[0-9])?)|[0-9]{4}W[0-9]{2,3}|[0-9]{7,8}(?=[Tt ]))"
    r"(?:[Tt ][0-9].*)?"
)
# The form of pt-BR: dd/MM/yyyy HH:mm:ss.
_BRAZILIAN = re.compile(
    r"([0-9]{2})/([0-9]{2})/([0-9]{4})(?:,? +([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?)?"
)
# The form of Microsoft's older JSON: milliseconds since 1970 in UTC; the offset changes nothing.
_DATE_CALL = re.compile(r"/Date\((-?[0-9]{1,15})(?:[+-][0-9]{4})?\)/")
# The form of "never" in MySQL.
_ZERO_DATE = re.compile(r"0000-00-00(?:[T ]00:00(?::00(?:[.,]0+)?)?)?Z?")
NEVER = "0001-01-01T00:00:00"

_NEVER_YEARS = (datetime.MINYEAR, datetime.MAXYEAR)
_NEVER_DATES = frozenset(
    {
        datetime.date(1601, 1, 1),  # the first date of Windows
        datetime.date(1753, 1, 1),  # the first date of SQL Server's datetime
        datetime.date(1899, 12, 30),  # the first date of OLE Automation
        datetime.date(1900, 1, 1),  # the first date of SQL Server's smalldatetime, which an empty string becomes
        datetime.date(1970, 1, 1),  # the first date of Unix
    }
)
_LAST_OF_THEM = max(_NEVER_DATES).year

# .NET's TimeSpan, which Zild's `date-span` is assumed to be: [-][d.]hh:mm:ss[.fffffff]
_DURATION = re.compile(r"(-?)(?:([0-9]{1,8})\.)?([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])(?:\.([0-9]{1,7}))?")
_PLAIN_LENGTH = len("hh:mm:ss")
_SECONDS = re.compile(r"([0-9]{1,12}(?:[.,][0-9]{1,12})?) ?s?")
_MINUTES_SECONDS = re.compile(r"([0-9]{1,6}):([0-5][0-9](?:\.[0-9]{1,9})?)")


@frozen
class Localizer:
    """Reader of times without an offset as times of one zone.

    The times that it returns have a fixed offset: Python treats a time in an hour that the clocks repeat as unequal to
    every time in another zone. Adding to an anchor has the same result as `replace(tzinfo=...)`, in a tenth of the time
    on Python 3.11.
    """

    _zoned: datetime.datetime = field(repr=False)
    _in_utc: bool = field(alias="in_utc")

    def __call__(self, naive: datetime.datetime) -> datetime.datetime:
        """Return a time without an offset as an aware time: the first reading, if the clock showed it twice."""
        since = naive - _NAIVE_ANCHOR
        if self._in_utc:
            return self._zoned + since
        return _offset_anchor((self._zoned + since).utcoffset() or datetime.timedelta()) + since

    def many(self, naive: Iterable[datetime.datetime]) -> list[datetime.datetime]:
        """Return each time without an offset as an aware time."""
        if self._in_utc:
            return [self._zoned + (time - _NAIVE_ANCHOR) for time in naive]
        return [*map(self, naive)]

    def repeated(self, time: datetime.datetime) -> datetime.datetime | None:
        """Return the second reading of a time from this localizer, if the clock showed it twice."""
        offset = time.utcoffset()
        if self._in_utc or offset is None or time.tzinfo is not _offset_anchor(offset).tzinfo:
            return None  # the body gives the offset
        naive = time.replace(tzinfo=None)
        second = naive.replace(tzinfo=self._zoned.tzinfo, fold=1).utcoffset() or datetime.timedelta()
        return _offset_anchor(second) + (naive - _NAIVE_ANCHOR) if second < offset else None


@cache
def timezone_localizer(name: str) -> Localizer:
    """Return the reader of times without an offset for the time zone with this IANA name.

    Raises:
        ConfigurationError: There is no such time zone.
    """
    return Localizer(_anchor(load_time_zone(name)), in_utc=name == "UTC")


def _anchor(zone: datetime.tzinfo) -> datetime.datetime:
    return _NAIVE_ANCHOR.replace(tzinfo=zone)


@cache
def _offset_anchor(offset: datetime.timedelta) -> datetime.datetime:
    return _anchor(datetime.timezone(offset))


def is_never(time: datetime.datetime) -> bool:
    """Return whether a time stands for "never": a year that no provider's clock shows, or the zero date of a system."""
    if time.year > _LAST_OF_THEM:
        return time.year in _NEVER_YEARS
    if time.year in _NEVER_YEARS or time.date() in _NEVER_DATES:
        return True
    return time.tzinfo is not None and time.astimezone(datetime.UTC).date() in _NEVER_DATES


def normalize_datetime(text: str) -> str | None:
    """Return a time in the form of the specs, from another known form; None if its form is unknown."""
    text = text.strip()
    if _ISO.fullmatch(text):
        from dateutil.parser import isoparse  # takes a third of this package's import time; few bodies need it

        try:
            return isoparse(text).isoformat()
        except (ValueError, OverflowError):
            return NEVER if _ZERO_DATE.fullmatch(text) else None
    try:
        if match := _BRAZILIAN.fullmatch(text):
            day, month, year, hour, minute, second, fraction = (part or "0" for part in match.groups())
            date, microsecond = datetime.date(int(year), int(month), int(day)), int(fraction.ljust(6, "0")[:6])
            clock = datetime.time(int(hour), int(minute), int(second), microsecond)
            return datetime.datetime.combine(date, clock).isoformat()
        if match := _DATE_CALL.fullmatch(text):
            return (_EPOCH + datetime.timedelta(milliseconds=int(match[1]))).isoformat()
    except (ValueError, OverflowError):
        pass
    return None


def parse_timespan(text: str) -> datetime.timedelta | None:
    """Return the duration `[-][d.]hh:mm:ss[.fffffff]`, to the microsecond; None for other text."""
    if len(text) == _PLAIN_LENGTH and text[2] == text[5] == ":":  # most durations have this form
        return _parse_clock(text)
    match = _DURATION.fullmatch(text)
    if match is None:
        return None
    sign, days, hours, minutes, seconds, fraction = match.groups()
    microseconds = int(fraction.ljust(6, "0")[:6]) if fraction else 0
    whole_seconds = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
    duration = datetime.timedelta(int(days) if days else 0, whole_seconds, microseconds)
    return -duration if sign else duration


def _parse_clock(text: str) -> datetime.timedelta | None:
    """Return the duration `hh:mm:ss`. Nearly all conversations have one, and regular expressions are slow."""
    try:
        duration = datetime.datetime.fromisoformat(f"{_ANCHOR_DAY}T{text}") - _NAIVE_ANCHOR
    except ValueError:
        return None
    return None if duration.days else duration  # later versions of Python read 24:00:00


def parse_offset(text: str) -> float | None:
    """Return the seconds into a call, from `9`, `9.5`, `01:09` or `00:01:09`; None for other text."""
    text = text.strip()
    if (span := parse_timespan(text)) is not None:
        return span.total_seconds()
    if match := _SECONDS.fullmatch(text):
        return float(match[1].replace(",", "."))
    match = _MINUTES_SECONDS.fullmatch(text)
    return int(match[1]) * 60 + float(match[2]) if match else None
