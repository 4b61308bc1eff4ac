"""Datasets to start with: ``report`` is the database of the stabilization report, ``demo`` a lively shop.

``load`` fills an empty database and never touches one that holds documents. Every document has an id that is
the same in every load and says which dataset wrote it.
"""

from mixillo.ops.datasets.documents import Account
from mixillo.ops.datasets.errors import (
    DatabaseNotEmpty,
    DatasetError,
    LoadFailed,
    MissingExtra,
    UnknownDataset,
)
from mixillo.ops.datasets.loader import DATASETS, LoadResult, is_empty, load, remove_unfinished

__all__ = [
    "DATASETS",
    "Account",
    "DatabaseNotEmpty",
    "DatasetError",
    "LoadFailed",
    "LoadResult",
    "MissingExtra",
    "UnknownDataset",
    "is_empty",
    "load",
    "remove_unfinished",
]
