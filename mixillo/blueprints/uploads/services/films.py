"""Videos and sounds: how long, how large, and a frame to show; by ffmpeg, where it is installed."""

import json
import shutil
import tempfile
from dataclasses import dataclass
from typing import IO, Any

from mixillo.blueprints.uploads.services import pictures, processes
from mixillo.blueprints.uploads.services.errors import Unreadable
from mixillo.blueprints.uploads.services.kinds import JPEG, VIDEO, Kind
from mixillo.blueprints.uploads.services.pictures import Picture

# It reads its standard input, which is a file, and nothing that the file may name besides.
INPUT = "file:/dev/stdin"
ALLOWED = ("-protocol_whitelist", "file,pipe")
LARGEST_FRAME = "scale='min(1080,iw)':-2"


@dataclass(frozen=True)
class Film:
    """What is known of a video or sound; without ffmpeg nothing is."""

    duration: float | None = None
    width: int | None = None
    height: int | None = None
    posters: tuple[Picture, ...] = ()


def is_installed() -> bool:
    """Return whether videos can be looked into."""
    return bool(shutil.which("ffprobe") and shutil.which("ffmpeg"))


def look(file: IO[bytes], kind: Kind) -> Film:
    """Return what ``file`` is like.

    :raises Unreadable: there is no picture in a video, or no sound in a sound.
    """
    if not is_installed():
        return Film()
    streams, duration = _facts(file, kind)
    if kind.family != VIDEO:
        if not any(stream.get("codec_type") == "audio" for stream in streams):
            raise Unreadable("There is no sound in it.")
        return Film(duration)
    seen = next((stream for stream in streams if stream.get("codec_type") == "video" and stream.get("width")), None)
    if seen is None:
        raise Unreadable("There is no video in it.")
    width, height = _upright(seen)
    return Film(duration, width, height, tuple(_posters(file, kind)))


def _facts(file: IO[bytes], kind: Kind) -> tuple[list[dict[str, Any]], float | None]:
    told = processes.run_program(
        _program("ffprobe"), file, "-v", "quiet", *ALLOWED, "-f", kind.reader, "-print_format", "json",
        "-show_format", "-show_streams", INPUT,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(told or b"{}")
    if not found.get("streams"):
        raise Unreadable("It cannot be read as a video or sound.")
    try:
        duration = round(float(found["format"]["duration"]), 3)
    except (KeyError, ValueError):
        duration = None
    return found["streams"], duration


def _upright(stream: dict[str, Any]) -> tuple[int, int]:
    """Return width and height as they are shown: telephones store a turned picture and say so."""
    turned = [side.get("rotation") for side in stream.get("side_data_list", ())]
    degrees = next((int(each) for each in turned if isinstance(each, int | float)), 0)
    width, height = int(stream["width"]), int(stream["height"])
    return (height, width) if degrees % 180 else (width, height)


def _posters(file: IO[bytes], kind: Kind) -> list[Picture]:
    """Return the first frame in the sizes that pictures have; a video that shows none goes without."""
    frame = processes.run_program(
        _program("ffmpeg"), file, "-v", "quiet", "-nostdin", "-threads", "1", *ALLOWED, "-f", kind.reader, "-i", INPUT,
        "-frames:v", "1", "-vf", LARGEST_FRAME, "-map_metadata", "-1", "-c:v", "mjpeg", "-q:v", "3",
        "-f", "image2pipe", "pipe:1",
    )  # fmt: skip
    if not frame:
        return []
    with tempfile.TemporaryFile(prefix="mixillo-") as scratch:
        scratch.write(frame)
        return pictures.clean(scratch, JPEG)


def _program(name: str) -> str:
    return shutil.which(name) or name
