"""Reads the conversations of an export back."""

from collections.abc import Iterator
from contextlib import closing
from os import PathLike
from pathlib import Path

from conversas.errors import ExportError
from conversas.exporter.directory import Folder, sha256_of, telling_of
from conversas.exporter.formats.registry import Form, form_of
from conversas.exporter.manifest import Manifest
from conversas.exporter.settings import settings_of
from conversas.records.conversation import Conversation


def read_export(folder: str | PathLike[str]) -> Iterator[Conversation]:
    """Yield each conversation of an export once, in the order of the parts.

    Each part is held against its hash before. The records have neither `source` nor `raw`: the exact bodies are in
    `raw/`, with `--raw`. While it is read, no run can begin in the folder.

    Raises:
        ConfigurationError: The format needs an extra that is not installed.
        ExportError: The folder is none of an export, cannot be read, has a damaged part, or a run works in it.
    """
    place = Folder(Path(folder))
    with closing(Manifest.open(place.manifest)) as manifest:
        settings = settings_of(manifest)
    return _conversations(place, form_of(settings.format, compress=settings.compress))


def _conversations(place: Folder, form: Form) -> Iterator[Conversation]:
    with telling_of(place.path), closing(Manifest.open(place.manifest)) as manifest, place.at_rest():
        for part in manifest.parts():
            path, refs = place.path / part.name, manifest.refs_of(part)
            if sha256_of(path) != part.sha256:
                raise ExportError(f"{path} is damaged: conversas verify says what to fetch again")
            wanted = (each for each in form.read(path) if each["ref"] in refs)
            yield from map(Conversation.from_dict, wanted)  # a traceback may show the variables of a loop
