"""Sidecar of the manifest. It holds the accounts and the erased refs, so that a rebuilt manifest has them."""

import json
import os
from collections.abc import Set as AbstractSet
from typing import Any, Self

from attrs import asdict, evolve, frozen

from conversas.errors import ExportError
from conversas.exporter.directory import ExportDirectory
from conversas.exporter.files import create_private_file, open_regular_file, replace
from conversas.exporter.manifest import Manifest
from conversas.exporter.manifest_schema import Account, OpenFile

MAX_BYTES = 64 * 1024 * 1024  # room for millions of refs; a longer file could fill the memory
_KIND = "conversas export"


@frozen(kw_only=True)
class Sidecar:
    """Accounts and tombstones of an export, without any text of a conversation."""

    accounts: tuple[Account, ...] = ()
    """Accounts of the providers."""
    erased: AbstractSet[str] = frozenset()
    """Refs that were erased."""
    redaction: str = ""
    """Kind of redaction, a setting of the export."""

    @classmethod
    def of(cls, manifest: Manifest) -> Self:
        """Return the sidecar of a manifest."""
        redaction = manifest.settings.get("redaction", "")
        return cls(accounts=tuple(manifest.accounts().values()), erased=manifest.erased().keys(), redaction=redaction)

    @classmethod
    def read(cls, directory: ExportDirectory) -> Self:
        """Return the sidecar of a directory; an empty sidecar if there is no file.

        Raises:
            ExportError: The file is damaged, or this version of conversas did not write it.
        """
        try:
            with open_regular_file(directory.sidecar) as file:
                return cls._parse(json.loads(file.read(MAX_BYTES)))
        except FileNotFoundError:
            return cls()
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            pass  # the messages of these errors quote the file
        raise ExportError(
            f"{directory.sidecar}, which lists the erased refs, is damaged or does not belong to this export; restore"
            " it, or move it away to continue without the list"
        )

    @classmethod
    def _parse(cls, content: Any) -> Self:
        accounts = tuple(Account(**account) for account in content["accounts"])
        erased = frozenset(content["erased"])
        texts = [text for account in accounts for text in asdict(account).values()]
        redaction = content.get("redaction", "")
        for text in (*texts, *erased, redaction):
            text.encode()  # raises if the value is not a string, or SQLite would refuse it
        if content["kind"] != _KIND:
            raise ValueError
        return cls(accounts=accounts, erased=erased, redaction=redaction)

    def content(self) -> bytes:
        """Return the content of the file."""
        accounts = [asdict(account) for account in self.accounts]
        redaction = {"redaction": self.redaction} if self.redaction else {}
        content = {"kind": _KIND, "accounts": accounts, "erased": sorted(self.erased), **redaction}
        return json.dumps(content, indent=1).encode()


def update_sidecar(directory: ExportDirectory, manifest: Manifest, erased: AbstractSet[str] = frozenset()) -> None:
    """Write the sidecar of a manifest, with tombstones that are about to be committed, unless it is already up to date.

    Raises:
        ExportError: The sidecar is not a regular file, or another program's file has its temporary name.
    """
    sidecar = Sidecar.of(manifest)
    wanted = evolve(sidecar, erased=sidecar.erased | erased)
    if has_sidecar(directory, wanted):
        return
    if os.path.lexists(directory.sidecar_temp):  # the temporary file of a killed run is deleted by now
        raise ExportError(
            f"{directory.sidecar_temp} does not belong to this export; move it away, and run the same command again"
        )
    temporary = OpenFile(directory.sidecar_temp.name)
    manifest.open_names([temporary.name])
    with create_private_file(directory.sidecar_temp) as file:
        file.write(wanted.content())
    replace(directory.sidecar)
    manifest.close_files([temporary])


def has_sidecar(directory: ExportDirectory, wanted: Sidecar) -> bool:
    """Return whether the file has exactly these accounts and tombstones.

    Raises:
        ExportError: The file is not a regular file.
    """
    expected = wanted.content()
    try:
        with open_regular_file(directory.sidecar) as file:
            return file.read(len(expected) + 1) == expected
    except FileNotFoundError:
        return False
