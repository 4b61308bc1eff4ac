"""Long work of commands: recorded as a job, with a progress bar on the standard error stream."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click
from bson import ObjectId
from pymongo.database import Database
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from mixillo.ops import jobs
from mixillo.ops.jobs import Report, Work
from mixillo.ops.serve import interrupted_by_signals


def run_job(
    ops: Database, kind: str, work: Work, *, actor: dict[str, Any], parameters: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Do ``work`` as a job of ``kind`` and return its result; SIGTERM ends it like Ctrl-C, with its record closed."""
    with interrupted_by_signals(), bar(kind) as told:
        return jobs.run_inline(ops, kind, work, actor=actor, parameters=parameters, on_progress=told)


def command_actor() -> dict[str, Any]:
    """Return the running command as the audit log names actors: ``mixillo integrity apply``."""
    return {"kind": "command", "name": f"mixillo {click.get_current_context().command_path.partition(' ')[2]}"}


def confirm_by_typing(expected: str, question: str) -> str:
    """Ask for ``expected`` and return it.

    :raises click.ClickException: something else was typed.
    """
    typed: str = click.prompt(f"{question} Type {expected!r} to go on", err=True)
    if typed.strip() != expected:
        raise click.ClickException("That is something else; nothing was changed.")
    return expected


class Id(click.ParamType):
    """An argument that is the id of a document."""

    name = "id"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> ObjectId:
        """Parse ``value``."""
        if not ObjectId.is_valid(value):
            self.fail(f"{value!r} is not an id of 24 hexadecimal digits.", param, ctx)
        return ObjectId(value)


@contextmanager
def bar(title: str) -> Iterator[Report]:
    """Show how far work has come; yields what it reports to."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)

        def told(done: int, total: int, label: str) -> None:
            bar.update(task, description=f"{title}: {label}", completed=done, total=total)

        yield told
