"""`conversas drift`: where the bodies of an export differ from the specs."""

import json
from importlib.resources import files
from io import StringIO
from typing import Any

import click

from conversas import ConfigurationError, DriftReport
from conversas.cli.sanitize import harmless, harmless_json
from conversas.exporter.status import drift_of
from conversas.providers import provider_names


@click.command("drift")
@click.argument("folder", metavar="DIR")
@click.option("--patch", is_flag=True, help="Print a JSON Patch on the spec instead.")
@click.option("--provider", type=click.Choice(provider_names()), help="Whose spec, where there are several.")
def command(folder: str, patch: bool, provider: str | None) -> None:  # noqa: FBT001  # as click calls it
    """Tell where the bodies of an export differ from the specs."""
    report = drift_of(folder)
    if patch:
        click.echo(harmless_json(json.dumps(_patch(report, provider), indent=2, ensure_ascii=False)))
    else:
        click.echo(harmless(str(report), keep="\n"))


def _patch(report: DriftReport, provider: str | None) -> list[dict[str, object]]:
    seen = {count.provider for count in report.counts}
    if not seen:
        return []
    if provider is None and len(seen) > 1:
        raise ConfigurationError(
            f"the drift is of several providers: choose one with --provider {' or '.join(sorted(seen))}"
        )
    name = provider or min(seen)
    return report.to_json_patch(_spec(name), provider=name)


def _spec(provider: str) -> dict[str, object]:
    from ruamel.yaml import YAML

    text = files(f"conversas_api.{provider}").joinpath("openapi.yaml").read_text("utf-8")
    reader: Any = YAML(typ="safe", pure=True)
    spec: dict[str, object] = reader.load(StringIO(text))
    return spec
