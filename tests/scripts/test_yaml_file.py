"""YAML 1.2, as the specs are written in it."""

from pathlib import Path

import pytest

from tools.regenerate.reduced.problems import SpecError
from tools.regenerate.spec import load_yaml

VALUES = {
    "no": "no",
    "on": "on",
    "Yes": "Yes",
    "true": True,
    "~": None,
    "": None,
    "12": 12,
    "007": 7,
    "0x1F": 31,
    "0o17": 15,
    "1e3": 1000.0,
    "-.5": -0.5,
    "12:30:00": "12:30:00",
    "1_000": "1_000",
    "2023-01-01": "2023-01-01",
    "2023-01-01T00:00:00Z": "2023-01-01T00:00:00Z",
    "'12'": "12",
    "3.1.0": "3.1.0",
}


@pytest.mark.parametrize("text", VALUES)
def test_a_plain_scalar_is_what_yaml_1_2_says(tmp_path: Path, text: str) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(f"value: {text}\non: 1\n", "utf-8")
    assert load_yaml(file) == {"value": VALUES[text], "on": 1}


def told(file: Path, text: str) -> str:
    """Return what is told of a file with this text."""
    file.write_text(text, "utf-8")
    with pytest.raises(SpecError) as found:
        load_yaml(file)
    return str(found.value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\nb: 2\na: 3\n", "line 3: found duplicate key 'a'"),
        ("a: [1\n", "line 1: "),
        ("a: 1\n--- \nb: 2\n", "line 2: "),
        ("a: !!python/object:os.system 1\n", "line 1: "),
        ("? [1, 2]\n: 3\n", "line 1: "),
        ("a: &a [*a]\n", "somewhere: a YAML alias leads back to itself"),
    ],
)
def test_what_is_no_yaml_is_told_with_its_line(tmp_path: Path, text: str, problem: str) -> None:
    assert f"a.yaml: {problem}" in told(tmp_path / "a.yaml", text)


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(b"a: \xff\xfe\n")
    with pytest.raises(SpecError, match="UTF-8"):
        load_yaml(file)


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        ("a: [1, {example: !!binary aGk=}]", "/a/1/example"),
        ("example: !!set {a, b}", "/example"),
        ("example: !!binary aGk=\nenum: [.NaN, 1]", "/enum/0"),
        ("maximum: .inf", "/maximum"),
        ("minimum: -.INF", "/minimum"),
        ("a: !!pairs [b: 1]", "/a/0"),
        ("a: {!!binary aGk=: 1}", "/a/b'hi'"),
    ],
)
def test_a_value_that_json_cannot_hold_is_told_with_its_pointer(tmp_path: Path, text: str, pointer: str) -> None:
    assert f"a.yaml: {pointer}: JSON cannot hold this value: " in told(tmp_path / "a.yaml", text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"a": 1, "b": {"c": 1, "c": 2}}', "somewhere: found duplicate key 'c'"),
        ('{"a": [NaN]}', "/a/0: JSON cannot hold this value: nan"),
        ("{'a': 1}", "somewhere: must be YAML or JSON"),
    ],
)
def test_what_is_no_json_is_told(tmp_path: Path, text: str, problem: str) -> None:
    assert f"a.json: {problem}" in told(tmp_path / "a.json", text)


def test_aliases_that_expand_to_millions_of_values_are_told(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    lines = [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, 9)]
    file.write_text("\n".join(["a0: &a0 [x]", *lines]), "utf-8")
    with pytest.raises(SpecError, match="aliases expand to more than 1000000 values"):
        load_yaml(file)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    for file in (tmp_path, tmp_path / "missing.yaml"):
        with pytest.raises(SpecError, match="somewhere: cannot be read: "):
            load_yaml(file)
