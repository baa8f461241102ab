"""Measurement of converting an export from the sandbox, and of the resulting page in a browser."""

import io
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import frozen

from conversas import Client, export, read_export
from conversas.cli.conversion import Conversion, Form
from conversas.sandbox import Sandbox

CONVERSATIONS = 10_000
TIME_GALLERY = Path(__file__).parents[2] / "node" / "time-gallery.mjs"


@frozen
class PageFigures:
    """Figures of a page with all conversations. `browser` has the times of a browser; None without a browser."""

    mib: float
    seconds_to_write: float
    browser: dict[str, float] | None


def conversion_times() -> tuple[dict[str, float], PageFigures]:
    """Return the CPU seconds of `read_export` and of each conversion, and the figures of the page."""
    with _export() as folder:
        times = {"read_export": _seconds_to_read(folder)}
        for form in (Form.CHAT, Form.TEXT, Form.CSV):
            times[form], _ = _convert(folder, form)
        seconds, page = _convert(folder, Form.HTML)
        return times, PageFigures(len(page) / 2**20, seconds, _time_in_browser(folder.parent / "page.html", page))


@contextmanager
def _export() -> Iterator[Path]:
    half = CONVERSATIONS // 2
    refs = [*(f"zild:{number}" for number in range(half)), *(f"superagentes:s{number}" for number in range(half))]
    with TemporaryDirectory() as parent, Sandbox(seed=7) as sandbox:
        folder = Path(parent) / "export"
        with Client(sandbox.zild, sandbox.superagentes) as client:
            export(refs, to=folder, client=client)
        yield folder


def _seconds_to_read(folder: Path) -> float:
    started = time.process_time()
    for _ in read_export(folder):
        pass
    return time.process_time() - started


def _convert(folder: Path, form: Form) -> tuple[float, bytes]:
    file, started = io.BytesIO(), time.process_time()
    Conversion(form=form, unknown_roles="drop").write(read_export(folder), file, directory=folder.parent)
    return time.process_time() - started, file.getvalue()


def _time_in_browser(file: Path, page: bytes) -> dict[str, float] | None:
    browser, node = shutil.which("chromium"), shutil.which("node")
    if browser is None or node is None:
        return None
    file.write_bytes(page)
    command = [node, str(TIME_GALLERY), browser, str(file)]
    found: dict[str, float] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return found
