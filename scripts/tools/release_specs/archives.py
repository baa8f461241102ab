"""Archives that have the same bytes for the same files: fixed order, time and mode, and no user name."""

import gzip
import hashlib
import tarfile
from collections.abc import Mapping
from io import BytesIO
from time import gmtime
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

TIME = 499162500  # 1985-10-26 08:15 UTC, as in npm: some programs cannot read the earliest years of ZIP
MODE = 0o644
UNIX = 3  # system of a ZIP entry that has a mode


def tar_gz(files: Mapping[str, bytes], folder: str) -> bytes:
    """Return the archive, with all files below this folder. npm reads an archive whose folder is `package`."""
    tar, packed = BytesIO(), BytesIO()
    with tarfile.open(fileobj=tar, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path, content in sorted(files.items()):
            entry = tarfile.TarInfo(f"{folder}/{path}")
            entry.size, entry.mtime, entry.mode = len(content), TIME, MODE
            archive.addfile(entry, BytesIO(content))
    with gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as compressed:
        compressed.write(tar.getvalue())
    return packed.getvalue()


def zipped(files: Mapping[str, bytes], folder: str) -> bytes:
    """Return the archive, with all files below this folder."""
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        for path, content in sorted(files.items()):
            entry = ZipInfo(f"{folder}/{path}", gmtime(TIME)[:6])
            entry.create_system, entry.external_attr = UNIX, MODE << 16
            archive.writestr(entry, content, ZIP_DEFLATED)
    return packed.getvalue()


def checksums(archives: Mapping[str, bytes]) -> bytes:
    """Return the lines that `sha256sum --check` reads."""
    return "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in archives.items()).encode()
