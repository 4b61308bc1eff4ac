"""What is kept, in figures, for administrators."""

from typing import Any

from mixillo.blueprints.uploads.models import COMPLETED, UploadSession

FAMILIES = ("video", "image", "audio", "other")


def kept() -> dict[str, Any]:
    """Return how many files there are and how many bytes they have: ``totalFiles``, ``totalSize``, and by family.

    The bytes of the smaller pictures that are made of a file count with it.
    """
    family = {"$arrayElemAt": [{"$split": ["$contentType", "/"]}, 0]}
    size = {"$add": [{"$ifNull": ["$fileSize", 0]}, {"$sum": "$variants.fileSize"}]}
    rows = UploadSession.collection().aggregate(
        [
            {"$match": {"status": COMPLETED, "storedIn": {"$exists": True}}},
            {"$group": {"_id": family, "count": {"$sum": 1}, "size": {"$sum": size}}},
        ]
    )
    figures = dict.fromkeys(FAMILIES, (0, 0))
    for row in rows:
        name = row["_id"] if row["_id"] in figures else "other"
        figures[name] = (figures[name][0] + row["count"], figures[name][1] + row["size"])
    counted: dict[str, Any] = {}
    for name, (count, total) in figures.items():
        counted |= {f"{name}Count": count, f"{name}Size": total}
    sums = [sum(each) for each in zip(*figures.values(), strict=True)]
    return counted | {"totalFiles": sums[0], "totalSize": sums[1]}
