"""Settings of an export: those of the directory, chosen by its first run, and the limits of its parts."""

import contextlib
from pathlib import Path

from attrs import frozen

from conversas.client.retry import is_positive
from conversas.errors import ConfigurationError, ExportError
from conversas.exporter.directory import ExportDirectory
from conversas.exporter.formats.registry import ExportFormat, part_format
from conversas.exporter.manifest import Manifest


@frozen(kw_only=True)
class PartLimits:
    """Limits of a part: it is closed and committed as soon as it reaches one of them.

    Raises:
        ConfigurationError: A limit is not a positive number.
    """

    max_mib: float = 64.0
    """Size of its file, or of its raw archive, in MiB."""
    max_conversations: int = 10_000
    """Number of outcomes."""
    max_seconds: float = 10.0
    """Time since its first outcome."""

    def __attrs_post_init__(self) -> None:
        if not all(map(is_positive, (self.max_mib, self.max_conversations, self.max_seconds))):
            raise ConfigurationError("max_mib, max_conversations and max_seconds must be positive numbers")


@frozen
class Settings:
    """Settings that hold for all parts of a directory."""

    format: ExportFormat
    compress: bool
    raw: bool


@frozen
class RequestedSettings:
    """Settings that a run requests; None stands for those of the directory.

    Raises:
        ConfigurationError: The format does not exist, or needs an extra that is not installed.
    """

    format: str | None
    compress: bool | None
    raw: bool | None

    def __attrs_post_init__(self) -> None:
        if self.format is not None and self.format not in list(ExportFormat):
            raise ConfigurationError(f"format must be one of {', '.join(ExportFormat)}, got {self.format!r}")
        settings = self.for_new_directory()
        part_format(settings.format, compress=settings.compress)  # before a directory is created

    def for_new_directory(self) -> Settings:
        """Return the settings of a directory that this run creates."""
        return Settings(ExportFormat(self.format or "jsonl"), bool(self.compress), bool(self.raw))


def open_manifest(directory: ExportDirectory, requested: RequestedSettings) -> tuple[Manifest, Settings]:
    """Open the manifest of a directory, or create it.

    Raises:
        ConfigurationError: The directory was created with other settings.
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
    rows = {"format": settings.format, "compress": str(settings.compress), "raw": str(settings.raw)}
    return Manifest.create(path, rows)


def load_settings(manifest: Manifest) -> Settings:
    """Return the settings that a manifest has.

    Raises:
        ExportError: One is missing, or has another value.
    """
    if settings := _from_rows(manifest.settings):
        return settings
    message = "has settings that this conversas does not write; upgrade it, or export to a new directory"
    raise ExportError(f"{manifest.path} {message}")


def _from_rows(rows: dict[str, str]) -> Settings | None:
    flags = {"True": True, "False": False}
    with contextlib.suppress(KeyError, ValueError, TypeError):
        return Settings(ExportFormat(rows["format"]), flags[rows["compress"]], flags[rows["raw"]])
    return None


def _check_compatible(directory: ExportDirectory, settings: Settings, requested: RequestedSettings) -> None:
    for name in ("format", "compress", "raw"):
        current, request = getattr(settings, name), getattr(requested, name)
        if request is not None and request != current:
            raise ConfigurationError(
                f"{directory.path} was created with {name}={current}; omit {name}, or export to another directory"
            )
