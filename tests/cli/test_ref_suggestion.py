"""A misspelt ref is refused, with the ref that was probably meant."""

from pathlib import Path

import pytest

from conversas.cli.ref_suggestion import prefixes, suggest_ref
from conversas.providers import get_provider
from conversas.sandbox import Sandbox
from support.cli import Run
from support.generated import PROVIDERS

IS_ZILD_ALONE = [name for name in PROVIDERS if get_provider(name).integer_ids] == ["zild"]
"""Whether a bare integer can only mean a ref of Zild."""
MISSPELT = {
    "zlid:123": "zild:123",
    "Zild:123": "zild:123",
    "zild :123": "zild:123",
    "zild: 123": "zild:123",
    "zild123": "zild:123",
    "zild 123": "zild:123",
    "zild/123": "zild:123",
    "zild-5": "zild:5",
    "ZILD#123": "zild:123",
    "zlid:1..50": "zild:1..50",
    "superagente:c0ffee": "superagentes:c0ffee",
    "superagentes/c0-1": "superagentes:c0-1",
}


@pytest.mark.parametrize(("text", "ref"), MISSPELT.items())
def test_a_misspelt_ref_resembles_one(text: str, ref: str) -> None:
    assert suggest_ref(text) == ref


def test_a_bare_integer_resembles_a_ref_if_one_provider_alone_has_integer_ids() -> None:
    assert suggest_ref("123") == ("zild:123" if IS_ZILD_ALONE else None)


@pytest.mark.parametrize(
    "text", ["", "zild", "zild:", "zlid:abc", "zild.txt", "superagentes.txt", "hal:1", "x" * 100_000, "zild:1"]
)
def test_other_texts_resemble_none(text: str) -> None:
    assert suggest_ref(text) is None


@pytest.mark.parametrize("text", ["zlid:123", "zild123", *(["123"] if IS_ZILD_ALONE else [])])
@pytest.mark.parametrize("arguments", [["get"], ["export", "--to", "out"], ["erase", "out"]], ids=" ".join)
def test_each_command_suggests_a_ref(
    command: Run, arguments: list[str], text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = command(*arguments, text, **sandbox.env)
    assert (code, out) == (2, "")
    assert "; did you mean zild:123?" in err
    assert list(tmp_path.iterdir()) == []


def test_a_list_suggests_a_provider_and_no_word_of_the_list(command: Run, tmp_path: Path, sandbox: Sandbox) -> None:
    refs = tmp_path / "refs.txt"
    refs.write_text("zild:1\nzlid:secret\nsecret\n", "utf-8")
    code, _, err = command("export", str(refs), "--to", str(tmp_path / "out"), **sandbox.env)
    assert code == 2
    assert f"{refs}:2: a ref must begin with {prefixes()}; did you mean zild:?\n" in err
    assert f"{refs}:3: a ref must begin with {prefixes()}; for bare ids, pass --provider\n" in err
    assert "secret" not in err


@pytest.mark.parametrize("text", ["zild:1-30", "zild:1 - 30", "zild:1...30", "zild:1\u202630", "zild:1:30"])
def test_a_misspelt_range_is_refused_with_the_form_of_a_range(
    command: Run, text: str, tmp_path: Path, sandbox: Sandbox
) -> None:
    code, _, err = command("export", text, "--to", str(tmp_path / "out"), **sandbox.env)
    assert code == 2
    assert "for example 123; a range has two dots, for example zild:1..5000; nothing was fetched" in err


@pytest.mark.parametrize("text", ["zild:1.201", "zild:1,201", "zild:1 201", "zild:1.201.000,00"])
def test_an_id_with_separators_is_refused_with_what_to_do(
    command: Run, text: str, tmp_path: Path, sandbox: Sandbox
) -> None:
    code, _, err = command("export", text, "--to", str(tmp_path / "out"), **sandbox.env)
    assert code == 2
    assert "for example 123; write it without thousands separators; nothing was fetched" in err


def test_show_suggests_a_ref_that_the_export_may_have(command: Run, tmp_path: Path, sandbox: Sandbox) -> None:
    assert command("export", "zild:1", "--to", str(tmp_path / "out"), **sandbox.env)[0] == 0
    code, _, err = command("show", str(tmp_path / "out"), "zlid:1")
    assert (code, err.endswith("; did you mean zild:1?\n")) == (1, True)
