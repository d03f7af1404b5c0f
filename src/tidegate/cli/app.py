"""The application: which verbs there are, and what becomes of errors.

Exit codes: 0 done; 1 done in part (inputs that cannot be read, runs of a study that failed), or data look wrong; 2 the
request, the data or the configuration is wrong; 130 interrupted by Ctrl-C. Results go to stdout, all else to
stderr.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

from tidegate.cli.check import check
from tidegate.cli.datasets import datasets
from tidegate.cli.evaluate import evaluate
from tidegate.cli.generate import generate
from tidegate.cli.init import init
from tidegate.cli.predict import predict
from tidegate.cli.report import report
from tidegate.cli.show import show
from tidegate.cli.study.command import study
from tidegate.cli.train import train
from tidegate.errors import ConfigError, OutputError, TidegateError

VERBS: tuple[Callable[..., None], ...] = (
    train,
    evaluate,
    predict,
    generate,
    study,
    report,
    show,
    init,
    check,
    datasets,
)
"""A new verb is one new file and one line here. Its docstring is its help; examples follow ``Examples:``."""


class Verbs(TyperGroup):
    """Turns what a verb raises on purpose into one message on stderr and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run the verb that the command line names."""
        try:
            return super().invoke(ctx)
        except TidegateError as error:
            typer.echo(f"error: {error}", err=True)
            raise typer.Exit(2) from error
        except BrokenPipeError as error:
            # The reader of our stdout (`head`, a pager) has gone; what Python flushes at exit goes nowhere.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(141) from error
        except OSError as error:
            where = error.filename or "stdout"
            if error.filename is None:
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            refused = OutputError(
                "the system refuses a file",
                where=str(where),
                got=error.strerror or str(error),
                hint="check the disk, and the permissions of the file",
            )
            typer.echo(f"error: {refused}", err=True)
            raise typer.Exit(2) from error


class Verb(TyperCommand):
    """Refuses an option that stands twice and means one thing: all but the last would be dropped without a word."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read what is behind the verb."""
        _, _, order = self.make_parser(ctx).parse_args(args=list(args))
        for option, count in Counter(order).items():
            if count > 1 and isinstance(option, TyperOption) and not (option.multiple or option.is_flag):
                name = max(option.opts, key=len)
                paths = name.lstrip("-") in ("train", "valid", "test", "data")
                raise ConfigError(
                    "an option stands twice",
                    where=name,
                    expected="one value",
                    got=f"{count} times {name}",
                    hint="put the files into one folder, and give that" if paths else f"give one {name}",
                )
        return super().parse_args(ctx, args)


def _version(wanted: bool) -> None:
    if wanted:
        from tidegate import __version__

        typer.echo(f"tidegate {__version__}")
        raise typer.Exit


def _application() -> typer.Typer:
    # Plain help, no Rich panels: importing Rich's markup doubles the time that `tidegate --help` takes.
    application = typer.Typer(
        name="tidegate",
        cls=Verbs,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    for verb in VERBS:
        text, _, examples = (verb.__doc__ or "").partition("Examples:")
        application.command(
            cls=Verb,
            help=text.strip(),
            epilog=_examples(examples),
            no_args_is_help=verb in (predict, generate, show),
        )(verb)
    return application


def _examples(text: str) -> str | None:
    lines = [line.strip() for line in text.strip().splitlines()]
    # \b keeps the lines of a paragraph as they are.
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines) if lines else None


app = _application()


@app.callback(
    epilog="\b\nStart here:\n"
    "  tidegate train --task transcribe --train digit-lines --out runs/first\n"
    "  tidegate VERB --help"
)
def tidegate(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Train, compare and ship CNN, RNN, LSTM, GRU and CNN-RNN models on ordinary CPUs."""


def main() -> None:
    """Run the command line of this process, and exit."""
    app()
