"""Settings of an export: the settings that its first run chose, its accounts, and the limits of its parts."""

import contextlib
from collections.abc import Iterable
from pathlib import Path

from attrs import frozen

from conversas.client.retry import is_positive
from conversas.errors import ConfigurationError, ExportError
from conversas.exporter.directory import ExportDirectory
from conversas.exporter.formats.registry import ExportFormat, part_format
from conversas.exporter.manifest import Manifest
from conversas.exporter.manifest_schema import Account
from conversas.providers.base import ProviderConfig
from conversas.redaction.redactor import Redactor

UNFINISHED = "unfinished"
"""Setting that is True from the start of a run until the run has processed all its refs."""
SWITCHES = ("compress", "raw", "original")
"""Settings of a directory that are on or off."""


@frozen(kw_only=True)
class PartLimits:
    """Limits of a part. A part is closed and committed as soon as it reaches one of them.

    Raises:
        ConfigurationError: A limit is not a positive number.
    """

    max_mib: float = 64.0
    """Size of the part's file, or of its raw archive, in MiB."""
    max_conversations: int = 10_000
    """Number of outcomes."""
    max_seconds: float = 10.0
    """Time since the first outcome of the part, in seconds."""

    def __attrs_post_init__(self) -> None:
        if not all(map(is_positive, (self.max_mib, self.max_conversations, self.max_seconds))):
            raise ConfigurationError("`max_mib`, `max_conversations` and `max_seconds` must be positive numbers")


@frozen
class Settings:
    """Settings that apply to all parts of a directory."""

    format: ExportFormat
    compress: bool
    raw: bool
    original: bool = False
    redaction: str = ""
    """Kind of redaction, as `redaction_of` returns it; empty if conversations are not redacted."""


def redaction_of(redactor: Redactor | None) -> str:
    """Return the kind of redaction: the id of the key, if there is a key, and whether agents are redacted."""
    if redactor is None:
        return ""
    key = f"key {redactor.key_id}" if redactor.key_id else "no key"
    return f"{key}, agents" if redactor.agents else key


@frozen
class RequestedSettings:
    """Settings that a run requests. None stands for the setting of the directory.

    Raises:
        ConfigurationError: The format does not exist, or needs an extra that is not installed; or redaction is combined
            with `raw` or `original`.
    """

    format: str | None
    compress: bool | None
    raw: bool | None
    original: bool | None = None
    redaction: str = ""

    def __attrs_post_init__(self) -> None:
        if self.redaction and (self.raw or self.original):
            raise ConfigurationError(
                "`redact` excludes `raw` and `original`, which hold what customers wrote; omit `redact`, or omit `raw`"
                " and `original`"
            )
        if self.format is not None and self.format not in list(ExportFormat):
            raise ConfigurationError(f"format must be one of {', '.join(ExportFormat)}, got {self.format!r}")
        settings = self.for_new_directory()
        part_format(settings.format, compress=settings.compress)  # before a directory is created

    def for_new_directory(self) -> Settings:
        """Return the settings of a directory that this run creates."""
        compress, raw, original = bool(self.compress), bool(self.raw), bool(self.original)
        return Settings(ExportFormat(self.format or "jsonl"), compress, raw, original, self.redaction)


def open_manifest(directory: ExportDirectory, requested: RequestedSettings) -> tuple[Manifest, Settings]:
    """Open the manifest of a directory, or create it.

    Raises:
        ConfigurationError: The directory was created with different settings.
        ExportError: The manifest cannot be used.
    """
    if not Manifest.exists(directory.manifest):
        settings = requested.for_new_directory()
        return create_manifest(directory.manifest, settings), settings
    manifest = Manifest.open(directory.manifest)
    try:
        settings = load_settings(manifest)
        _check_compatible(directory, settings, requested)
    except BaseException:
        manifest.close()
        raise
    return manifest, settings


def create_manifest(path: Path, settings: Settings) -> Manifest:
    """Create a manifest with these settings."""
    switches = {name: str(getattr(settings, name)) for name in SWITCHES}
    return Manifest.create(path, {"format": settings.format, **switches, "redaction": settings.redaction})


def load_settings(manifest: Manifest) -> Settings:
    """Return the settings in a manifest.

    Raises:
        ExportError: A setting is missing, or has an unknown value.
    """
    if settings := _from_rows(manifest.settings):
        return settings
    raise ExportError(
        f"{manifest.path} has settings that this version of conversas does not write; upgrade conversas, or export to a"
        " new directory"
    )


def _from_rows(rows: dict[str, str]) -> Settings | None:
    flags = {"True": True, "False": False}
    with contextlib.suppress(KeyError, ValueError, TypeError):
        compress, raw, original = (flags[rows[name]] for name in SWITCHES)
        return Settings(ExportFormat(rows["format"]), compress, raw, original, rows.get("redaction", ""))
    return None


def _check_compatible(directory: ExportDirectory, settings: Settings, requested: RequestedSettings) -> None:
    if requested.redaction != settings.redaction:
        current, request = (_described(each) for each in (settings.redaction, requested.redaction))
        raise ConfigurationError(
            f"{directory.path} holds conversations that are {current}, but the conversations of this run are {request};"
            " export to another directory"
        )
    for name in ("format", *SWITCHES):
        current, request = getattr(settings, name), getattr(requested, name)
        if request is not None and request != current:
            raise ConfigurationError(
                f"{directory.path} was created with {name}={current}; omit `{name}` (--{name}), or export to another"
                " directory"
            )


def _described(redaction: str) -> str:
    return f"redacted ({redaction})" if redaction else "not redacted"


def accounts_of(configs: Iterable[ProviderConfig]) -> dict[str, Account]:
    """Return the account of each provider, by provider name."""
    return {each.name: Account(each.name, each.account, each.base_url, each.timezone) for each in configs}


def check_accounts(directory: ExportDirectory, manifest: Manifest, accounts: Iterable[Account]) -> None:
    """Check that all conversations in the directory have the account and the time zone of this run.

    Raises:
        ConfigurationError: An account or a time zone differs; the message names both values.
    """
    known = manifest.accounts()
    for account in accounts:
        if stored := known.get(account.provider):
            _check(directory, stored, account)


def _check(directory: ExportDirectory, stored: Account, account: Account) -> None:
    for what, old, new in (
        ("account", stored.account, account.account),
        ("time zone", stored.timezone, account.timezone),
    ):
        if old != new:
            name = account.provider
            message = f"{directory.path} holds conversations of {name} with the {what} {old}, but this run has {new}"
            default = " (without a label, the account is the base URL)" if what == "account" else ""
            remedy = f"use the same {what}{default}, or export to another directory"
            raise ConfigurationError(f"{message}; {remedy}", provider=name)


def record_new_urls(manifest: Manifest, accounts: Iterable[Account]) -> None:
    """Record the base URL of each account that has a different base URL in the manifest."""
    known = manifest.accounts()
    moved = [each for each in accounts if each.provider in known and each != known[each.provider]]
    if moved:
        manifest.record_accounts(moved)
