"""Sidecar of the manifest: what no part has, so that a manifest that is rebuilt has it as well."""

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

MAX_BYTES = 64 * 1024 * 1024  # millions of refs; what is longer may fill the memory
_KIND = "conversas export"


@frozen(kw_only=True)
class Sidecar:
    """Accounts and tombstones of an export, without a word of any conversation."""

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
        """Return what a directory has, which may be nothing.

        Raises:
            ExportError: There is a file of this name that this conversas did not write, or that is damaged.
        """
        try:
            with open_regular_file(directory.sidecar) as file:
                return cls._parse(json.loads(file.read(MAX_BYTES)))
        except FileNotFoundError:
            return cls()
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            pass  # their texts quote the file
        raise ExportError(
            f"{directory.sidecar} is damaged, or not of this export: it has the refs that were erased; restore it, or"
            " move it away to go on without them"
        )

    @classmethod
    def _parse(cls, content: Any) -> Self:
        accounts = tuple(Account(**account) for account in content["accounts"])
        erased = frozenset(content["erased"])
        texts = [text for account in accounts for text in asdict(account).values()]
        redaction = content.get("redaction", "")
        for text in (*texts, *erased, redaction):
            text.encode()  # raises at another type, and at what SQLite does not take
        if content["kind"] != _KIND:
            raise ValueError
        return cls(accounts=accounts, erased=erased, redaction=redaction)

    def content(self) -> bytes:
        """Return what the file has."""
        accounts = [asdict(account) for account in self.accounts]
        redaction = {"redaction": self.redaction} if self.redaction else {}
        content = {"kind": _KIND, "accounts": accounts, "erased": sorted(self.erased), **redaction}
        return json.dumps(content, indent=1).encode()


def update_sidecar(directory: ExportDirectory, manifest: Manifest, erased: AbstractSet[str] = frozenset()) -> None:
    """Write the sidecar of a manifest, with tombstones that are about to be committed, unless it is there as it is.

    Raises:
        ExportError: It is no regular file, or another program has a file of its temporary name.
    """
    sidecar = Sidecar.of(manifest)
    wanted = evolve(sidecar, erased=sidecar.erased | erased)
    if has_sidecar(directory, wanted):
        return
    if os.path.lexists(directory.sidecar_temp):  # that of a killed run is deleted by now
        raise ExportError(
            f"{directory.sidecar_temp} is not of this export; move it away, and run the same command again"
        )
    temporary = OpenFile(directory.sidecar_temp.name)
    manifest.open_names([temporary.name])
    with create_private_file(directory.sidecar_temp) as file:
        file.write(wanted.content())
    replace(directory.sidecar)
    manifest.close_files([temporary])


def has_sidecar(directory: ExportDirectory, wanted: Sidecar) -> bool:
    """Return whether the file is that of these accounts and tombstones.

    Raises:
        ExportError: It is no regular file.
    """
    expected = wanted.content()
    try:
        with open_regular_file(directory.sidecar) as file:
            return file.read(len(expected) + 1) == expected
    except FileNotFoundError:
        return False
