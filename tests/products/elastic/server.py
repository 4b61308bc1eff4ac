"""A server that speaks Elasticsearch's protocol as far as it is documented, and keeps what it is sent.

It is no search engine: what a search finds is what a test says. Answers have the shape that the reference documents
(https://www.elastic.co/docs/api/doc/elasticsearch), with the values of this shop.
"""

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

JSON = "application/vnd.elasticsearch+json;compatible-with=9"
LINES = "application/vnd.elasticsearch+x-ndjson; compatible-with=9"
Document = dict[str, Any]


@dataclass
class Asked:
    """A request as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass
class Elastic:
    """What the server holds (documents by index), what it was asked, and what it answers to searches.

    ``searches`` answers each search with what the test puts there: hits, or a whole answer. ``refuses`` is a status
    that it answers everything with, ``refuses_entries`` one for each entry of a bulk. Unless it ``is_genuine`` its
    answers lack the header by which the client knows the product.
    """

    url: str = ""
    indices: dict[str, dict[str, Document]] = field(default_factory=dict)
    mappings: dict[str, Document] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    searches: list[Document] = field(default_factory=list)
    terms: list[str] = field(default_factory=list)
    refuses: int = 0
    refuses_entries: int = 0
    is_genuine: bool = True

    def questions(self) -> list[Document]:
        """Return the bodies of the searches that were asked."""
        return [each.body for each in self.asked if each.path.endswith("/_search")]

    def held(self) -> dict[str, Document]:
        """Return the documents behind the only alias."""
        (index,) = self.aliases.values()
        return self.indices[index]

    def answer(self, asked: Asked) -> tuple[int, Any]:
        """Return status and body for a request."""
        self.asked.append(asked)
        if self.refuses:
            return self.refuses, _error(self.refuses, "some_exception", "It does not want to")
        for method, pattern, respond in ROUTES:
            if method == asked.method and (found := re.fullmatch(pattern, asked.path)):
                return respond(self, asked, *found.groups())
        raise AssertionError(f"nobody asks {asked.method} {asked.path}")

    def create(self, asked: Asked, index: str) -> tuple[int, Any]:
        """Create an index."""
        if index in self.indices:
            return 400, _error(400, "resource_already_exists_exception", f"index [{index}] already exists")
        self.indices[index], self.mappings[index] = {}, asked.body
        return 200, {"acknowledged": True, "shards_acknowledged": True, "index": index}

    def delete(self, _asked: Asked, names: str) -> tuple[int, Any]:
        """Delete indices."""
        for name in names.split(","):
            del self.indices[name]
        return 200, {"acknowledged": True}

    def refresh(self, _asked: Asked, _index: str) -> tuple[int, Any]:
        """Make what was written found."""
        return 200, {"_shards": {"total": 1, "successful": 1, "failed": 0}}

    def alias(self, _asked: Asked, name: str) -> tuple[int, Any]:
        """Say which index an alias leads to."""
        if name not in self.aliases:
            return 404, {"error": f"alias [{name}] missing", "status": 404}
        return 200, {self.aliases[name]: {"aliases": {name: {}}}}

    def realias(self, asked: Asked) -> tuple[int, Any]:
        """Change aliases, all of them or none."""
        for action in asked.body["actions"]:
            (kind, what), *_ = action.items()
            if kind == "remove":
                assert self.aliases.pop(what["alias"]) == what["index"]
            else:
                assert what["index"] in self.indices
                self.aliases[what["alias"]] = what["index"]
        return 200, {"acknowledged": True, "errors": False}

    def bulk(self, asked: Asked, name: str = "") -> tuple[int, Any]:
        """Take documents in and forget others, line by line."""
        lines, items = iter(asked.body), []
        for line in lines:
            ((kind, what),) = line.items()
            source = next(lines) if kind == "index" else None
            items.append({kind: self._written(kind, what.get("_index", name), what["_id"], source, asked.query)})
        return 200, {"took": 30, "errors": any(_is_bad(each) for each in items), "items": items}

    def search(self, _asked: Asked, name: str) -> tuple[int, Any]:
        """Answer a search with what the test has put there, else with nothing."""
        if name not in self.aliases:
            return 404, _error(404, "index_not_found_exception", f"no such index [{name}]")
        return 200, found() | (self.searches.pop(0) if self.searches else {})

    def enumerate(self, asked: Asked, _name: str) -> tuple[int, Any]:
        """Return terms that begin so, in the order of letters."""
        terms = sorted(each for each in self.terms if each.startswith(asked.body["string"]))[: asked.body["size"]]
        return 200, {"_shards": {"total": 1, "successful": 1, "failed": 0}, "terms": terms, "complete": True}

    def _written(self, kind: str, name: str, key: str, source: Document | None, query: dict[str, str]) -> Document:
        shown = {"_index": name, "_id": key}
        if self.refuses_entries:
            error = {"type": "document_parsing_exception", "reason": "failed to parse"}
            return shown | {"status": self.refuses_entries, "error": error}
        if query.get("require_alias") == "true" and name not in self.aliases:
            error = {"type": "index_not_found_exception", "reason": f"no such index [{name}] and [require_alias]"}
            return shown | {"status": 404, "error": error}
        # Where nobody made an index, one of that name comes into being, with a mapping that is guessed.
        documents = self.indices.setdefault(self.aliases.get(name, name), {})
        if kind == "index":
            assert source is not None
            result = "updated" if key in documents else "created"
            documents[key] = source
            return shown | {"result": result, "status": 200 if result == "updated" else 201}
        gone = documents.pop(key, None)
        return shown | {"result": "deleted" if gone else "not_found", "status": 200 if gone else 404}


ROUTES: list[tuple[str, str, Callable[..., tuple[int, Any]]]] = [
    ("PUT", r"/([^/_][^/]*)", Elastic.create),
    ("DELETE", r"/([^/_][^/]*)", Elastic.delete),
    ("POST", r"/([^/]+)/_refresh", Elastic.refresh),
    ("GET", r"/_alias/([^/]+)", Elastic.alias),
    ("HEAD", r"/_alias/([^/]+)", Elastic.alias),
    ("POST", r"/_aliases", Elastic.realias),
    ("PUT", r"/_bulk", Elastic.bulk),
    ("PUT", r"/([^/]+)/_bulk", lambda self, asked, name: Elastic.bulk(self, asked, name)),
    ("POST", r"/([^/]+)/_search", Elastic.search),
    ("POST", r"/([^/]+)/_terms_enum", Elastic.enumerate),
]


def found(*hits: Document, total: int = 0, **more: Any) -> Document:
    """Return the answer to a search."""
    return {
        "took": 5, "timed_out": False, "_shards": {"total": 1, "successful": 1, "skipped": 0, "failed": 0},
        "hits": {"total": {"value": total, "relation": "eq"}, "max_score": None, "hits": list(hits)},
    } | more  # fmt: skip


def hit(product: Document, sort: list[Any], **highlight: list[str]) -> Document:
    """Return one hit on ``product``."""
    marked = {"highlight": highlight} if highlight else {}
    return {"_index": "shop", "_id": str(product["_id"]), "_score": None, "sort": sort} | marked


def buckets(**names: list[tuple[Any, int]]) -> Document:
    """Return the ``aggregations`` of an answer."""
    return {
        name: {
            "doc_count_error_upper_bound": 0, "sum_other_doc_count": 0,
            "buckets": [{"key": key, "doc_count": count} for key, count in found],
        }
        for name, found in names.items()
    }  # fmt: skip


@contextmanager
def serving(port: int = 0) -> Iterator[Elastic]:
    """Serve on loopback inside the block."""
    elastic = Elastic()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _respond(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            kind = self.headers.get("Content-Type", "")
            body = [json.loads(line) for line in raw.splitlines()] if "ndjson" in kind else json.loads(raw or "null")
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, parts.path, query, headers, body)
            status, answer = elastic.answer(asked)
            sent = json.dumps(answer).encode() if self.command != "HEAD" else b""
            self.send_response(status)
            if elastic.is_genuine:
                self.send_header("X-Elastic-Product", "Elasticsearch")
            self.send_header("Content-Type", JSON)
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _respond

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    elastic.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield elastic
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def silent() -> Iterator[str]:
    """Return the address of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def dead() -> str:
    """Return an address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"


def _is_bad(item: Document) -> bool:
    (done,) = item.values()
    return bool(done.get("error"))


def _error(status: int, kind: str, reason: str) -> Document:
    cause = {"type": kind, "reason": reason}
    return {"error": {"root_cause": [cause], **cause}, "status": status}
