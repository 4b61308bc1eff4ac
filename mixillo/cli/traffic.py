"""`mixillo traffic`: something to look at on the dashboard."""

import click

from mixillo.ops.commands import Surroundings, json_option, print_json
from mixillo.ops.datadir import DataDir
from mixillo.ops.traffic import MAX_MINUTES, MAX_RATE, Summary, Traffic, TrafficError, is_loopback


@click.command()
@click.option("--base-url", help="Where the server is.  [default: the one on this machine]")
@click.option("--minutes", type=click.FloatRange(0, MAX_MINUTES, min_open=True), default=3.0, show_default=True)
@click.option(
    "--rate", type=click.FloatRange(0, MAX_RATE, min_open=True), default=4.0, show_default=True, help="Per second."
)
@click.option("--yes-i-own-this-server", "owned", is_flag=True, help="Needed for a server that is not on this machine.")
@json_option
@click.pass_obj
def traffic(
    surroundings: Surroundings, base_url: str | None, minutes: float, rate: float, owned: bool, as_json: bool
) -> None:
    """Let a few invented people use the server, for demonstrations.

    They register, sign in, browse, follow each other, get lost and mistype. Their accounts stay; the summary says
    which. At more than about five requests per second the server's rate limits show, too.

    \b
    Examples:
      mixillo traffic
      mixillo traffic --minutes 10 --rate 8 --json
    """
    settings = surroundings.settings
    address = base_url or f"http://localhost:{DataDir(settings.data_dir).served(settings).port}"
    if not (owned or is_loopback(address)):
        raise click.UsageError(f"{address} is not this machine; say --yes-i-own-this-server if it is yours.")
    try:
        made = Traffic(address, rate=rate)
        made.run(minutes, lambda line: click.echo(line, err=True))
    except TrafficError as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        click.echo("Interrupted.", err=True)
    if as_json:
        print_json(made.summary.as_dict())
    else:
        _tell(made.summary)


def _tell(summary: Summary) -> None:
    statuses = ", ".join(f"{count} × {status or 'no answer'}" for status, count in sorted(summary.statuses.items()))
    click.echo(f"{summary.requests} requests in {summary.seconds:.0f} s: {statuses}")
    click.echo(f"Created {len(summary.accounts)} accounts and {summary.follows} follows, which stay.")
    if summary.accounts:
        click.echo(f"Accounts: {', '.join(summary.accounts)}")
