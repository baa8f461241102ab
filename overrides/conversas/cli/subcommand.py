"""Subcommands: help with examples and grouped options, and the option `-v`."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import click
from click.shell_completion import CompletionItem

from conversas.cli.log_output import show_log, show_retries

LONGEST_OPTION = 30  # characters; the help of a longer option begins on the next line

_Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


class ExampleCommand(click.Command):
    """A command whose help begins with one sentence and examples. It has the option `-v`."""

    def __init__(
        self,
        *arguments: Any,
        examples: Sequence[str],
        groups: Mapping[str, Sequence[str]],
        shows_retries: bool,
        **options: Any,
    ) -> None:
        super().__init__(*arguments, **options)
        self.examples = examples
        self.groups = groups
        """Options below each heading. All other options are below "Options"."""
        self.shows_retries = shows_retries
        self.params.append(
            click.Option(
                ["-v", "--verbose"],
                is_flag=True,
                expose_value=False,
                callback=_start_log,
                help="Print each request and each wait to stderr.",
            )
        )

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # as click calls it
        """Write the first sentence of the help, the examples, and the rest of the help."""
        sentence, _, rest = inspect.cleandoc(self.help or "").partition("\n\n")
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(sentence)
        with formatter.section("Examples"):
            for example in self.examples:
                formatter.write(f"{'':{formatter.current_indent}}{example}\n")
        if rest:
            formatter.write_paragraph()
            with formatter.indentation():
                formatter.write_text(rest)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each group of options below its heading, with all explanations in one column."""
        listed = [each for each in self.get_params(ctx) if isinstance(each, click.Option)]
        rows = {each.opts[-1]: row for each in listed if (row := each.get_help_record(ctx))}
        width = min(max(len(option) for option, _ in rows.values()), LONGEST_OPTION)
        grouped = {heading: [rows.pop(option) for option in options] for heading, options in self.groups.items()}
        for heading, group in {**grouped, "Options": rows.values()}.items():
            with formatter.section(heading):
                formatter.write_dl([(option.ljust(width), text) for option, text in group], LONGEST_OPTION)


def subcommand(
    name: str,
    *examples: str,
    groups: Mapping[str, Sequence[str]] | None = None,
    epilog: str | None = None,
    shows_retries: bool = True,
) -> Callable[[Callable[..., Any]], click.Command]:
    """Return a decorator that makes a function a subcommand, with two examples in its help.

    Args:
        name: Name of the command.
        examples: Two commands.
        groups: Options below each heading of the help.
        epilog: Text at the end of the help.
        shows_retries: Whether to print a line for each retry if stderr is a terminal.
    """
    options: dict[str, Any] = {"groups": groups or {}, "epilog": epilog, "shows_retries": shows_retries}
    return click.command(name, cls=ExampleCommand, examples=examples, **options)


def completion_of(kind: str) -> _Complete:
    """Return a shell completion for names of a kind: "file" or "dir"."""
    return lambda _context, _parameter, incomplete: [CompletionItem(incomplete, type=kind)]


FILES, DIRECTORIES = completion_of("file"), completion_of("dir")


def _start_log(ctx: click.Context, _: click.Parameter, is_set: bool) -> None:  # noqa: FBT001  # as click calls it
    if not ctx.resilient_parsing:
        shows_retries = isinstance(ctx.command, ExampleCommand) and ctx.command.shows_retries
        ctx.with_resource(show_log() if is_set else show_retries() if shows_retries else nullcontext())
