"""What hangs on mails is told by its content, and kept only if nothing in it runs."""

import io
import zipfile
from pathlib import Path

import pytest

from backoffice_api.adapters.attachments import keep_attachment
from backoffice_api.adapters.pictures import PictureError
from backoffice_api.domain.media.model import MediaType

TYPES = {"[Content_Types]_DOT_xml": ""}
ODT = "application/vnd.oasis.opendocument.text"


def packed(**files: str) -> bytes:
    """An archive of these files; `__` stands for a slash, `_DOT_` for a dot."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "/").replace("_DOT_", "."), text)
    return content.getvalue()


def squeezed_and_broken() -> bytes:
    """A paper whose type is compressed, which OpenDocument forbids, and cannot be unpacked."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", ODT * 3)
    broken = bytearray(content.getvalue())
    start = 30 + len("mimetype")
    broken[start : start + 20] = b"\xff" * 20
    return bytes(broken)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("Grüße,\r\n\tAna".encode(), MediaType.TEXT),
        (b"sku,pieces\nMUG,1\n", MediaType.TEXT),
        (b"\0\0\0\x18ftypheic\0\0\0\0", MediaType.HEIC),
        (b"\0\0\0\x18ftypisom\0\0\0\0", MediaType.MP4),
        (packed(**TYPES, word__document_DOT_xml=""), MediaType.DOCX),
        (packed(**TYPES, xl__workbook_DOT_xml=""), MediaType.XLSX),
        (packed(mimetype=ODT), MediaType.ODT),
        (b"%PDF-1.7\n", MediaType.PDF),
    ],
)
def test_keeps_what_customers_send(tmp_path: Path, content: bytes, expected: MediaType) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(content)

    kept = keep_attachment(source, target)

    assert (kept.media_type, target.read_bytes()) == (expected, content)
    assert not expected.is_shown


@pytest.mark.parametrize(
    "content",
    [
        b"MZ\x90\0\x03",
        b"\xef\xbb\xbf <html><script>bad()</script>",
        b"<svg onload='bad()'/>",
        b"PK\x03\x04broken",
        packed(a_DOT_exe="MZ"),
        packed(**TYPES, word__document_DOT_xml="", word__vbaProject_DOT_bin="x"),
        packed(mimetype=ODT, Basic__Standard__Module_DOT_xml="x"),
        squeezed_and_broken(),
        b"caf\xe9",
    ],
)
def test_refuses_what_may_run(tmp_path: Path, content: bytes) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(content)

    with pytest.raises(PictureError):
        keep_attachment(source, target)
    assert not target.exists()
