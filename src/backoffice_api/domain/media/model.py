"""Media: words and rules.

A file is what was uploaded, cleaned of all that is not the picture, and named by the SHA-256 of
what is left: the same content is one file. A medium shows a file with a product, at a place among
the others, perhaps for one of its variants.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Faults, Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.texts import check_range, check_text

UPLOAD_BYTES_MAX = 20_000_000
UPLOAD_LIFE_S = 3_600
# A file that nothing shows is kept for a day: somebody may be about to use it.
UNUSED_LIFE_S = 86_400
OF_PRODUCT_MAX = 50
PERMILLE_MAX = 1_000
SECRET_BYTES = 32


class MediaType(Choice):
    """What a file is, by its content."""

    PNG = "image/png", "A picture without loss."
    JPEG = "image/jpeg", "A photograph."
    WEBP = "image/webp", "A picture, with loss or without."
    GIF = "image/gif", "A picture of few colours, which may move."
    PDF = "application/pdf", "A paper: instructions, a certificate. Not cleaned, only handed out."
    # What came by mail. Nothing of it is shown here, so that some need no name of their own there.
    HEIC = "image/heic", "A photograph of a telephone. Of mails only, as those below."
    MP4 = "video/mp4", "A film."
    TEXT = "text/plain", "Plain text."
    DOCX = "office/docx", "A text of Office Open XML, without macros."
    XLSX = "office/xlsx", "A workbook of Office Open XML, without macros."
    ODT = "office/odt", "A text of OpenDocument, without macros."
    ODS = "office/ods", "A workbook of OpenDocument, without macros."

    @property
    def is_shown(self) -> bool:
        """Whether a browser may show it. All else is a download."""
        return self in SHOWN

    @property
    def served_as(self) -> str:
        """What it is called where it is handed out."""
        return "application/octet-stream" if self.value.startswith("office/") else self.value


SHOWN = frozenset({MediaType.PNG, MediaType.JPEG, MediaType.WEBP, MediaType.GIF})


# What the names of files end with.
ENDINGS = {
    MediaType.PNG: "png",
    MediaType.JPEG: "jpg",
    MediaType.WEBP: "webp",
    MediaType.GIF: "gif",
    MediaType.PDF: "pdf",
    MediaType.HEIC: "heic",
    MediaType.MP4: "mp4",
    MediaType.TEXT: "txt",
    MediaType.DOCX: "docx",
    MediaType.XLSX: "xlsx",
    MediaType.ODT: "odt",
    MediaType.ODS: "ods",
}


class FileStatus(Choice):
    """Whether a file is to be kept."""

    KEPT = "kept", "It is there."
    DOOMED = "doomed", "Nothing has shown it for a day: it is being removed."


@dataclass(frozen=True, slots=True)
class MediaFile:
    """`hash`: SHA-256 of the content, in hexadecimal digits. Papers have no width and height."""

    id: UUID
    created_at: datetime
    hash: str
    media_type: MediaType
    byte_size: int
    width: int | None
    height: int | None

    @property
    def name(self) -> str:
        return f"{self.hash}.{ENDINGS[self.media_type]}"

    @property
    def path(self) -> str:
        """Where it is served."""
        return f"/media/{self.name}"


@dataclass(frozen=True, slots=True)
class FileContent:
    """What is known of the content of a file: see `MediaFile`."""

    hash: str
    media_type: MediaType
    byte_size: int
    width: int | None
    height: int | None

    @property
    def name(self) -> str:
        return f"{self.hash}.{ENDINGS[self.media_type]}"


@dataclass(frozen=True, slots=True)
class Upload:
    """A leave to send one file, once, until `expires_at`."""

    id: UUID
    created_at: datetime
    expires_at: datetime
    file_id: UUID | None


@dataclass(frozen=True, slots=True)
class FocalPoint:
    """What must stay in sight where the picture is cut, in thousandths from the upper left."""

    x_permille: int
    y_permille: int


@dataclass(frozen=True, slots=True)
class Medium:
    """`position` counts from 0 among the media of the product."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    product_id: UUID
    variant_id: UUID | None
    file_id: UUID
    position: int
    alt_text: str
    focal_x: int | None
    focal_y: int | None

    @property
    def focal_point(self) -> FocalPoint | None:
        if self.focal_x is None or self.focal_y is None:
            return None
        return FocalPoint(self.focal_x, self.focal_y)


@dataclass(frozen=True, slots=True)
class UploadCreated(Event):
    type = "media_upload.created"
    subject = "upl"
    summary = "Leave was given to upload a file."
    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class FileReceived(Event):
    type = "media_upload.received"
    subject = "upl"
    summary = "A file of {byte_size} bytes was uploaded."
    id: UUID
    version: int
    file_id: UUID
    byte_size: int


@dataclass(frozen=True, slots=True)
class MediaAdded(Event):
    type = "product.media_added"
    subject = "prd"
    summary = "A picture was added to product {title}."
    id: UUID
    version: int
    title: str
    medium_id: UUID


@dataclass(frozen=True, slots=True)
class MediaUpdated(Event):
    type = "product.media_updated"
    subject = "prd"
    summary = "A picture of product {title} was described anew."
    id: UUID
    version: int
    title: str
    medium_id: UUID


@dataclass(frozen=True, slots=True)
class MediaReordered(Event):
    type = "product.media_reordered"
    subject = "prd"
    summary = "The pictures of product {title} were put into another order."
    id: UUID
    version: int
    title: str


@dataclass(frozen=True, slots=True)
class MediaRemoved(Event):
    type = "product.media_removed"
    subject = "prd"
    summary = "A picture was taken from product {title}."
    id: UUID
    version: int
    title: str
    medium_id: UUID


@dataclass(eq=False)
class UnknownUpload(Missing):
    """There is no such leave to upload, or it was used, or its time is over."""

    message = "There is no such upload, or it was done, or its time is over."


@dataclass(eq=False)
class UnknownMediaFile(Missing):
    """There is no file with this id."""

    id: UUID
    message = "There is no such file."


@dataclass(eq=False)
class UnknownMedium(Missing):
    """There is no medium with this id."""

    id: UUID
    message = "There is no such medium."


@dataclass(eq=False)
class FileBeingRemoved(Refused):
    """The same file was unused for long and is being removed right now: send it again."""

    message = "The same file is being removed right now. Send it again in a moment."


@dataclass(eq=False)
class NotOfProduct(Refused):
    """The variant belongs to another product."""

    message = "The variant belongs to another product."


@dataclass(eq=False)
class NotAllMedia(Invalid):
    """An order names each of the product's media once, and no others."""

    message = "Name each of the product's media once, and no others."


def new_secret(random: bytes) -> Secret:
    """What a path of an upload ends with. Takes 32 random bytes."""
    return Secret(random.hex())


def secret_hash(secret: Secret) -> str:
    """What is kept of it. It has 256 random bits: a plain hash is enough."""
    return hashlib.sha256(secret.reveal().encode()).hexdigest()


def check_medium(faults: Faults, alt_text: str, focal: FocalPoint | None) -> None:
    check_text(alt_text, faults, "alt_text", minimum=0)
    if focal is not None:
        for name in ("x_permille", "y_permille"):
            check_range(
                getattr(focal, name), faults, "focal_point", name, minimum=0, maximum=PERMILLE_MAX
            )


def check_order(present: Sequence[UUID], wanted: Sequence[UUID]) -> None:
    """Refuse an order that leaves something out, or names something else.

    Raises:
        NotAllMedia: it does.
    """
    if len(wanted) != len(present) or set(wanted) != set(present):
        raise NotAllMedia().at("media_ids")
