"""Pages of lists in which not everybody sees everything: what is left out is made up for by what follows."""

from collections.abc import Callable
from typing import Any

from mixillo.blueprints.content.queries import shapes
from mixillo.core.pagination import Sort, decode_cursor, encode_cursor
from mixillo.core.security import Viewer

Document = dict[str, Any]
# Gives so many stored posts, or all there are, behind a place (the values of the sort fields; none: from the start),
# of which so many are skipped.
Find = Callable[[list[Any] | None, int, int], list[Document]]
# Gives what a viewer sees of stored documents, as the list shows it.
Show = Callable[[list[Document], Viewer | None], list[Document]]
Page = tuple[list[Document], Document]
# Somebody who may see almost nothing of a list gets short pages, not slow ones.
MOST_ROUNDS = 5


def page(
    find: Find, query: Document, *, named: Document, sort: Sort, viewer: Viewer | None, show: Show = shapes.cards
) -> Page:
    """Return a page of what ``find`` finds in the order of ``sort``, as ``viewer`` sees it, and its ``pagination``.

    ``named`` tells the list from others: a cursor of one is a 400 in another. The cursor names the last post that was
    looked at, shown or not, so that nothing is repeated or skipped while posts arrive.

    :raises ValidationFailed: the cursor was made for another list or was tampered with.
    """
    limit = query["limit"]
    place = decode_cursor(query["cursor"], named, sort) if query.get("cursor") else None
    skipped = 0 if place else (query.get("page", 1) - 1) * limit
    found: list[Document] = []
    last: Document | None = None
    has_more = True
    for _ in range(MOST_ROUNDS):
        asked = limit - len(found) + 1
        posts = find(place, asked, skipped)
        has_more = len(posts) == asked
        looked_at = posts[:-1] if has_more else posts
        if looked_at:
            last = {field: looked_at[-1].get(field) for field, _ in sort}
            place, skipped = list(last.values()), 0
            found += show(looked_at, viewer)
        if len(found) == limit or not has_more:
            break
    cursor = encode_cursor(last, named, sort) if has_more and last else None
    return found, {"limit": limit, "hasMore": cursor is not None, "nextCursor": cursor}
