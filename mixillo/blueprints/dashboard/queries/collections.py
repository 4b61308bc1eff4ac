"""The Database page: collections with their figures, the owner's and our own."""

from collections.abc import Mapping

from mixillo.blueprints.dashboard import formats
from mixillo.blueprints.dashboard.tables import Column, Table, number
from mixillo.ops.database import CollectionStats, DatabaseStats

LARGEST_FIRST = "-documents"
COLUMNS = (
    Column("name", "Collection", lambda c: c.name, lambda c: c.name, numeric=False),
    Column(
        "documents",
        "Documents",
        lambda c: c.documents,
        lambda c: f"{'≈ ' if c.estimated else ''}{formats.count(c.documents)}",
        hint="≈ marks an estimate: collections over 10,000 documents are not counted one by one",
    ),
    Column(
        "sizeBytes",
        "Size (KB)",
        lambda c: c.size_bytes,
        lambda c: formats.kilobytes(c.size_bytes),
        hint="All documents, uncompressed; 1 KB is 1,024 bytes",
    ),
    number("averageBytes", "Average (bytes)", lambda c: c.average_bytes, "The mean size of a document"),
    Column(
        "storageBytes",
        "On disk (KB)",
        lambda c: c.storage_bytes,
        lambda c: formats.kilobytes(c.storage_bytes),
        hint="All documents as stored, compressed",
    ),
    number("indexes", "Indexes", lambda c: c.indexes),
    Column(
        "indexBytes",
        "Index size (KB)",
        lambda c: c.index_bytes,
        lambda c: formats.kilobytes(c.index_bytes),
        hint="All indexes on disk",
    ),
)


def table(name: str, stats: DatabaseStats, parameters: Mapping[str, str]) -> Table:
    """Return the collections of ``stats`` as the request wants them, the largest first unless it says."""
    return Table.of(name, COLUMNS, stats.collections, order=LARGEST_FIRST, parameters=parameters)


def shares(top: list[CollectionStats]) -> list[tuple[CollectionStats, float]]:
    """Return each collection with its documents as a share of the largest one's."""
    largest = max((collection.documents for collection in top), default=0)
    return [(collection, collection.documents / largest if largest else 0.0) for collection in top]
