"""What can go wrong when a dataset is loaded; each message is one sentence for the terminal."""


class DatasetError(Exception):
    """A dataset could not be loaded, and the database holds nothing of it."""


class UnknownDataset(DatasetError):
    """The name is none of ``DATASETS``."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(f"There is no dataset named {name!r}; choose one of: {', '.join(known)}.")


class DatabaseNotEmpty(DatasetError):
    """The database already holds documents; nothing was changed."""

    def __init__(self, database: str, collection: str) -> None:
        super().__init__(
            f"The database {database!r} already holds documents (in {collection!r}), so nothing was loaded: "
            "datasets go into an empty database only."
        )


class MissingExtra(DatasetError):
    """The dataset needs a package that is not installed."""

    def __init__(self, extra: str) -> None:
        super().__init__(f"Install the extra: pip install mixillo[{extra}]")


class LoadFailed(DatasetError):
    """The server refused or vanished half-way; what had been written is removed now or by the next load."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"The dataset {name!r} could not be written: {reason}.")
