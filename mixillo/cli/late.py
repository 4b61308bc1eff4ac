"""Commands that are imported when they are used: `mixillo db stats` need not wait for the whole application."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import click

from mixillo.ops.commands import OneSentence


class LateGroup(OneSentence):
    """A group with some commands given as ``{name: "module:attribute"}``."""

    def __init__(self, *args: Any, late: Mapping[str, str] | None = None, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self._late = dict(late or {})

    def list_commands(self, context: click.Context) -> list[str]:
        """Return all names in order."""
        return sorted({*super().list_commands(context), *self._late})

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Return the command called ``name``, imported now if it was not yet."""
        if name in self._late:
            self.add_command(load(self._late.pop(name)), name)
        return super().get_command(context, name)


def load(place: str) -> Any:
    """Import what ``module:attribute`` names."""
    module, _, attribute = place.partition(":")
    return getattr(import_module(module), attribute)


def late(place: str) -> Callable[..., Any]:
    """Return a function that stands for the one at ``module:attribute``, which is imported by the first call."""

    def call(*args: Any, **keywords: Any) -> Any:
        return load(place)(*args, **keywords)

    return call
