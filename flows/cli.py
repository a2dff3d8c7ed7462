"""The command line. A command is imported when it is called: a question needs neither Prefect nor trafilatura."""

import importlib
import importlib.util
import sys
from collections.abc import Sequence

import click

from model.errors import ConfigurationError, CorpusBusyError, TensionwatchError

#: command -> (module under flows.commands, one line for `--help`), in the order of the help page
COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("demo", "Five simulated weeks that end in a spike: no internet, no server, no keys."),
    "init": ("watches", "Copy a bundled watch to a folder for editing."),
    "check": ("watches", "Validate a watch: every problem at once, with file and line."),
    "run": ("pipe", "One pass: collect, load, watch."),
    "serve": ("serve", "The same on its schedule, in one process."),
    "collect": ("pipe", "Poll due feeds, fetch new pages, land their articles."),
    "load": ("pipe", "Load landed batches into the corpus, publish the reading room."),
    "watch": ("pipe", "Count, detect, decide, deliver."),
    "seed": ("pipe", "Add the full texts of the seed corpus."),
    "alerts": ("alerts", "List alerts, or judge one."),
    "explain": ("alerts", "Re-run an alert: every number and article behind it."),
    "sides": ("sides", "How tense each side is; who led, followed and is silent on an alert."),
    "why-not": ("alerts", "Why an article did not count."),
    "feeds": ("feeds", "Health of every feed; try, discover, import and export feeds."),
    "notify": ("alerts", "Send a test message to each channel."),
    "sql": ("reading", "Query the reading room, whatever else is running."),
    "search": ("reading", "Full-text search with snippets."),
    "lexicon": ("lexicon", "Test the lexicon, or try it on a sentence."),
    "rematch": ("rematch", "Match stored articles again after the lexicon was changed."),
    "forget": ("pipe", "Erase a URL or a publisher everywhere and keep it out."),
    "parse-feed": ("stages", "A feed's bytes to one JSON object."),
    "extract": ("stages", "Pages to clean text, as JSON Lines."),
    "match": ("stages", "Texts to mentions, as JSON Lines."),
    "stories": ("stages", "Texts to stories, as JSON Lines."),
    "detect": ("stages", "Daily counts to alarms, as CSV."),
    "backtest": ("backtesting", "Replay dated texts through the whole watch, as of each day."),
}

EXAMPLES = """\b
Examples:
  tensionwatch demo                         see it work, offline, in a minute
  tensionwatch init my-watch                a watch of your own to edit
  tensionwatch run --watch my-watch         one pass over the feeds that are due
  tensionwatch alerts                       what spiked
  tensionwatch sql "SELECT origin, count(*) FROM articles GROUP BY 1"

Results go to standard output, messages to standard error.
Exit 0: done. 1: done, but something new needs a person. 2: wrong usage or configuration.
"""


class LazyCommands(click.Group):
    """A group that knows its commands' names and imports one only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """List the commands in the order of the table above."""
        return [name for name, (module, _) in COMMANDS.items() if importlib.util.find_spec(f"flows.commands.{module}")]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        """Import the module of one command."""
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"flows.commands.{COMMANDS[name][0]}")
        command = getattr(module, name.replace("-", "_"))
        assert isinstance(command, click.Command)  # noqa: S101
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest command when there is none of that name."""
        import difflib

        name = args[0] if args else ""
        if name and not name.startswith("-") and name not in COMMANDS:
            close = difflib.get_close_matches(name, COMMANDS, n=1)
            hint = f"did you mean {close[0]!r}?" if close else "`tensionwatch --help` lists them."
            raise click.UsageError(f"no command {name!r}; {hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the help page from the table, importing nothing."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyCommands, epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tensionwatch")
def tensionwatch() -> None:
    """Watch the news: fetch feeds, extract clean text, keep it in DuckDB, alert when tension keywords spike."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; every foreseen error becomes one message on standard error and an exit code."""
    try:
        code = tensionwatch.main(args=arguments, standalone_mode=False)
    except click.exceptions.Abort:
        _end("interrupted; run the same command again to go on", 130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except CorpusBusyError as error:
        _end(f"note: {error}", 0)
    except ConfigurationError as error:
        count = len(error.problems)
        _end(f"{error}\n{count} problem{'s' * (count != 1)}; nothing was done", 2)
    except TensionwatchError as error:
        _end(f"error: {error}", 2)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone, as `head` does
        sys.exit(0)
    sys.exit(code if isinstance(code, int) else 0)


def _end(message: str, code: int) -> None:
    click.echo(message, err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
