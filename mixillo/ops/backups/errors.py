"""What can go wrong with a backup, in one sentence for the operator; and who is told how far it is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pymongo.errors import BulkWriteError, ConnectionFailure, OperationFailure, PyMongoError

from mixillo.errors import Conflict

SNAPSHOT_TOO_OLD = 239
# Told how many of how many documents are done, and the collection that is being worked on.
Progress = Callable[[int, int, str], None]


class BackupError(Conflict):
    """A backup cannot be made, read, verified or restored; ``detail`` is one sentence and says why."""

    code, title = "backup_failed", "The backup cannot be made or used"


class StorageError(BackupError):
    """The directory or bucket refuses: it is full, missing or not permitted."""


def silent(_done: int, _total: int, _what: str) -> None:
    """Tell nobody."""


@contextmanager
def database_errors(doing: str) -> Iterator[None]:
    """Turn the driver's errors into one sentence that says what was being done.

    :raises BackupError: the database was lost, or refused.
    """
    try:
        yield
    except PyMongoError as error:
        raise BackupError(f"{_reason(error)} while {doing}.") from error


def _reason(error: PyMongoError) -> str:
    if isinstance(error, ConnectionFailure):
        return f"The database was lost ({type(error).__name__})"
    if isinstance(error, BulkWriteError) and error.details and error.details.get("writeErrors"):
        return f"The database refused ({error.details['writeErrors'][0]['errmsg']})"
    if isinstance(error, OperationFailure):
        if error.code == SNAPSHOT_TOO_OLD:
            return (
                "The server no longer kept the moment that was being backed up (let the backup's user raise "
                "the parameter minSnapshotHistoryWindowInSeconds, or raise it yourself)"
            )
        return f"The database refused ({str(error).partition(', full error')[0]})"
    return f"The database failed ({type(error).__name__})"
