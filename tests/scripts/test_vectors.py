"""The neutral form beside each example is what `decode` gives, so that readers in other languages can be held to it."""

import json
import shutil
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from conversas import Conversation
from support.examples import EXAMPLES, OUTCOMES, example
from support.processes import ROOT
from tools.vectors import main

NAMES = {name: EXAMPLES / f"{name}.neutral.json" for name in OUTCOMES}


def test_each_example_that_is_a_conversation_has_its_neutral_form_beside_it_and_no_other() -> None:
    assert set(EXAMPLES.glob("*/*.neutral.json")) == set(NAMES.values())


@pytest.mark.parametrize("name", NAMES)
def test_the_neutral_form_beside_an_example_is_what_it_decodes_to(name: str) -> None:
    expected = json.loads(NAMES[name].read_text("utf-8"))
    assert example(name).to_dict() == expected
    assert Conversation.from_dict(expected) == example(name)


def test_the_neutral_forms_fit_the_published_schema() -> None:
    schema = json.loads((ROOT / "openapi" / "neutral" / "conversation.schema.json").read_bytes())
    validator = Draft202012Validator(schema)
    assert [name for name, file in NAMES.items() if not validator.is_valid(json.loads(file.read_bytes()))] == []


def test_a_check_names_each_file_that_would_be_written_otherwise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = Path(shutil.copytree(EXAMPLES, tmp_path / "examples"))
    assert (main(["--check"], copy), capsys.readouterr().out) == (0, "")
    sample, nulls, stale = (copy / "superagentes" / f"{name}.neutral.json" for name in ("sample", "nulls", "null"))
    before = sample.read_bytes()
    sample.write_bytes(before.replace(b"open", b"closed"))
    stale.write_bytes(before)
    nulls.unlink()
    assert main(["--check"], copy) == 1
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [
        f"superagentes/{file.name}" for file in (stale, nulls, sample)
    ]
    assert main([], copy) == 0
    assert (main(["--check"], copy), sample.read_bytes()) == (0, before)
