"""What is left of an upload when it has been cleaned."""

import hashlib
from pathlib import Path

import pytest
from PIL import Image

from backoffice_api.adapters.pictures import Cleaned, PictureError, clean
from backoffice_api.domain.media.model import MediaType
from tests.media.pictures import CANARY, bomb, moving, picture, with_exif


def cleaned(folder: Path, content: bytes) -> tuple[Cleaned, bytes]:
    (folder / "source").write_bytes(content)
    found = clean(folder / "source", folder / "target")
    return found, (folder / "target").read_bytes()


class TestClean:
    @pytest.mark.parametrize(
        ("format", "media_type"),
        [("PNG", MediaType.PNG), ("JPEG", MediaType.JPEG), ("WEBP", MediaType.WEBP)],
    )
    def test_leaves_no_exif(self, tmp_path: Path, format: str, media_type: MediaType) -> None:
        content = with_exif(format)
        assert CANARY in content

        found, left = cleaned(tmp_path, content)

        digest = hashlib.sha256(left).hexdigest()
        assert found == Cleaned(media_type, digest, len(left), 6, 4)
        assert CANARY not in left
        with Image.open(tmp_path / "target") as rewritten:
            assert not rewritten.getexif()

    def test_turns_a_picture_as_exif_says(self, tmp_path: Path) -> None:
        found, _ = cleaned(tmp_path, with_exif("PNG", orientation=6))

        with Image.open(tmp_path / "target") as rewritten:
            turned = rewritten.convert("RGB")
        assert (found.width, found.height) == (4, 6)
        assert turned.getpixel((3, 0)) == (255, 0, 0)

    def test_drops_what_stands_behind_the_picture(self, tmp_path: Path) -> None:
        _, left = cleaned(tmp_path, picture("PNG") + b"<script>alert(1)</script>")

        assert b"script" not in left

    def test_keeps_a_picture_moving(self, tmp_path: Path) -> None:
        found, _ = cleaned(tmp_path, moving(3))

        with Image.open(tmp_path / "target") as left:
            assert (found.media_type, left.n_frames) == (MediaType.GIF, 3)

    def test_leaves_a_paper_as_it_is(self, tmp_path: Path) -> None:
        content = b"%PDF-1.7\n..."

        found, left = cleaned(tmp_path, content)

        assert (found.media_type, found.width, left) == (MediaType.PDF, None, content)

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"hello",
            b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
            b"\x89PNG\r\n\x1a\n",
            b"\xff\xd8\xff\xe0" + b"\0" * 100,
            b"GIF89a",
            b"RIFF\0\0\0\0WEBPVP8 ",
            picture("PNG")[:-30],
            picture("JPEG", size=(200, 200))[:300],
            picture("BMP"),
            bomb(60_000, 60_000),
            bomb(9_000, 9_000),
            bomb(16_001, 1),
            moving(301),
        ],
        ids=lambda content: repr(content[:12]),
    )
    def test_refuses_what_is_no_picture_or_too_large(self, tmp_path: Path, content: bytes) -> None:
        with pytest.raises(PictureError):
            cleaned(tmp_path, content)
