"""Backups in a Google Cloud Storage bucket; needs the extra ``gcs``."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any
from urllib.parse import urlsplit

from mixillo.ops.backups.errors import StorageError

SCHEME = "gs"
# Sent in pieces of this size, so that a collection of any size is uploaded with flat memory.
CHUNK_BYTES = 8 * 1024 * 1024


class BucketStorage:
    """Backups under ``gs://bucket/prefix``; an object appears only when all of it has arrived.

    :raises StorageError: the extra is not installed, or there are no credentials.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._url, self._name = url.rstrip("/"), parts.netloc
        prefix = parts.path.strip("/")
        self._prefix = f"{prefix}/" if prefix else ""
        # The optional extra: imported when a bucket is named, so that everyone else can do without it.
        try:
            storage = importlib.import_module("google.cloud.storage")
            self._errors = _error_types()
        except ImportError as error:
            raise StorageError("Buckets need the extra gcs: pip install 'mixillo[gcs]'.") from error
        with self._refusals():
            self._client = storage.Client()
            self._bucket = self._client.bucket(self._name)

    @property
    def location(self) -> str:
        """The URL of the bucket and prefix."""
        return self._url

    def location_of(self, folder: str) -> str:
        """Return the URL of ``folder``."""
        return f"{self._url}/{folder}"

    def folders(self) -> list[str]:
        """Return the names of the folders under the prefix, sorted."""
        with self._refusals():
            pages = self._client.list_blobs(self._name, prefix=self._prefix, delimiter="/")
            for _blob in pages:  # the folders are known when the pages are read
                continue
            return sorted(folder.removeprefix(self._prefix).strip("/") for folder in pages.prefixes)

    def files(self, folder: str) -> list[str]:
        """Return the paths of all objects under ``folder``, sorted."""
        with self._refusals():
            blobs = self._client.list_blobs(self._name, prefix=f"{self._prefix}{folder}/")
            return sorted(blob.name.removeprefix(self._prefix) for blob in blobs)

    def read(self, path: str) -> bytes | None:
        """Return an object's content, ``None`` when there is none."""
        with self._refusals():
            blob = self._bucket.get_blob(self._prefix + path)
            return blob.download_as_bytes() if blob else None

    def write(self, path: str, content: bytes) -> None:
        """Write an object; it is there as a whole or not at all."""
        with self._refusals():
            self._bucket.blob(self._prefix + path).upload_from_string(content, "application/octet-stream")

    @contextmanager
    def reading(self, path: str) -> Iterator[IO[bytes]]:
        """Open an object for reading, piece by piece."""
        with self._refusals():
            blob = self._bucket.get_blob(self._prefix + path)
            if blob is None:
                raise StorageError(f"{self.location_of(path)} cannot be used: there is no such object.")
            with blob.open("rb", chunk_size=CHUNK_BYTES) as file:
                yield file

    @contextmanager
    def writing(self, path: str) -> Iterator[IO[bytes]]:
        """Open a new object for writing, piece by piece."""
        with self._refusals():
            blob = self._bucket.blob(self._prefix + path)
            # `ignore_flush`: gzip flushes, and a piece can only be sent at its full size.
            with blob.open("wb", chunk_size=CHUNK_BYTES, ignore_flush=True) as file:
                yield file

    def remove(self, path: str) -> None:
        """Remove an object."""
        with self._refusals():
            blob = self._bucket.get_blob(self._prefix + path)
            if blob:
                blob.delete()

    def remove_folder(self, folder: str) -> None:
        """Remove every object under ``folder``."""
        for path in self.files(folder):
            self.remove(path)

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        """Turn what the client library says into one sentence."""
        try:
            yield
        except self._errors as error:
            reason = str(getattr(error, "message", None) or error).splitlines()[0][:200]
            raise StorageError(f"{self._url} cannot be used ({type(error).__name__}): {reason}.") from error


def _error_types() -> tuple[type[Exception], ...]:
    api: Any = importlib.import_module("google.api_core.exceptions")
    auth: Any = importlib.import_module("google.auth.exceptions")
    transport: Any = importlib.import_module("requests.exceptions")
    return (api.GoogleAPIError, auth.GoogleAuthError, transport.RequestException)
