"""A crowd posts and likes while others read: nothing twice, nothing missing, and every counter right afterwards."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from mixillo.blueprints.content.queries import feeding
from mixillo.core import clock
from tests.content.test_browsing import pages
from tests.factories.auth import client_of
from tests.factories.content import make_post
from tests.factories.users import make_follow, make_user

WRITERS, SECONDS, THERE = 50, 60, 120
VIDEO = {"videoUrl": "https://cdn.example.com/a.mp4", "caption": "Hello #crowd"}


@contextmanager
def writing(clients: list[FlaskClient], ids: list[str]) -> Iterator[None]:
    """Let each of ``clients`` post, like and stop liking one after the other, until the block ends."""
    stop = threading.Event()

    def write(number: int) -> int:
        done = 0
        while not stop.is_set():
            # Of fifty who want one post's turn some may be told to come back; what they are told has to be true.
            assert clients[number].post("/api/content", json=VIDEO).status_code in (201, 503)
            assert clients[number].post(f"/api/content/{ids[done % 7]}/like").status_code in (200, 503)
            done += 1
        return done

    with ThreadPoolExecutor(WRITERS) as pool:
        writers = [pool.submit(write, number) for number in range(len(clients))]
        try:
            yield
        finally:
            stop.set()
        assert all(writer.result() for writer in writers)


@pytest.mark.slow
def test_feeds_that_are_read_while_fifty_post_for_a_minute_neither_repeat_nor_skip(app: Flask, db: Database) -> None:
    reader, *authors = [make_user(db) for _ in range(WRITERS + 1)]
    for author in authors:
        make_follow(db, reader, author)
    there = {str(make_post(db, authors[n % WRITERS])["_id"]) for n in range(THERE)}
    db["users"].update_many({}, {"$set": {"videosCount": 0}})
    client, clients = client_of(app, reader), [client_of(app, author) for author in authors]
    until, rounds = time.monotonic() + SECONDS, 0
    with writing(clients, sorted(there)):
        while time.monotonic() < until:
            for path, key in (
                ("/api/content?total=false", "content"), ("/api/feed/following", "videos"), ("/api/feed", "videos"),
                ("/api/content/hashtag/crowd", "content"),
            ):  # fmt: skip
                # What is ranked is collected every few seconds.
                by = clock.now() - timedelta(seconds=feeding.SECONDS_KEPT + 1 if path == "/api/feed" else 0)
                posted = db["contents"].find({"hashtags": "crowd", "publishedAt": {"$lt": by}}, {"_id": 1})
                before = {str(each["_id"]) for each in posted}
                found = pages(client, path, key, limit=100)
                assert len(found) == len(set(found)), path
                assert before | (set() if "hashtag" in path else there) <= set(found), path
            rounds += 1
    assert rounds
    counters_equal_rows(db)


def counters_equal_rows(db: Database) -> None:
    posted = {row["_id"]: row["n"] for row in count_by(db, "contents", "$userId")}
    made = db["contents"].count_documents({"hashtags": []})
    counted = {user["_id"]: user.get("videosCount") or 0 for user in db["users"].find()}
    assert sum(counted.values()) == sum(posted.values()) - made
    likes = {row["_id"]: row["n"] for row in count_by(db, "likes", "$contentId")}
    assert {post["_id"]: post["likesCount"] for post in db["contents"].find({"likesCount": {"$ne": 0}})} == likes
    assert sum(user.get("likesReceivedCount") or 0 for user in db["users"].find()) == sum(likes.values())


def count_by(db: Database, name: str, field: str) -> Any:
    return db[name].aggregate([{"$group": {"_id": field, "n": {"$sum": 1}}}])
