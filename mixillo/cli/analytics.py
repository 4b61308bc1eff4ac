"""`mixillo analytics …`: the figures of days."""

from datetime import UTC, datetime

import click

from mixillo.blueprints.analytics.queries.days import Day
from mixillo.blueprints.analytics.services.rollups import running
from mixillo.cli.working import command_actor, run_job
from mixillo.core import db
from mixillo.ops.commands import in_application, json_option, print_json

DATE = click.DateTime(["%Y-%m-%d"])


@click.group()
def analytics() -> None:
    """Figures of what people do."""


@analytics.command()
@click.option("--day", type=DATE, help="The day (UTC) to reckon; yesterday, unless told.")
@click.option("--since", type=DATE, help="Every day from this one to --day.")
@click.option("--even-if-archived", is_flag=True, help="Also days before the last 90, from the events that are there.")
@json_option
@in_application
def rollup(day: datetime | None, since: datetime | None, even_if_archived: bool, as_json: bool) -> None:
    """Reckon the figures of days, again or for the first time.

    A running service does so by itself for today, for yesterday, and for days that get events late. Schedule this once
    a day for one that gets no CPU between requests. Reckoning a day again leaves the same figures.

    \b
    Examples:
      mixillo analytics rollup
      mixillo analytics rollup --day 2026-01-31
      mixillo analytics rollup --since 2026-01-01 --json
    """
    last = Day.of(day.replace(tzinfo=UTC)) if day else Day.today().back(1)
    first = Day.of(since.replace(tzinfo=UTC)) if since else last
    if first > last:
        raise click.UsageError("--since is after --day.")
    days = [first.back(-number) for number in range((last.start - first.start).days + 1)]
    work = running.work(days, even_if_archived=even_if_archived)
    done = run_job(db.ops_database(), running.KIND, work, actor=command_actor())
    if as_json:
        print_json(done)
        return
    for each in done["days"]:
        click.echo(f"{each['day']}: {each['active']:,} people were there, {each['persons']:,} have figures.")
