"""The export: many conversations into a folder, so that a power cut at any instant costs no more than a part."""

from collections.abc import Callable, Iterable
from contextlib import closing, nullcontext
from os import PathLike
from pathlib import Path
from typing import Literal

from attrs import frozen

from conversas.client.results import Outcomes, with_middleware
from conversas.client.sync_client import Client
from conversas.errors import ConfigurationError, ConversasError, ExportError
from conversas.exporter.checksums import seal, unseal
from conversas.exporter.compaction import replace_stale_parts
from conversas.exporter.directory import Folder, telling_of
from conversas.exporter.formats.registry import form_of
from conversas.exporter.manifest import Manifest
from conversas.exporter.run import AHEAD, ExportRun, ExportSummary, Refresh
from conversas.exporter.settings import Settings, Wanted, open_manifest
from conversas.exporter.writer import PartLimits, Writer
from conversas.records.ref import ConversationRef

SECONDS_BETWEEN_CALLS = 0.1  # of on_progress


def export(
    refs: Iterable[ConversationRef | str],
    *,
    to: str | PathLike[str],
    client: Client | None = None,
    format: Literal["jsonl", "parquet"] | None = None,  # noqa: A002  # the field's own word
    compress: bool | None = None,
    raw: bool | None = None,
    refresh: Literal["in-progress", "failed", "all"] | None = None,
    concurrency: int = 32,
    requests_per_second: float | None = None,
    total_seconds: float | None = None,
    part: PartLimits | None = None,
    on_progress: Callable[[ExportSummary], None] | None = None,
) -> ExportSummary:
    """Get many conversations into a folder. The same call again fetches what is missing, and failures that may pass.

    `docs/export.md` tells what is in the folder. What is committed is on the disk: a run that ends in any way, and is
    begun again, gives each ref exactly once.

    Args:
        refs: What to get. They are read as they are needed. A text that is no ref is a failure in the manifest.
        to: The folder. It is made where there is none.
        client: Who gets them; left out, `Client.from_env()`.
        format: `jsonl` or `parquet` (needs the extra `parquet`); left out, that of the folder, or `jsonl`.
        compress: With zstd (JSON lines need the extra `compress`); left out, as the folder is, or not.
        raw: Keep the exact bodies, too; left out, as the folder does, or not.
        refresh: What to fetch again. A newer version takes the place of the older one.
        concurrency: How many are fetched at a time.
        requests_per_second: How many requests each platform gets at most; None is without limit.
        total_seconds: For the whole run; what is left then is for another one.
        part: When a file is closed and committed.
        on_progress: Called with what was done so far, ten times a second; while the next ref takes its time, not.

    Raises:
        ConfigurationError: An option is none, or not that of the folder.
        ExportError: The folder cannot be read or written, or another run works in it.
        ConversasError: What stopped the run for a platform; the other refs are done, and all is committed.
    """
    folder, wanted, limits = Folder(Path(to)), Wanted(format, compress, raw), part or PartLimits()
    exporter = _Exporter(folder, wanted, Refresh.of(refresh), limits)
    if client and not isinstance(client, Client):  # pyright: ignore[reportUnnecessaryIsInstance]  # users' code
        raise ConfigurationError("client is a Client: an export blocks, also within an event loop")
    with nullcontext(client) if client else Client.from_env() as asked:
        outcomes = asked.get_many(
            refs, concurrency=concurrency, requests_per_second=requests_per_second, total_seconds=total_seconds
        )
        return exporter.export(outcomes, on_progress or _say_nothing)


@frozen
class _Exporter:
    """What is kept where, and how."""

    folder: Folder
    wanted: Wanted
    refresh: Refresh | None
    limits: PartLimits

    def export(self, outcomes: Outcomes, on_progress: Callable[[ExportSummary], None]) -> ExportSummary:
        self.folder.make()
        with self.folder.locked():
            manifest, settings = open_manifest(self.folder, self.wanted)
            with closing(manifest):
                writer = self._begin(manifest, settings)
                run = ExportRun(self.refresh, writer)
                stopped = _stop_of(with_middleware(outcomes, run, prefetch=AHEAD), lambda: on_progress(run.progress()))
                self._end(writer)
        if stopped:
            raise stopped
        return run.progress()

    def _begin(self, manifest: Manifest, settings: Settings) -> Writer:
        form = form_of(settings.format, compress=settings.compress)
        with telling_of(self.folder.path):
            unseal(self.folder)
            self.folder.sweep(name for name, _ in manifest.files())
        return Writer(self.folder, manifest, form, settings.raw, settings.compress, self.limits)

    def _end(self, writer: Writer) -> None:
        """Leave each ref in one part alone, and seal the folder. The manifest is closed."""
        with telling_of(self.folder.path):
            replace_stale_parts(self.folder, writer.manifest, writer.form, compress=writer.compress)
            files = dict(writer.manifest.files())
            self.folder.sweep(files)
            writer.manifest.close()
            seal(self.folder, files.items())


def _stop_of(outcomes: Outcomes, tell: Callable[[], None]) -> ConversasError | None:
    """Go through all refs, and give what stopped the run for a platform."""
    try:
        with outcomes:
            while True:
                tell()  # also before the first ref, which may take its time
                outcomes.next(timeout=SECONDS_BETWEEN_CALLS)
    except StopIteration:
        tell()
        return None
    except ExportError:
        tell()  # what was not kept is counted no longer
        raise
    except ConversasError as error:
        tell()
        return error


def _say_nothing(_: ExportSummary) -> None:
    """Take the place of a callback."""
