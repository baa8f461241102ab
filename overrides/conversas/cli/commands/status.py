"""`conversas status`: prints the status of an export."""

import json
from collections.abc import Iterable

import click
from attrs import asdict

import conversas
from conversas.cli.console import print_line
from conversas.cli.sanitize import escape_for_terminal, escape_json_for_terminal
from conversas.cli.subcommand import DIRECTORIES, subcommand
from conversas.exporter.summary import NOT_THERE
from conversas.plurals import counted


@subcommand("status", "conversas status DIR", "conversas status DIR --failed")
@click.argument("path", metavar="DIR", shell_complete=DIRECTORIES)
@click.option("--failed", is_flag=True, help="Print the failures instead of the summary.")
@click.option("--json", "as_json", is_flag=True, help="Print each failure as one line of JSON; needs --failed.")
def command(path: str, failed: bool, as_json: bool) -> None:  # noqa: FBT001  # as click calls it
    """Print what an export has, what failed or is incomplete, and why.

    You can use this command while a run is using the directory.
    """
    if as_json and not failed:
        raise click.UsageError("--json is for the failures; also pass --failed")
    if failed:
        for failure in conversas.Export(path).failures():
            if as_json:
                click.echo(_json(failure))
            else:
                print_line(escape_for_terminal(_describe(failure)))
    else:
        _print_status(path)


def _print_status(path: str) -> None:
    status = conversas.Export(path).status()
    print_line(f"{status.fetched:,} fetched, {_describe_verdicts(status)}, in {counted(status.parts, 'part')}")
    _print_groups("failed", status.failed)
    _print_groups("not refreshed", status.not_refreshed)
    _print_groups("", status.incomplete)
    if status.drifting:
        print_line(f"{status.drifting:,} with drift; see conversas drift {escape_for_terminal(path)}")
    if status.erased:
        print_line(f"{status.erased:,} erased; runs skip {'it' if status.erased == 1 else 'them'}")
    if not status.complete:
        print_line(
            "a run is using the directory, or the last run did not finish; to finish it, run the same export again"
        )


def _describe_verdicts(status: "conversas.ExportStatus") -> str:
    """Return the counts by verdict. Open conversations are counted apart from conversations that may lack something."""
    counts = (
        (status.fetched_in_progress, "in progress"),
        (status.fetched_truncated, "truncated"),
        (status.fetched_unknown, "unknown"),
    )
    others = [f"{count:,} {verdict}" for count, verdict in counts if count]
    return ", ".join([f"{status.fetched_complete:,} of them complete", *others])


def _print_groups(outcome: str, groups: "Iterable[conversas.OutcomeGroup]") -> None:
    for group in groups:
        next_run = "" if group.verdict or group.reason.endswith(NOT_THERE) else _next_run(group)
        text = f"{group.count:>9,} {_describe_outcome(group, outcome)}, e.g. {group.first_ref}{next_run}"
        print_line(escape_for_terminal(text))


def _describe_outcome(group: "conversas.OutcomeGroup", outcome: str) -> str:
    """Return the outcome and its reason. A missing id of a range is not a failure."""
    if outcome == "failed" and group.reason.endswith(NOT_THERE):
        return NOT_THERE
    return f"{group.verdict.replace('_', ' ') if group.verdict else outcome}, {group.reason}"


def _json(failure: "conversas.ExportFailure") -> str:
    return escape_json_for_terminal(json.dumps({**asdict(failure), "time": failure.time.isoformat()}))


def _describe(failure: "conversas.ExportFailure") -> str:
    attempts = counted(failure.attempts, "attempt")
    time = failure.time.isoformat(timespec="seconds")
    kept = ", the older conversation is kept" if failure.has_conversation else ""
    body = f", body in {failure.body}" if failure.body else ""
    return f"{failure.ref}  {failure.error}: {failure.reason}, {attempts}, {time}{kept}{_next_run(failure)}{body}"


def _next_run(of: "conversas.OutcomeGroup | conversas.ExportFailure") -> str:
    return ", fetched again by the next run" if of.fetch_again else ", fetched again with --refresh failed"
