"""Mixillo: a social-commerce backend with its own operations dashboard."""

from mixillo.app import create_app

__all__ = ["create_app"]
