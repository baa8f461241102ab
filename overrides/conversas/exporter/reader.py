"""Reader of an export: its status, problems, drift, conversations and failures."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import closing
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

from attrs import evolve, field, frozen

from conversas.decoding.drift_report import DriftReport
from conversas.errors import ExportError
from conversas.exporter.directory import ExportDirectory
from conversas.exporter.files import sha256_of, wrap_os_errors
from conversas.exporter.formats.registry import PartFormat, part_format
from conversas.exporter.maintenance.adopt import ExportAdoption, adopt
from conversas.exporter.maintenance.erase import ExportErasure, erase, forget
from conversas.exporter.maintenance.redecode import ExportRedecoding, redecode
from conversas.exporter.manifest import Manifest
from conversas.exporter.manifest_schema import Part
from conversas.exporter.settings import load_settings
from conversas.exporter.status import ExportFailure, ExportStatus, drift_report, export_failures, export_status
from conversas.exporter.tables import Rows, check_rows, select_refs, to_messages, to_table
from conversas.exporter.verify import ExportProblem, verify
from conversas.optional import library
from conversas.records.conversation import Conversation
from conversas.records.drift import Drift
from conversas.records.ref import ConversationRef


def _to_path(path: str | PathLike[str]) -> Path:
    return Path(path)


@frozen
class Export:
    """An export that `export` or `conversas export` wrote. Most methods change nothing in its directory.

    `Export(path)` reads nothing. Each method opens the directory, and closes it at the end.
    """

    path: Path = field(converter=_to_path)
    """Directory of the export."""

    def status(self) -> ExportStatus:
        """Return the numbers of fetched, failed, incomplete and drifting conversations, from the manifest alone.

        A run may be using the directory. The status then describes its last commit.

        Raises:
            ExportError: The directory is not an export, or cannot be read.
        """
        return export_status(self._directory)

    def verify(self) -> list[ExportProblem]:
        """Check every file against the hashes and counts in the manifest. An empty list means that all files match.

        Raises:
            ConfigurationError: The format needs an extra that is not installed.
            ExportError: The directory is not an export, or cannot be read; a run is using it; or its manifest is
                damaged.
        """
        return verify(self._directory)

    def drift(self) -> DriftReport:
        """Count the drift of all conversations, from the manifest alone. A run may be using the directory.

        Raises:
            ExportError: The directory is not an export, or cannot be read.
        """
        return drift_report(self._directory)

    def conversations(self) -> Iterator[Conversation]:
        """Yield each conversation once, in the order of the parts.

        Each part is checked against its hash before it is read. The records have neither `source` nor `raw`: the exact
        bodies are in `raw/`, if they were kept. The paths in `drift` have `*` in place of indexes. No run can start in
        the directory until all conversations are read.

        Raises:
            ConfigurationError: The format needs an extra that is not installed.
            DecodeError: The schema version of a record is not supported.
            ExportError: The directory is not an export, cannot be read or has a damaged part, or a run is using it.
        """
        return _conversations(self._directory, self._part_format())

    def to_batches(self, rows: Rows = "conversations") -> Iterator[Any]:
        """Yield the conversations, or their messages, as record batches of `pyarrow`.

        Only one batch is held in memory at a time. Needs the extra `parquet`.

        Args:
            rows: `conversations` for one row per conversation, with the columns of Parquet, or `messages` for one row
                per message, with the columns `ref` and `position` before the columns of a message.

        Raises:
            ConfigurationError: The extra is not installed, or `rows` is neither word.
            DecodeError: The schema version of a record is not supported.
            ExportError: The directory is not an export, cannot be read or has a damaged part, or a run is using it.
        """
        check_rows(rows)
        batches = _batches(self._directory, self._part_format())
        return map(to_messages, batches) if rows == "messages" else batches

    def to_arrow(self, rows: Rows = "conversations") -> Any:
        """Return all conversations, or their messages, as a `pyarrow.Table`; see `to_batches`."""
        return to_table(self.to_batches(rows), rows)

    def to_polars(self, rows: Rows = "conversations") -> Any:
        """Return all conversations, or their messages, as a `polars.DataFrame`; see `to_batches`.

        Raises:
            ConfigurationError: polars is not installed. Every error of `to_batches` is also raised.
        """
        return library("polars", needed_for="to_polars").from_arrow(self.to_arrow(rows))

    def to_pandas(self, rows: Rows = "conversations") -> Any:
        """Return all conversations, or their messages, as a `pandas.DataFrame`; see `to_batches`.

        The columns have types of Arrow, so that integers stay integers next to nulls.

        Raises:
            ConfigurationError: pandas is not installed. Every error of `to_batches` is also raised.
        """
        pandas = library("pandas", needed_for="to_pandas")
        return self.to_arrow(rows).to_pandas(types_mapper=pandas.ArrowDtype)

    def failures(self) -> Iterator[ExportFailure]:
        """Yield each ref whose conversation could not be fetched, sorted by ref. A run may be using the directory.

        A conversation that an earlier run fetched and a later run could not refresh is not a failure.

        Raises:
            ExportError: The directory is not an export, or cannot be read.
        """
        return export_failures(self._directory)

    def adopt(self) -> ExportAdoption:
        """Write a new manifest that lists the sound parts of the directory, and keep the old one under another name.

        Use this method if the manifest is missing, damaged, or older than the parts. It deletes no conversation.

        Raises:
            ConfigurationError: The format needs an extra that is not installed.
            ExportError: There is no sound part, or nothing to adopt; the directory cannot be read or written; or a run
                is using it.
        """
        return adopt(self._directory)

    def erase(self, refs: Iterable[ConversationRef | str]) -> ExportErasure:
        """Delete conversations for good: their parts and raw archives are rewritten, and only their refs stay.

        Later runs skip these refs. If the process is killed, make the same call again to finish.

        Raises:
            ConfigurationError: A ref is invalid, and nothing was erased; or the format needs an extra that is not
                installed.
            ExportError: The directory is not an export, cannot be read or written, or a run is using it.
        """
        return erase(self._directory, refs)

    def erased(self) -> AbstractSet[str]:
        """Return the refs that were erased. A run may be using the directory.

        Raises:
            ExportError: The directory is not an export, or cannot be read.
        """
        with closing(Manifest.open(self._directory.manifest)) as manifest:
            return manifest.erased().keys()

    def forget(self, refs: Iterable[ConversationRef | str]) -> int:
        """Delete conversations and their outcomes, so that a later run fetches them again. Return how many there were.

        Raises:
            ConfigurationError: A ref is invalid, and nothing was changed; or the format needs an extra that is not
                installed.
            ExportError: The directory is not an export, cannot be read or written, or a run is using it.
        """
        return forget(self._directory, refs)

    def redecode(self) -> ExportRedecoding:
        """Decode the raw bodies again and replace the records, for example after an upgrade.

        The method sends no request and loses no body. If the process is killed, make the same call again to continue.
        Times without an offset are read in the time zone of the export's account.

        Raises:
            ConfigurationError: The format needs an extra that is not installed.
            ExportError: The directory is not an export, has no raw bodies, or cannot be read or written; or a run is
                using it.
        """
        return redecode(self._directory)

    def _part_format(self) -> PartFormat:
        with closing(Manifest.open(self._directory.manifest)) as manifest:
            settings = load_settings(manifest)
        return part_format(settings.format, compress=settings.compress)

    @property
    def _directory(self) -> ExportDirectory:
        return ExportDirectory.at(self.path)


def read_export(path: str | PathLike[str]) -> Iterator[Conversation]:
    """Yield each conversation of an export once: short for `Export(path).conversations()`.

    Raises:
        ConfigurationError: The format needs an extra that is not installed.
        DecodeError: The schema version of a record is not supported.
        ExportError: The directory is not an export, cannot be read or has a damaged part, or a run is using it.
    """
    return Export(path).conversations()


def _conversations(directory: ExportDirectory, part_format: PartFormat) -> Iterator[Conversation]:
    for manifest, part, path in _sound_parts(directory):
        refs, drift = manifest.refs_of(part), manifest.drift_of(part)
        records = (record for record in part_format.read(path) if record["ref"] in refs)
        conversations = map(Conversation.from_dict, records)  # no loop: a traceback may show its variables
        yield from map(partial(_with_drift, drift), conversations) if drift else conversations


def _with_drift(drift: Mapping[str, tuple[Drift, ...]], conversation: Conversation) -> Conversation:
    found = drift.get(str(conversation.ref))
    return evolve(conversation, drift=found) if found else conversation


def _batches(directory: ExportDirectory, part_format: PartFormat) -> Iterator[Any]:
    for manifest, part, path in _sound_parts(directory):
        refs = manifest.refs_of(part)
        for batch in part_format.read_batches(path):
            yield select_refs(batch, refs)


def _sound_parts(directory: ExportDirectory) -> Iterator[tuple[Manifest, Part, Path]]:
    """Yield each part with its path, and with the manifest, which says what conversations of the part are current."""
    with (
        wrap_os_errors(directory.path),
        closing(Manifest.open(directory.manifest)) as manifest,
        directory.shared_lock(),
    ):
        for part in manifest.parts():
            path = directory.file(part.name)
            if sha256_of(path) != part.sha256:
                raise ExportError(f"{path} is damaged; run conversas verify to list the refs to fetch again")
            yield manifest, part, path
