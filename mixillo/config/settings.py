"""The settings of one process: read from the environment, checked, and what follows from them."""

import os
import re
from collections.abc import Mapping
from dataclasses import Field, dataclass, fields

from mixillo.config.declared import PRODUCTION, SANDBOX, STRIPE, Declared

MINIMUM_SECRET_LENGTH = 32
KNOWN_SECRETS = re.compile(r"change.?me|your.?|default|example|password|secret.?key|jwt.?secret|123456", re.I)


class ConfigError(Exception):
    """The environment does not hold a usable configuration; ``problems`` has a sentence for each fault."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


@dataclass(frozen=True, kw_only=True)
class Settings(Declared):
    """The whole configuration of one process."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read and check the settings.

        :raises ConfigError: with a sentence for each variable that cannot be used.
        """
        environ = os.environ if environ is None else environ
        values, problems = {}, []
        for declared in fields(cls):
            text = environ.get(declared.metadata["name"], "").strip()
            if not text:
                continue
            try:
                values[declared.name] = declared.metadata["parse"](text)
            except ValueError as error:
                problems.append(f"{declared.metadata['name']} {error}.")
        settings = cls(**values)
        problems += settings.faults()
        if problems:
            raise ConfigError(problems)
        return settings

    def require_complete(self) -> None:
        """Check what an application cannot do without, however it was started.

        :raises ConfigError: no database, or nothing to sign tokens with.
        """
        needed = {
            "MONGODB_URI": self.mongodb_uri,
            "JWT_SECRET": self.jwt_secret,
            "JWT_REFRESH_SECRET": self.jwt_refresh_secret,
        }
        if missing := [name for name, value in needed.items() if not value]:
            raise ConfigError([f"{' and '.join(missing)} must be set; `mixillo serve` does so in development."])

    def faults(self) -> list[str]:
        """Return a sentence for each thing that it must not start with, most of them in production only."""
        found = [f"{name} must be set when payments are made through Stripe." for name in self._missing_keys()]
        if any(livekit := (self.livekit_url, self.livekit_api_key, self.livekit_api_secret)) and not all(livekit):
            found.append("LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET must be set together.")
        if self.environment != PRODUCTION:
            return found
        found += [f"{name} {fault}." for name, fault in self.secret_faults()]
        if not self.mongodb_uri:
            found.append("MONGODB_URI must be set in production.")
        return found

    def secret_faults(self) -> list[tuple[str, str]]:
        """Return what is wrong with the secrets that people choose, as variable and fault, wherever this runs.

        Those that tokens are signed with must be there; the others only open something when they are set.
        """
        needed = {"JWT_SECRET": self.jwt_secret, "JWT_REFRESH_SECRET": self.jwt_refresh_secret}
        optional = {
            "MIXILLO_METRICS_TOKEN": self.metrics_token,
            "MIXILLO_CHECKER_SECRET": self.checker_secret,
            "MIXILLO_MEDIA_SECRET": self.media_secret,
            "LIVEKIT_API_SECRET": self.livekit_api_secret,
        }
        chosen = needed | {name: value for name, value in optional.items() if value}
        found = [(name, fault) for name, value in chosen.items() if (fault := weakness(value))]
        if self.jwt_secret and self.jwt_secret == self.jwt_refresh_secret:
            found.append(("JWT_REFRESH_SECRET", "must differ from JWT_SECRET"))
        return found

    def _missing_keys(self) -> list[str]:
        needed = {"STRIPE_SECRET_KEY": self.stripe_secret_key, "STRIPE_WEBHOOK_SECRET": self.stripe_webhook_secret}
        return [name for name, value in needed.items() if not value and self.payments_by == STRIPE]

    @property
    def payments_by(self) -> str:
        """The payment provider; empty where there is none."""
        return self.payment_provider or ("" if self.is_production else SANDBOX)

    @property
    def is_production(self) -> bool:
        """Whether this process serves real users."""
        return self.environment == PRODUCTION

    @property
    def shows_live_demo(self) -> bool:
        """Whether there is a page to try live streams on."""
        return not self.is_production if self.live_demo is None else self.live_demo

    @property
    def proxies(self) -> int:
        """How many hops of ``X-Forwarded-For`` are believed."""
        if self.trusted_proxies >= 0:
            return self.trusted_proxies
        return 1 if self.service else 0

    @property
    def backups(self) -> str:
        """Where backups are kept."""
        return self.backup_location or f"{self.data_dir.rstrip('/')}/backups"

    @property
    def base_url(self) -> str:
        """The address that people use, without a slash at the end."""
        return self.public_url.rstrip("/") or f"http://localhost:{self.port}"


def declarations() -> tuple[Field, ...]:
    """Return the declared settings in order, for the documentation, the dashboard and their tests."""
    return fields(Settings)


def weakness(secret: str) -> str | None:
    """Say what is wrong with ``secret``, or ``None`` when it is strong enough to sign tokens with."""
    if not secret:
        return "is missing"
    if len(secret) < MINIMUM_SECRET_LENGTH:
        return f"is shorter than {MINIMUM_SECRET_LENGTH} characters"
    if len(set(secret)) < 10 or KNOWN_SECRETS.search(secret):
        return "is a default or easily guessed value"
    return None
