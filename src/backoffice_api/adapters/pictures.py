"""Cleans what was uploaded: nothing is handed on but the picture.

What a file is, its content says, never its name or its sender. A picture is read and written
anew, so that EXIF (with the place where it was taken), comments and whatever else was hidden in
it are gone; it is turned as EXIF said, and keeps its colour profile. A paper (PDF) is kept as it
is: it is handed out as a download only.
"""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageFile, ImageOps, ImageSequence, UnidentifiedImageError

from backoffice_api.domain.media.model import MediaType

PIXELS_MAX = 50_000_000
SIDE_MAX = 16_000
FRAMES_MAX = 300
MOVING_PIXELS_MAX = 200_000_000
_QUALITY = 92
_PDF = b"%PDF-"

_FORMATS = {
    MediaType.PNG: "PNG",
    MediaType.JPEG: "JPEG",
    MediaType.WEBP: "WEBP",
    MediaType.GIF: "GIF",
}


class PictureError(Exception):
    """A file that is not taken; the text may be shown."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What is left of a file. `hash` is the SHA-256 of the content, in hexadecimal digits."""

    media_type: MediaType
    hash: str
    byte_size: int
    width: int | None
    height: int | None


def clean(source: Path, target: Path) -> Cleaned:
    """Write to `target` what may be kept of `source`.

    Raises:
        PictureError: it is no file of a type that is taken, or a picture that is too large.
    """
    media_type = _sniffed(source)
    if media_type is MediaType.PDF:
        shutil.copyfile(source, target)
        return copied(target, media_type)
    try:
        width, height = _rewrite(source, target, media_type)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as fault:
        # Whatever a decoder says of a broken file; disks that are full say so when it is kept.
        raise PictureError("The picture cannot be read.") from fault
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as fault:
        raise PictureError("The picture has too many pixels.") from fault
    return copied(target, media_type, width, height)


def _sniffed(source: Path) -> MediaType:
    with source.open("rb") as file:
        head = file.read(16)
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return MediaType.PNG
    if head.startswith(b"\xff\xd8\xff"):
        return MediaType.JPEG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return MediaType.GIF
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return MediaType.WEBP
    if head.startswith(_PDF):
        return MediaType.PDF
    raise PictureError("Only PNG, JPEG, WebP and GIF pictures and PDF papers are taken.")


def _rewrite(source: Path, target: Path, media_type: MediaType) -> tuple[int, int]:
    format = _FORMATS[media_type]
    # Other libraries turn this on, for the whole process.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    with Image.open(source, formats=[format]) as picture:
        frames = getattr(picture, "n_frames", 1)
        # The header says how large it would be; nothing is decoded before that is known.
        _check_size(picture.width, picture.height, frames)
        options: dict[str, Any] = {"format": format}
        if profile := picture.info.get("icc_profile"):
            options["icc_profile"] = profile
        if media_type in (MediaType.JPEG, MediaType.WEBP):
            options["quality"] = _QUALITY
        if frames > 1:
            return _write_moving(picture, target, options)
        upright = ImageOps.exif_transpose(picture)
        still = upright.copy()
        still.info = {}
        if media_type is MediaType.JPEG and still.mode not in ("L", "RGB", "CMYK"):
            still = still.convert("RGB")
        if "transparency" in picture.info and still.mode in ("P", "L", "RGB"):
            options["transparency"] = picture.info["transparency"]
        still.save(target, **options)
        return still.width, still.height


def _write_moving(picture: Image.Image, target: Path, options: dict[str, Any]) -> tuple[int, int]:
    frames = []
    durations = []
    for frame in ImageSequence.Iterator(picture):
        durations.append(frame.info.get("duration", 100))
        still = frame.convert("RGBA")
        still.info = {}
        frames.append(still)
    first, *others = frames
    options.pop("icc_profile", None)
    first.save(
        target,
        save_all=True,
        append_images=others,
        duration=durations,
        loop=picture.info.get("loop", 0),
        disposal=2,
        **options,
    )
    return first.width, first.height


def _check_size(width: int, height: int, frames: int) -> None:
    if max(width, height) > SIDE_MAX or width * height > PIXELS_MAX:
        raise PictureError("The picture has too many pixels.")
    if frames > FRAMES_MAX or (frames > 1 and width * height * frames > MOVING_PIXELS_MAX):
        raise PictureError("The picture moves for too long.")


def copied(
    target: Path, media_type: MediaType, width: int | None = None, height: int | None = None
) -> Cleaned:
    """What is known of a file that was written."""
    with target.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Cleaned(media_type, digest, target.stat().st_size, width, height)
