"""scripts/try-spec: operation by operation, what is made and what is told, with bodies that are read."""

from pathlib import Path

import pytest

from support.processes import ROOT
from tools.try_spec.__main__ import main
from tools.try_spec.selection import operations_of, selected

DATA = ROOT / "tests" / "data"
UPLOAD = """
  /upload:
    post:
      operationId: upload
      requestBody: {content: {multipart/form-data: {schema: {type: object}}}}
      responses: {'204': {description: Done.}}
components:
"""


def test_each_operation_is_made_and_its_bodies_are_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(DATA / "shelter.yaml"), "--bodies", "20"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "supported  get /records/{recordId}: every body is read",
        "supported  get /records: every body is read",
        "Supported operations: 2 of 2. Faults: 0.",
    ]


def test_what_is_told_of_one_operation_keeps_no_other_from_being_made(tmp_path: Path, capsys) -> None:
    spec = tmp_path / "other name.yaml"
    spec.write_text((DATA / "shelter.yaml").read_text("utf-8").replace("\ncomponents:\n", UPLOAD, 1), "utf-8")
    assert main([str(spec), "--bodies", "1"]) == 1
    told, place, *_, last = capsys.readouterr().out.splitlines()
    assert told == "unsupported  post /upload"
    assert place.startswith("      /paths/~1upload/post/requestBody/content/multipart~1form-data: ")
    assert last == "Supported operations: 2 of 3. Faults: 0."
    assert main([str(spec), "--bodies", "1", "--method", "get"]) == 0


def test_what_is_no_spec_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "spec.yaml"
    spec.write_text("a: [", "utf-8")
    assert main([str(spec)]) == 1
    assert "spec.yaml: line 1: " in capsys.readouterr().err


HEAD = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\n"
UNUSABLE = {
    "": "/openapi",
    "[1]": "/openapi",
    f"{HEAD}components: {{}}": "/paths",
    f"{HEAD}paths: [1]": "/paths",
    f"{HEAD}paths: {{}}\ncomponents: []": "/components",
    f"{HEAD}paths: {{}}\ncomponents:": "/components",
    f"{HEAD}paths: {{/a: 5}}": "/paths/~1a",
    f"{HEAD}paths: {{5: {{}}}}": "/paths/5",
    f"{HEAD}paths: {{}}\ncomponents: {{schemas: 5}}": "/components/schemas",
}


@pytest.mark.parametrize("text", UNUSABLE)
def test_a_spec_without_usable_operations_is_told_in_one_line(tmp_path: Path, capsys, text: str) -> None:
    spec = tmp_path / "spec.yaml"
    spec.write_text(text, "utf-8")
    assert main([str(spec)]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"spec.yaml: {UNUSABLE[text]}: ")


def test_a_missing_spec_and_a_folder_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for file in (tmp_path, tmp_path / "missing.yaml"):
        assert main([str(file)]) == 1
        assert capsys.readouterr().err.startswith(f"{file.name}: somewhere: cannot be read: ")


def test_a_selection_has_what_its_operations_reach_and_nothing_else() -> None:
    schema = {"type": "object", "properties": {"b": {"$ref": "#/components/schemas/B"}}}
    answer = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}}
    document = {
        "paths": {
            "/a": {"parameters": [1], "get": {"responses": {"200": answer}}, "put": {}},
            "/b": {"$ref": "#/components/pathItems/P"},
        },
        "components": {"schemas": {"A": schema, "B": {}, "C": {}}, "pathItems": {"P": {"get": {}}}},
    }
    assert operations_of(document) == [("get", "/a"), ("put", "/a"), ("get", "/b")]
    found = selected(document, [("get", "/a")])
    assert found["paths"] == {"/a": {"parameters": [1], "get": document["paths"]["/a"]["get"]}}
    assert found["components"]["schemas"] == {"A": schema, "B": {}}


def test_a_selection_has_the_components_that_a_mapping_names() -> None:
    base = {"type": "object", "discriminator": {"propertyName": "kind", "mapping": {"b": "B"}}}
    answer = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}}
    paths = {"/a": {"get": {"responses": {"200": answer}}}}
    document = {"paths": paths, "components": {"schemas": {"A": base, "B": {}}}}
    assert selected(document, [("get", "/a")])["components"]["schemas"] == {"A": base, "B": {}}
