"""What holds for all parts of a folder: chosen by its first run, and kept by the manifest."""

from attrs import frozen

from conversas.errors import ConfigurationError
from conversas.exporter.directory import Folder
from conversas.exporter.formats.registry import ExportFormat, form_of
from conversas.exporter.manifest import Manifest, is_begun


@frozen
class Wanted:
    """What a run asks for; None leaves it to the folder.

    Raises:
        ConfigurationError: There is no such format, or it needs an extra that is not installed.
    """

    format: str | None
    compress: bool | None
    raw: bool | None

    def __attrs_post_init__(self) -> None:
        if self.format is not None and self.format not in list(ExportFormat):
            raise ConfigurationError(f"format is one of {', '.join(ExportFormat)}")
        form_of(ExportFormat(self.format or "jsonl"), compress=bool(self.compress))  # before a folder is made


@frozen
class Settings:
    """What holds."""

    format: ExportFormat
    compress: bool
    raw: bool


def open_manifest(folder: Folder, wanted: Wanted) -> tuple[Manifest, Settings]:
    """Open the manifest of a folder, or make it.

    Raises:
        ConfigurationError: The folder was begun with other settings.
        ExportError: The manifest cannot be used.
    """
    if not is_begun(folder.manifest):
        chosen = Settings(ExportFormat(wanted.format or "jsonl"), bool(wanted.compress), bool(wanted.raw))
        return Manifest.create(folder.manifest, _stored(chosen)), chosen
    manifest = Manifest.open(folder.manifest)
    try:
        return manifest, _agreed(settings_of(manifest), wanted, folder)
    except BaseException:
        manifest.close()
        raise


def _agreed(settings: Settings, wanted: Wanted, folder: Folder) -> Settings:
    for name in ("format", "compress", "raw"):
        has, asked = getattr(settings, name), getattr(wanted, name)
        if asked is not None and asked != has:
            raise ConfigurationError(
                f"{folder.path} was begun with {name} {has}: leave {name} out, or export elsewhere"
            )
    return settings


def _stored(settings: Settings) -> dict[str, str]:
    return {"format": settings.format, "compress": str(settings.compress), "raw": str(settings.raw)}


def settings_of(manifest: Manifest) -> Settings:
    stored = manifest.settings
    return Settings(ExportFormat(stored["format"]), stored["compress"] == "True", stored["raw"] == "True")
