"""What Elasticsearch holds of a product: the words as we cut them ourselves, so that both engines mean the same."""

from typing import Any

from mixillo.blueprints.products.services.search.engine import Document, Entry

NAME, LABELS, TEXT = FIELDS = ("name", "labels", "text")
WORDS: Document = {"type": "text", "analyzer": "whitespace", "norms": False, "index_options": "offsets"}
MAPPINGS: Document = {
    "dynamic": "strict",
    "properties": {
        **dict.fromkeys(FIELDS, WORDS),
        **dict.fromkeys(("id", "words", "category", "storeId", "sellerId", "brand"), {"type": "keyword"}),
        "price": {"type": "double"},
        "rating": {"type": "double"},
        "band": {"type": "byte"},
        "popularity": {"type": "integer"},
        "inStock": {"type": "boolean"},
        "createdAt": {"type": "date", "format": "epoch_millis"},
    },
}
# One shard: what is counted at most, and where a page ends, is then the same as in MongoDB.
SETTINGS: Document = {"number_of_shards": 1, "auto_expand_replicas": "0-1"}
IDS = ("category", "storeId", "sellerId")


def document(each: Entry) -> Document:
    """Return an entry as it is indexed; ``id`` is there again to sort by, which ``_id`` is not for."""
    fields = {name: _indexed(name, value) for name, value in each.fields.items() if value is not None}
    created = each.fields.get("createdAt")
    return fields | {
        "id": str(each.id),
        NAME: " ".join(each.name),
        LABELS: " ".join(each.labels),
        TEXT: " ".join(each.text),
        "words": [*each.name, *each.labels, *each.text],
        "createdAt": round(created.timestamp() * 1000) if created else 0,
    }


def _indexed(name: str, value: Any) -> Any:
    if name in IDS:
        return str(value)
    return float(str(value)) if name == "rating" else value
