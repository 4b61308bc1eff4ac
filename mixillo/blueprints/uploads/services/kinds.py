"""What a file is, by its first bytes. Names and announced types are anybody's to choose."""

from dataclasses import dataclass

PICTURE, VIDEO, AUDIO = "image", "video", "audio"
# So much of a file is looked at.
HEAD = 4096


@dataclass(frozen=True)
class Kind:
    """A type that is taken. ``reader`` is what the library that reads it calls it."""

    content_type: str
    family: str
    extension: str
    reader: str


JPEG = Kind("image/jpeg", PICTURE, "jpg", "JPEG")
PNG = Kind("image/png", PICTURE, "png", "PNG")
GIF = Kind("image/gif", PICTURE, "gif", "GIF")
WEBP = Kind("image/webp", PICTURE, "webp", "WEBP")
AVIF = Kind("image/avif", PICTURE, "avif", "AVIF")
MP4 = Kind("video/mp4", VIDEO, "mp4", "mov")
QUICKTIME = Kind("video/quicktime", VIDEO, "mov", "mov")
WEBM = Kind("video/webm", VIDEO, "webm", "matroska")
MP3 = Kind("audio/mpeg", AUDIO, "mp3", "mp3")
M4A = Kind("audio/mp4", AUDIO, "m4a", "mov")
KINDS = (JPEG, PNG, GIF, WEBP, AVIF, MP4, QUICKTIME, WEBM, MP3, M4A)
BY_TYPE = {kind.content_type: kind for kind in KINDS}

BRANDS = {
    b"qt  ": QUICKTIME, b"avif": AVIF, b"avis": AVIF, b"M4A ": M4A, b"M4B ": M4A,
    b"isom": MP4, b"iso2": MP4, b"iso3": MP4, b"iso4": MP4, b"iso5": MP4, b"iso6": MP4, b"mp41": MP4, b"mp42": MP4,
    b"avc1": MP4, b"dash": MP4, b"M4V ": MP4, b"MSNV": MP4, b"3gp4": MP4, b"3gp5": MP4, b"3gp6": MP4,
}  # fmt: skip
EBML = b"\x1aE\xdf\xa3"
DOCTYPE = b"B\x82"


def kind_of(head: bytes) -> Kind | None:
    """Return what a file that begins with ``head`` is, ``None`` where it is nothing that is taken."""
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return GIF
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[4:8] == b"ftyp":
        return BRANDS.get(head[8:12])
    if head.startswith(EBML):
        return WEBM if _is_webm(head) else None
    return MP3 if head.startswith(b"ID3") or _is_mp3_frame(head) else None


def _is_webm(head: bytes) -> bool:
    """Return whether the EBML header says so; Matroska's other kinds are played by few."""
    at = head.find(DOCTYPE, 0, 64)
    return at > 0 and head[at + 3 : at + 7] == b"webm"


def _is_mp3_frame(head: bytes) -> bool:
    """Return whether it begins with the header of an MPEG frame of layer III, with a bit rate and a sampling rate."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return False
    return head[1] & 0x18 != 0x08 and head[2] & 0xF0 not in (0, 0xF0) and head[2] & 0x0C != 0x0C
