"""Accounts of an export: a directory holds one account of each provider, in one time zone."""

from collections.abc import Iterable

from conversas.errors import ConfigurationError
from conversas.exporter.directory import ExportDirectory
from conversas.exporter.manifest import Manifest
from conversas.exporter.manifest_schema import Account
from conversas.providers.base import ProviderConfig


def accounts_of(configs: Iterable[ProviderConfig]) -> dict[str, Account]:
    """Return the account of each provider, by the name of the provider."""
    return {each.name: Account(each.name, each.account, each.base_url, each.timezone) for each in configs}


def check_accounts(directory: ExportDirectory, manifest: Manifest, accounts: Iterable[Account]) -> None:
    """Check that the directory has no conversations of another account, or that were read in another time zone.

    Raises:
        ConfigurationError: It has; the message names both.
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
            message = f"{directory.path} holds conversations of {name} with the {what} {old}, and this run has {new}"
            raise ConfigurationError(f"{message}; use the same {what}, or export to another directory", provider=name)


def record_new_urls(manifest: Manifest, accounts: Iterable[Account]) -> None:
    """Record the base URL of each account that the directory has under another one."""
    known = manifest.accounts()
    moved = [each for each in accounts if each.provider in known and each != known[each.provider]]
    if moved:
        manifest.record_accounts(moved)
