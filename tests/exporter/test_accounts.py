"""A directory holds one account of each provider, in one time zone; each part knows the versions that wrote it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conversas import Client, ConfigurationError, Export, ExportSummary, PartLimits, Superagentes, Zild, export
from conversas._version import __version__
from conversas.exporter.maintenance.adopt import ExportAdoption
from conversas.providers import get_provider
from conversas.sandbox import Fault, Rule, Sandbox
from support.export_reader import ask, files, outcomes

REFS = [f"zild:{number}" for number in range(1, 11)]
ACCOUNTS = "SELECT provider, account, base_url, timezone FROM providers ORDER BY provider"


@pytest.fixture
def other() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def zild(sandbox: Sandbox, **options: Any) -> Client:
    return Client(Zild(sandbox.zild.base_url, sandbox.zild.token, **options))


def send(folder: Path, client: Client, refs: Any = REFS, **options: Any) -> Any:
    with client:
        return export(refs, to=folder, client=client, **options)


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in files(folder)}


def refusal(folder: Path, client: Client, **options: Any) -> str:
    """Return why a run is refused; it changes nothing."""
    before = contents(folder)
    with pytest.raises(ConfigurationError) as refused:
        send(folder, client, ["zild:99"], **options)
    assert contents(folder) == before
    assert refused.value.provider == "zild"
    return str(refused.value)


@pytest.mark.parametrize("refresh", [None, "all"])
def test_another_base_url_is_another_account(folder: Path, sandbox: Sandbox, other: Sandbox, refresh: Any) -> None:
    send(folder, zild(sandbox))
    problem = refusal(folder, zild(other), refresh=refresh)
    assert f"the account {sandbox.zild.base_url}, but this run has {other.zild.base_url}" in problem
    assert other.counts.refs == {}


def test_a_label_tells_two_accounts_at_one_url_apart(folder: Path, sandbox: Sandbox) -> None:
    send(folder, zild(sandbox, account="loja"))
    assert "the account loja, but this run has filial" in refusal(folder, zild(sandbox, account="filial"))
    assert f"the account loja, but this run has {sandbox.zild.base_url}" in refusal(folder, zild(sandbox))
    assert send(folder, zild(sandbox, account="loja")).skipped == len(REFS)


def test_a_label_is_another_account_than_none(folder: Path, sandbox: Sandbox) -> None:
    send(folder, zild(sandbox))
    assert "this run has loja" in refusal(folder, zild(sandbox, account="loja"))


def test_the_same_label_at_a_new_url_is_recorded(folder: Path, sandbox: Sandbox, other: Sandbox) -> None:
    send(folder, zild(sandbox, account="loja"))
    assert ask(folder, ACCOUNTS) == [("zild", "loja", sandbox.zild.base_url, "UTC")]
    assert send(folder, zild(other, account="loja"), [*REFS, "zild:11"]).fetched == 1
    assert ask(folder, ACCOUNTS) == [("zild", "loja", other.zild.base_url, "UTC")]
    send(folder, zild(sandbox, account="loja"))
    assert ask(folder, ACCOUNTS) == [("zild", "loja", sandbox.zild.base_url, "UTC")]


def test_another_time_zone_is_refused(folder: Path, sandbox: Sandbox) -> None:
    send(folder, zild(sandbox, timezone="America/Sao_Paulo"))
    problem = refusal(folder, zild(sandbox))
    assert "the time zone America/Sao_Paulo, but this run has UTC" in problem


def test_a_provider_that_comes_later_brings_its_own_account(folder: Path, sandbox: Sandbox, run: Any) -> None:
    send(folder, zild(sandbox, account="sandbox"))
    run(["superagentes:1"])
    urls = [sandbox.superagentes.base_url, sandbox.zild.base_url]
    assert [row[:3] for row in ask(folder, ACCOUNTS)] == [
        ("superagentes", "sandbox", urls[0]),
        ("zild", "sandbox", urls[1]),
    ]


def test_a_url_that_gave_no_conversation_can_be_corrected(folder: Path, sandbox: Sandbox, other: Sandbox) -> None:
    other.rules = [Rule(Fault.NOT_FOUND)]
    send(folder, zild(other))
    assert ask(folder, ACCOUNTS) == []
    assert send(folder, zild(sandbox)).fetched == len(REFS)
    assert set(outcomes(folder).values()) == {"fetched"}


def test_spellings_of_one_url_are_one_account() -> None:
    spellings = ("https://API.example.com/v1", "https://api.example.com:443/v1/", "https://api.example.com./v1")
    assert {Zild(url, "token").account for url in spellings} == {"https://api.example.com/v1"}
    assert Zild("http://[::1]:80", "token").account == "http://[::1]"
    assert Superagentes("key").account == "https://dash.superagentes.ai/api"
    assert Superagentes("key", account="loja").account == "loja"


@pytest.mark.parametrize("label", ["", " loja", "lo\nja", "l" * 101, "https://api.example.com", 7])
def test_a_label_that_is_none_is_refused_and_not_shown(label: Any) -> None:
    with pytest.raises(ConfigurationError, match="account must") as refused:
        Superagentes("key", account=label)
    assert str(label).strip() in ("", "loja", "7") or str(label) not in str(refused.value)


def test_each_part_has_the_versions_that_wrote_it(folder: Path, run: Any) -> None:
    run(["zild:1", "superagentes:1"])
    run(["zild:2"])
    run(["zild:1"], refresh="all")  # the first part is rewritten
    specs = {name: get_provider(name).spec_version for name in ("superagentes", "zild")}
    rows = ask(folder, "SELECT package_version, spec_versions, record_schema FROM parts")
    assert {row[0] for row in rows} == {__version__}
    assert {row[2] for row in rows} == {2}
    found = sorted((json.loads(row[1]) for row in rows), key=len)
    assert found == [{"zild": specs["zild"]}, {"zild": specs["zild"]}, specs]


def test_an_adoption_takes_accounts_and_versions_from_the_old_manifest(folder: Path, sandbox: Sandbox) -> None:
    send(folder, zild(sandbox, account="loja"))
    (folder / "parts" / "part-000099.jsonl").write_bytes(b"")  # what makes the run refuse
    before = ask(folder, "SELECT package_version, spec_versions FROM parts WHERE number = 1")
    assert isinstance(Export(folder).adopt(), ExportAdoption)
    assert ask(folder, ACCOUNTS) == [("zild", "loja", sandbox.zild.base_url, "UTC")]
    assert ask(folder, "SELECT package_version, spec_versions FROM parts WHERE number = 1") == before


def test_an_adoption_without_an_old_manifest_keeps_the_account(folder: Path, sandbox: Sandbox, other: Sandbox) -> None:
    send(folder, zild(sandbox))
    before = ask(folder, ACCOUNTS)
    (folder / "manifest.sqlite").unlink()
    Export(folder).adopt()
    assert ask(folder, ACCOUNTS) == before
    assert ask(folder, "SELECT package_version, record_schema FROM parts") == [(None, 2)]
    assert sandbox.zild.base_url in refusal(folder, zild(other))


def test_an_adoption_without_any_manifest_knows_no_account(folder: Path, sandbox: Sandbox, other: Sandbox) -> None:
    send(folder, zild(sandbox))
    for name in ("manifest.sqlite", "manifest.json"):
        (folder / name).unlink()
    Export(folder).adopt()
    assert ask(folder, ACCOUNTS) == []
    assert send(folder, zild(other), ["zild:11"]).fetched == 1
    assert ask(folder, ACCOUNTS)[0][1] == other.zild.base_url


def test_the_account_is_next_to_the_manifest_from_the_first_commit_on(folder: Path, sandbox: Sandbox) -> None:
    def stop(summary: ExportSummary) -> None:
        if summary.fetched > 1:
            raise RuntimeError

    with pytest.raises(RuntimeError):
        send(folder, zild(sandbox), concurrency=1, part=PartLimits(max_conversations=1), on_progress=stop)
    (account,) = json.loads((folder / "manifest.json").read_text())["accounts"]
    assert account["account"] == sandbox.zild.base_url
