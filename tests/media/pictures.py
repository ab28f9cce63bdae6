"""Small pictures, made by the tests themselves."""

import io
import struct
import zlib
from typing import Any

from PIL import Image

CANARY = b"lat 41.1579 lon -8.6291"


def picture(format: str = "PNG", size: tuple[int, int] = (6, 4), **options: Any) -> bytes:
    """A picture with a red corner in the upper left."""
    image = Image.new("RGB", size, "white")
    image.putpixel((0, 0), (255, 0, 0))
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def with_exif(format: str, orientation: int = 1) -> bytes:
    """A picture that says where it was taken, and how it is to be turned."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = CANARY.decode()
    return picture(format, exif=exif.tobytes())


def moving(frames: int = 3) -> bytes:
    images = [Image.new("RGB", (4, 4), (index % 256, index // 256, 0)) for index in range(frames)]
    out = io.BytesIO()
    images[0].save(out, "GIF", save_all=True, append_images=images[1:], duration=50)
    return out.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG whose header promises more pixels than anybody should decode."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + crc

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1_000)
    parts = ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)
