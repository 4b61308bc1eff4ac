"""Pictures: what comes out has the pixels of what came in, and nothing else."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from pymongo.database import Database

from tests.factories.uploads import CAMERA, GPS, fetched, opened, photograph, picture, send


def test_a_picture_is_made_anew_in_sizes_without_what_the_camera_wrote(
    client: FlaskClient, as_ada: FlaskClient
) -> None:
    sent = photograph((2_600, 1_300))
    assert CAMERA.encode() in sent
    answer = send(as_ada, sent)
    assert answer.status_code == 201
    upload = answer.json["data"]["upload"]
    assert (upload["status"], upload["contentType"], upload["width"], upload["height"]) == (
        "completed", "image/jpeg", 2_048, 1_024,
    )  # fmt: skip
    assert answer.json["data"]["url"] == upload["url"] == upload["variants"][0]["url"]
    assert [(each["name"], each["width"]) for each in upload["variants"]] == [
        ("large", 2_048), ("medium", 1_080), ("small", 320),
    ]  # fmt: skip
    for each in upload["variants"]:
        data = fetched(client, each["url"]).data
        shown = opened(data)
        assert shown.size == (each["width"], each["height"])
        assert not shown.getexif()
        assert not shown.getexif().get_ifd(GPS)
        assert CAMERA.encode() not in data


def test_a_turned_photograph_stands_upright(client: FlaskClient, as_ada: FlaskClient) -> None:
    upload = send(as_ada, photograph((400, 300), orientation=6)).json["data"]["upload"]
    assert (upload["width"], upload["height"]) == (300, 400)
    assert opened(fetched(client, upload["url"]).data).size == (300, 400)


@pytest.mark.parametrize(
    ("reader", "mode", "kept"),
    [
        ("PNG", "RGB", "image/jpeg"), ("PNG", "RGBA", "image/webp"), ("PNG", "P", "image/jpeg"),
        ("PNG", "I;16", "image/jpeg"), ("GIF", "P", "image/jpeg"), ("WEBP", "RGB", "image/jpeg"),
        ("WEBP", "RGBA", "image/webp"), ("AVIF", "RGB", "image/jpeg"), ("JPEG", "CMYK", "image/jpeg"),
        ("JPEG", "L", "image/jpeg"),
    ],
)  # fmt: skip
def test_pictures_of_every_kind_are_read(as_ada: FlaskClient, reader: str, mode: str, kept: str) -> None:
    answer = send(as_ada, picture((64, 48), reader, mode), "anything.bin")
    assert answer.status_code == 201, answer.json
    upload = answer.json["data"]["upload"]
    assert (upload["contentType"], upload["width"], upload["height"]) == (kept, 64, 48)


def test_what_moves_goes_on_moving(client: FlaskClient, as_ada: FlaskClient) -> None:
    turned = [opened(picture((60, 60))).rotate(90 * (n + 1)).resize((60, 40)) for n in range(3)]
    sent = picture((60, 40), "GIF", append_images=turned, save_all=True, duration=100)
    upload = send(as_ada, sent, "a.gif").json["data"]["upload"]
    moving = opened(fetched(client, upload["url"]).data)
    assert (upload["contentType"], moving.n_frames) == ("image/webp", 4)
    assert [each["name"] for each in upload["variants"]] == ["large", "small"]


def test_the_type_is_that_of_the_content(db: Database, as_ada: FlaskClient) -> None:
    upload = send(as_ada, picture((30, 20), "PNG"), "holiday.mp4").json["data"]["upload"]
    assert (upload["contentType"], upload["filename"]) == ("image/jpeg", "holiday.mp4")
    assert db["uploadsessions"].count_documents({"contentType": "image/jpeg"}) == 1


def test_only_the_pictures_that_were_made_are_kept(ops_db: Database, as_ada: FlaskClient) -> None:
    send(as_ada, photograph())
    assert sorted(file["_id"].partition("-")[2][-5:] for file in ops_db["media.files"].find()) == ["large", "small"]
    assert CAMERA.encode() not in b"".join(bytes(chunk["data"]) for chunk in ops_db["media.chunks"].find())


def test_a_picture_becomes_ones_own(as_ada: FlaskClient, db: Database, ada: dict[str, Any]) -> None:
    answer = send(as_ada, photograph(), path="/api/users/upload-avatar")
    assert answer.status_code == 200
    url = answer.json["data"]["avatarUrl"]
    assert db["users"].find_one({"_id": ada["_id"]})["avatar"] == url == answer.json["data"]["user"]["avatar"]
