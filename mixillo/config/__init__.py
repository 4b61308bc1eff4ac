"""Settings from the environment: typed, checked once, documented by themselves."""

from mixillo.config.declared import DEVELOPMENT, PRODUCTION, SANDBOX, STRIPE, TEST, WORKERS
from mixillo.config.settings import ConfigError, Settings, declarations, weakness

__all__ = [
    "DEVELOPMENT",
    "PRODUCTION",
    "SANDBOX",
    "STRIPE",
    "TEST",
    "WORKERS",
    "ConfigError",
    "Settings",
    "declarations",
    "weakness",
]
