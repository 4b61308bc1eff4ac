"""Files in a Google Cloud Storage bucket; needs the extra ``gcs``."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import structlog

from mixillo.blueprints.uploads.services.storage.stored import SignedAddress, Stored
from mixillo.config import ConfigError
from mixillo.errors import ServiceUnavailable

log = structlog.get_logger(__name__)
SCHEME = "gs"
PIECE_BYTES = 4 * 1024 * 1024
# So many objects are composed at once, at most.
SOURCES = 32
PIECES, FOR_EVER = "pieces", "public, max-age=31536000, immutable"
# Somebody waits for the answer: the library by itself would try for two minutes.
TIMEOUT, SECONDS_RETRIED = 10, 15


class BucketStorage:
    """Files under ``gs://bucket/prefix``; see :class:`~mixillo.blueprints.uploads.services.storage.Storage`.

    Pieces are objects of their own until they are composed into one.

    :raises ConfigError: the extra is not installed, or there are no credentials.
    """

    name = SCHEME
    piece_bytes = PIECE_BYTES

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        prefix = parts.path.strip("/")
        self._prefix = f"{prefix}/" if prefix else ""
        # The optional extra: imported when a bucket is named, so that everyone else can do without it.
        try:
            library = importlib.import_module("google.cloud.storage")
            retry = importlib.import_module("google.cloud.storage.retry").DEFAULT_RETRY
            self._errors = _error_types()
            self._client = library.Client()
        except ImportError as error:
            raise ConfigError(["Files in buckets need the extra gcs: pip install 'mixillo[gcs]'."]) from error
        except self._errors as error:
            raise ConfigError([f"{url} cannot be used: {error}"]) from error
        self._bucket = self._client.bucket(parts.netloc)
        self._patience = {"timeout": TIMEOUT, "retry": retry.with_timeout(SECONDS_RETRIED)}

    def put_piece(self, key: str, number: int, data: bytes) -> None:
        """Store a piece as an object."""
        with self._refusals():
            self._bucket.blob(self._piece_name(key, number)).upload_from_string(
                data, "application/octet-stream", **self._patience
            )

    def piece(self, key: str, number: int) -> bytes:
        """Return a piece; empty where there is none."""
        with self._refusals():
            found = self._bucket.get_blob(self._piece_name(key, number), **self._patience)
            return bytes(found.download_as_bytes(**self._patience)) if found else b""

    def finish(self, key: str, size: int, content_type: str) -> None:
        """Compose the pieces, in rounds where there are many."""
        with self._refusals():
            names = self._names(f"{self._prefix}{PIECES}/{key}/")
            if not names and self.find(key):
                return
            level = 0
            while len(names) > SOURCES:
                level += 1
                groups = [names[at : at + SOURCES] for at in range(0, len(names), SOURCES)]
                made = [f"{self._prefix}{PIECES}/{key}/~{level}-{number:06d}" for number in range(len(groups))]
                for name, group in zip(made, groups, strict=True):
                    self._compose(name, group, content_type)
                names = made
            self._compose(self._prefix + key, names, content_type)
            self._remove_pieces(key)

    def find(self, key: str) -> Stored | None:
        """Return what is known of a finished file."""
        with self._refusals():
            found = self._bucket.get_blob(self._prefix + key, **self._patience)
            return Stored(found.size, found.content_type) if found else None

    def read(self, key: str, start: int, end: int) -> Iterator[bytes]:
        """Yield bytes, a piece's worth at a time."""
        blob = self._bucket.blob(self._prefix + key)
        for at in range(start, end, PIECE_BYTES):
            with self._refusals():
                data = blob.download_as_bytes(start=at, end=min(at + PIECE_BYTES, end) - 1, **self._patience)
            yield data

    def delete(self, key: str) -> None:
        """Remove a file and its pieces."""
        with self._refusals():
            self._remove_pieces(key)
            self._remove(self._prefix + key)

    def keys(self, after: str, limit: int) -> list[str]:
        """Return the keys behind ``after``; of unfinished files the pieces tell."""
        with self._refusals():
            whole = self._listed(self._prefix, after, limit)
            unfinished = self._listed(f"{self._prefix}{PIECES}/", after, limit)
        return sorted({*whole, *unfinished})[:limit]

    def address_to_read(self, key: str, seconds: int) -> str | None:
        """Return a signed address."""
        return self._signed(key, seconds, method="GET")

    def address_to_write(self, key: str, content_type: str, limit: int, seconds: int) -> SignedAddress | None:
        """Return a signed address that takes up to ``limit`` bytes of this type."""
        length = {"x-goog-content-length-range": f"1,{limit}"}
        url = self._signed(key, seconds, method="PUT", content_type=content_type, headers=dict(length))
        return SignedAddress(url, length | {"Content-Type": content_type}) if url else None

    def _signed(self, key: str, seconds: int, **options: Any) -> str | None:
        """Return a signed address; ``None`` where these credentials cannot sign."""
        with self._refusals():
            signer = self._signer()
            if signer is None:
                return None
            url: str = self._bucket.blob(self._prefix + key).generate_signed_url(
                version="v4", expiration=timedelta(seconds=seconds), **signer, **options
            )
            return url

    def _signer(self) -> dict[str, Any] | None:
        """Return what signs beside the credentials: a service account without its key asks IAM to sign."""
        credentials = self._client._credentials
        if hasattr(credentials, "sign_bytes"):
            return {}
        email = getattr(credentials, "service_account_email", None)
        if not email:
            return None
        credentials.refresh(importlib.import_module("google.auth.transport.requests").Request())
        return {"service_account_email": credentials.service_account_email, "access_token": credentials.token}

    def _compose(self, name: str, sources: list[str], content_type: str) -> None:
        blob = self._bucket.blob(name)
        blob.content_type, blob.cache_control = content_type, FOR_EVER
        blob.compose([self._bucket.blob(source) for source in sources], **self._patience)

    def _piece_name(self, key: str, number: int) -> str:
        return f"{self._prefix}{PIECES}/{key}/{number:06d}"

    def _names(self, prefix: str) -> list[str]:
        """Return the names of the pieces in their order; what a cut-off composition left is none."""
        listed = self._client.list_blobs(self._bucket, prefix=prefix, **self._patience)
        return sorted(blob.name for blob in listed if "/~" not in blob.name.removeprefix(prefix[:-1]))

    def _listed(self, prefix: str, after: str, limit: int) -> list[str]:
        found = self._client.list_blobs(
            self._bucket,
            prefix=prefix,
            delimiter="/",
            start_offset=f"{prefix}{after}",
            max_results=limit + 1,
            **self._patience,
        )
        names = [blob.name.removeprefix(prefix) for blob in found]
        folders = [folder.removeprefix(prefix).strip("/") for folder in found.prefixes]
        return [name for name in (*names, *folders) if name > after and name != PIECES]

    def _remove_pieces(self, key: str) -> None:
        pieces = f"{self._prefix}{PIECES}/{key}/"
        for blob in self._client.list_blobs(self._bucket, prefix=pieces, **self._patience):
            self._remove(blob.name)

    def _remove(self, name: str) -> None:
        if found := self._bucket.get_blob(name, **self._patience):
            found.delete(**self._patience)

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        """Turn what the client library says into a 503: the place is what is wrong, not the request."""
        try:
            yield
        except self._errors as error:
            log.warning("bucket_unavailable", bucket=self._bucket.name, error=type(error).__name__)
            raise ServiceUnavailable("The place where files are kept does not answer right now.") from error


def _error_types() -> tuple[type[Exception], ...]:
    api: Any = importlib.import_module("google.api_core.exceptions")
    auth: Any = importlib.import_module("google.auth.exceptions")
    transport: Any = importlib.import_module("requests.exceptions")
    return (api.GoogleAPIError, auth.GoogleAuthError, transport.RequestException)
