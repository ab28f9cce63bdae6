"""What hangs on mails: told by its content, kept as it is, and only ever handed out as a download.

Pictures and PDF papers are cleaned as everywhere. Besides these, what customers send as evidence is
taken: plain text, photographs and films of telephones, papers of an office without programs in
them. Archives, pages, drawings with scripts and whatever can run are not.
"""

import shutil
import zipfile
from collections.abc import Collection
from pathlib import Path

from backoffice_api.adapters.pictures import Cleaned, PictureError, clean, copied
from backoffice_api.domain.media.model import MediaType

TEXT_BYTES_MAX = 2_000_000
# Of an archive, only the list of its names is read: so many are believed.
NAMES_MAX = 10_000

_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1"})
_MP4 = frozenset({b"isom", b"iso2", b"mp41", b"mp42", b"avc1", b"M4V ", b"qt  ", b"3gp4", b"3gp5"})
_OFFICE = {
    "word/document.xml": MediaType.DOCX,
    "xl/workbook.xml": MediaType.XLSX,
}
_OPEN = {
    b"application/vnd.oasis.opendocument.text": MediaType.ODT,
    b"application/vnd.oasis.opendocument.spreadsheet": MediaType.ODS,
}
# Where programs lie in papers of an office.
_PROGRAMS = ("vbaproject.bin", "activex", "basic/", "scripts/", "oleobject", "macrosheets/")
_CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\r\f")


def keep_attachment(source: Path, target: Path) -> Cleaned:
    """Write to `target` what may be kept of `source`.

    Raises:
        PictureError: it is of no kind that is taken; the text may be shown.
    """
    media_type = _sniffed(source)
    if media_type is None:
        return clean(source, target)
    shutil.copyfile(source, target)
    return copied(target, media_type)


def _sniffed(source: Path) -> MediaType | None:
    """What it is. None: a picture, a PDF paper, or nothing that is taken."""
    with source.open("rb") as file:
        head = file.read(16)
    if head.startswith(b"PK"):
        return _paper(source)
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        return MediaType.HEIC if brand in _HEIC else MediaType.MP4 if brand in _MP4 else None
    return MediaType.TEXT if _is_text(source) else None


def _paper(source: Path) -> MediaType | None:
    try:
        with zipfile.ZipFile(source) as archive:
            names = {each.filename for each in archive.infolist()[:NAMES_MAX]}
            whole = len(names) == len(archive.infolist())
            kind = _opened(archive, names) or _office(names)
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, RuntimeError):
        return None
    if kind and (not whole or any(each in name.lower() for name in names for each in _PROGRAMS)):
        raise PictureError("Papers of an office are taken without macros and what they embed.")
    return kind


def _office(names: Collection[str]) -> MediaType | None:
    if "[Content_Types].xml" not in names:
        return None
    return next((kind for name, kind in _OFFICE.items() if name in names), None)


def _opened(archive: zipfile.ZipFile, names: Collection[str]) -> MediaType | None:
    # As OpenDocument has it: not compressed. What somebody made up is not unpacked to be looked at.
    if "mimetype" not in names or archive.getinfo("mimetype").compress_type != zipfile.ZIP_STORED:
        return None
    with archive.open("mimetype") as file:
        return _OPEN.get(file.read(100))


def _is_text(source: Path) -> bool:
    if source.stat().st_size > TEXT_BYTES_MAX:
        return False
    content = source.read_bytes()
    if content.startswith(b"%PDF-") or not _CONTROLS.isdisjoint(content):
        return False
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    # Pages and drawings are text, too, and run what is in them.
    return not text.lstrip("\ufeff \t\r\n\f").startswith("<")
