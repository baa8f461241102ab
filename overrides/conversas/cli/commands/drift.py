"""`conversas drift`: the differences between the bodies of an export and the specs."""

import json
from importlib.resources import files
from io import StringIO
from typing import Any

import click

import conversas
from conversas import ConfigurationError
from conversas.cli.console import print_line
from conversas.cli.sanitize import escape_for_terminal, escape_json_for_terminal
from conversas.cli.subcommand import DIRECTORIES, subcommand
from conversas.plurals import counted
from conversas.providers import PROVIDERS, provider_names


@subcommand("drift", "conversas drift DIR", "conversas drift DIR --patch > patch.json")
@click.argument("path", metavar="DIR", shell_complete=DIRECTORIES)
@click.option("--patch", is_flag=True, help="Print a JSON Patch for the spec instead of the counts.")
@click.option(
    "--provider", type=click.Choice(provider_names()), help="Provider whose spec to patch, if several have drift."
)
def command(path: str, patch: bool, provider: str | None) -> None:  # noqa: FBT001  # as click calls it
    """Count the differences between an export and the specs."""
    export = conversas.Export(path)
    report = export.drift()
    if patch:
        click.echo(escape_json_for_terminal(json.dumps(_patch(report, provider), indent=2, ensure_ascii=False)))
    else:
        for line in str(report).splitlines():
            print_line(escape_for_terminal(line))
        undecodable = sum(failure.body is not None for failure in export.failures())
        if undecodable:
            see = f"see conversas status {escape_for_terminal(path)} --failed"
            print_line(f"{counted(undecodable, 'body', 'bodies')} could not be decoded; {see}")


def _patch(report: "conversas.DriftReport", provider: str | None) -> list[dict[str, object]]:
    providers = {count.provider for count in report.counts}
    if not providers:
        return []
    if provider is None and len(providers) > 1:
        raise ConfigurationError(
            f"several providers have drift; choose one with --provider {' or '.join(sorted(providers))}"
        )
    name = provider or min(providers)
    return report.to_json_patch(_spec(name), provider=name)


def _spec(provider: str) -> dict[str, object]:
    from ruamel.yaml import YAML

    if provider not in PROVIDERS:
        raise ConfigurationError(f"--patch works only for providers with a built-in spec: {', '.join(PROVIDERS)}")
    text = files(f"conversas_api.{provider}").joinpath("openapi.yaml").read_text("utf-8")
    reader: Any = YAML(typ="safe", pure=True)
    spec: dict[str, object] = reader.load(StringIO(text))
    return spec
