"""What is no conversation is fetched again, and its body is kept."""

import json
from pathlib import Path

import pytest

from conversas import Client, export, read_export
from conversas.sandbox import Fault, Rule, Sandbox
from support.export_reader import outcomes


@pytest.mark.parametrize("fault", [Fault.ERROR_BODY, Fault.ENVELOPE, Fault.PASCAL_CASE])
def test_what_is_no_conversation_is_fetched_again_and_its_body_kept(tmp_path: Path, fault: Fault) -> None:
    folder = tmp_path / "export"
    with Sandbox(rules=[Rule(fault, ids=["2"])]) as sandbox, Client(sandbox.zild) as client:
        first = export(["zild:1", "zild:2"], to=folder, client=client, raw=True)
        assert (first.fetched, first.failed) == (1, 1)
        assert outcomes(folder)["zild:2"] == "DecodeError"
        kept = [file.read_bytes() for file in folder.rglob("*") if file.is_file() and "undecodable" in str(file)]
        assert [isinstance(json.loads(body), dict) for body in kept] == [True]
        sandbox.rules = []
        assert export(["zild:1", "zild:2"], to=folder, client=client, raw=True).fetched == 1
    assert {str(each.ref) for each in read_export(folder)} == {"zild:1", "zild:2"}
