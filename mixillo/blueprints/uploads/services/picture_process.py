"""Makes clean pictures of one from a stranger; a process of its own, with limits of its own.

Decoders of pictures are where hostile files aim, and where honest ones take the most memory: what happens here, be it
a crash, cannot touch who serves others. Reads standard input, writes ``<name>.<extension>`` into a directory, and
prints what it has made, or why it has not, as JSON. Run by its path, so that it imports nothing of the application.
"""

import io
import json
import resource
import sys
import warnings
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms, ImageOps

MEGABYTE = 1024 * 1024
# Beyond that, a JPEG can still be read at a fraction of its size; everything else has to be unpacked as a whole.
MOST_PIXELS, MOST_PIXELS_OF_JPEG = 32_000_000, 100_000_000
MOST_MOVING_PIXELS, LARGEST_MOVING = 100_000_000, 1_080
QUALITY = 85
SIZES = {"large": 2_048, "medium": 1_080, "small": 320}
READABLE = (OSError, ValueError, SyntaxError, TypeError, IndexError, KeyError, EOFError, OverflowError, RuntimeError)
Facts = dict[str, Any]


def main(reader: str, directory: Path, megabytes: int, seconds: int) -> Facts:
    """Return what was made of standard input, a picture of the format ``reader``."""
    resource.setrlimit(resource.RLIMIT_AS, (megabytes * MEGABYTE, megabytes * MEGABYTE))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    Image.MAX_IMAGE_PIXELS = None  # counted here, by format
    warnings.simplefilter("ignore")
    try:
        with Image.open(sys.stdin.buffer, formats=[reader]) as image:
            width, height = image.size
            if width * height > (MOST_PIXELS_OF_JPEG if reader == "JPEG" else MOST_PIXELS):
                return {"refused": f"It has {width} × {height} pixels, which is too many."}
            return _made_of(image, directory)
    except MemoryError:
        return {"refused": "It takes too much memory to read."}
    except READABLE:
        return {"refused": "It is damaged."}


def _made_of(image: Any, directory: Path) -> Facts:
    if _moves(image):
        made = [_save_moving(image, directory)]
        image.seek(0)
        clean = _still(image)
        sizes = ["small"]
    else:
        clean, made = _still(image), []
        sizes = list(SIZES)
    for name in sizes:
        if name in ("large", "small") or max(clean.size) > SIZES[name]:
            made.append(_save(clean, name, directory))
    return {"files": made, "width": made[0]["width"], "height": made[0]["height"]}


def _moves(image: Any) -> bool:
    """Return whether it is an animation of a size that can be kept moving; else its first frame is kept."""
    frames = getattr(image, "n_frames", 1)
    within = image.width * image.height * frames <= MOST_MOVING_PIXELS and max(image.size) <= LARGEST_MOVING
    return frames > 1 and image.format in ("GIF", "WEBP") and within


def _still(image: Any) -> Any:
    """Return the picture upright, in sRGB, at most ``large``, with nothing but pixels."""
    image.draft(None, (SIZES["large"], SIZES["large"]))
    profile = image.info.get("icc_profile")
    upright = ImageOps.exif_transpose(image)
    clear = "A" in upright.getbands() or "transparency" in upright.info
    upright.thumbnail((SIZES["large"], SIZES["large"]), Image.Resampling.LANCZOS, reducing_gap=2.0)
    clean = _in_srgb(upright, profile).convert("RGBA" if clear else "RGB")
    if clear and clean.getextrema()[3][0] == 255:  # it could be seen through, and is not
        clean = clean.convert("RGB")
    clean.info.clear()
    return clean


def _in_srgb(image: Any, profile: bytes | None) -> Any:
    """Return ``image`` in the colours that everybody assumes; a profile that is of no use is left out."""
    if not profile or image.mode not in ("RGB", "CMYK"):
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return image


def _save(image: Any, name: str, directory: Path) -> Facts:
    """Write ``image`` in the size ``name``: as a JPEG, or as WebP where something shows through."""
    scaled = image.copy() if max(image.size) > SIZES[name] else image
    scaled.thumbnail((SIZES[name], SIZES[name]), Image.Resampling.LANCZOS, reducing_gap=2.0)
    if scaled.mode == "RGBA":
        path, content_type = directory / f"{name}.webp", "image/webp"
        scaled.save(path, "WEBP", quality=QUALITY, method=4, exif=b"", icc_profile=b"", xmp=b"")
    else:
        path, content_type = directory / f"{name}.jpg", "image/jpeg"
        scaled.save(path, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return _facts(name, path, content_type, scaled.size)


def _save_moving(image: Any, directory: Path) -> Facts:
    path = directory / "large.webp"
    image.save(path, "WEBP", save_all=True, quality=QUALITY, method=0, exif=b"", icc_profile=b"", xmp=b"")
    return _facts("large", path, "image/webp", image.size)


def _facts(name: str, path: Path, content_type: str, size: tuple[int, int]) -> Facts:
    return {"name": name, "file": path.name, "contentType": content_type, "width": size[0], "height": size[1]}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))))
