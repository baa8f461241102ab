"""Subcommands: help with examples, and the option `-v`."""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import click
from click.shell_completion import CompletionItem

from conversas.cli.log_output import show_log, show_retries

_Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


class ExampleCommand(click.Command):
    """A command whose help begins with one sentence, then examples. It has the option `-v`."""

    def __init__(self, *arguments: Any, examples: Sequence[str], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.examples = examples
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
        """Write the sentence, the examples, and what follows the sentence."""
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


def subcommand(name: str, *examples: str) -> Callable[[Callable[..., Any]], click.Command]:
    """Return a decorator that makes a function a subcommand, with two examples in its help."""
    return click.command(name, cls=ExampleCommand, examples=examples)


def completion_of(kind: str) -> _Complete:
    """Return a completion of the shell for names of a kind: "file" or "dir"."""
    return lambda _context, _parameter, incomplete: [CompletionItem(incomplete, type=kind)]


FILES, DIRECTORIES = completion_of("file"), completion_of("dir")


def _start_log(ctx: click.Context, _: click.Parameter, is_set: bool) -> None:  # noqa: FBT001  # as click calls it
    if not ctx.resilient_parsing:
        ctx.with_resource(show_log() if is_set else show_retries())
