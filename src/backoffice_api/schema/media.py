"""Files, uploads and the media of products on the wire."""

from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from strawberry import UNSET

from backoffice_api.context import Outcome
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.media import model, queries
from backoffice_api.domain.media.model import MediaType
from backoffice_api.domain.products import queries as of_products
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.lookups import found_of
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import MutationPayload, payload
from backoffice_api.schema.products import READ, Product, Variant

choice(MediaType)


@node("mfl", model.MediaFile, queries.files_by_ids, scope=READ)
class MediaFile(Node):
    """A file that was uploaded. The same content is one file, however often it is sent."""

    hash: str = about("The SHA-256 of its content, in hexadecimal digits.")
    path: str = about("Where this server gives it, to anybody who knows the path.")
    media_type: MediaType = about("What it is, by its content.")
    byte_size: int = about("How many bytes it has.")
    width: int | None = about("How many pixels it is wide. Null for a paper.")
    height: int | None = about("How many pixels it is high. Null for a paper.")
    created_at: datetime = about("When it was uploaded first.")


@node("upl", model.Upload, queries.uploads_by_ids, scope=READ)
class MediaUpload(Node):
    """A leave to upload one file."""

    created_at: datetime = about("When it was given.")
    expires_at: datetime = about("Until when it can be used.")
    file: MediaFile | None = one(
        queries.files_by_ids, "file_id", "What was uploaded. Null until then."
    )


@described
class FocalPoint:
    """What must stay in sight where a picture is cut."""

    x_permille: int = about("Thousandths of the width, from the left.")
    y_permille: int = about("Thousandths of the height, from the top.")


@node("med", model.Medium, queries.media_by_ids, scope=READ)
class ProductMedia(Node, Versioned):
    """A file that is shown with a product."""

    file: MediaFile = one(queries.files_by_ids, "file_id", "What is shown.")
    product: Product = one(
        of_products.products_by_ids, "product_id", "The product that it is shown with."
    )
    variant: Variant | None = one(
        of_products.variants_by_ids,
        "variant_id",
        "The variant that it shows. Null: all of the product.",
    )
    position: int = about("Its place among the media of the product, from 0.")
    alt_text: str = about("What it shows, for those who cannot see it. Empty if not said.")
    focal_point: FocalPoint | None = about("What must stay in sight. Null if not said.")


attach(
    Product,
    "media",
    list[ProductMedia],
    many(queries.media_by_products, "id", "Pictures and papers, in their order; at most 50."),
)
attach(
    Variant,
    "media",
    list[ProductMedia],
    many(queries.media_by_variants, "id", "Those of the product's media that show it, in order."),
)


@strawberry.input(description="What must stay in sight where a picture is cut.")
class FocalPointInput:
    x_permille: int = about("Thousandths of the width, from the left: 0 to 1000.")
    y_permille: int = about("Thousandths of the height, from the top: 0 to 1000.")

    def value(self) -> model.FocalPoint:
        return model.FocalPoint(self.x_permille, self.y_permille)


@strawberry.input(description="A file to be uploaded.")
class MediaUploadCreateInput:
    byte_size: int = about("How many bytes it has, at most 20,000,000.")


@strawberry.input(description="A file to be shown with a product, behind those that are.")
class ProductAddMediaInput:
    file_id: strawberry.ID = about("The file, as the upload answered.")
    variant_id: strawberry.ID | None = about("The variant that it shows.", default=None)
    alt_text: str = about("What it shows, at most 250 characters.", default="")
    focal_point: FocalPointInput | None = about("What must stay in sight.", default=None)


@strawberry.input(description="What is to change of a medium. What is absent stays.")
class ProductMediaUpdateInput:
    variant_id: strawberry.ID | None = about(
        "The variant that it shows; null: all of the product.", default=UNSET
    )
    alt_text: str | None = about("What it shows.", default=UNSET)
    focal_point: FocalPointInput | None = about(
        "What must stay in sight; null: not said.", default=UNSET
    )


@strawberry.input(description="The order of the media of a product.")
class ProductReorderMediaInput:
    media_ids: list[strawberry.ID] = about("Each of its media once.")


def _upload_id(parent: strawberry.Parent[Outcome]) -> UUID | None:
    return parent.value.id if parent.value else None


def _upload_path(parent: strawberry.Parent[Outcome]) -> Secret | None:
    secret = parent.value.secret if parent.value else None
    return Secret(f"/uploads/{secret.reveal()}") if secret else None


_UPLOAD: Any = found_of(
    _upload_id, queries.uploads_by_ids, "The leave that was given. Null if it was refused."
)


@payload
class MediaUploadPayload(MutationPayload):
    """What the making of an upload answers."""

    upload: MediaUpload | None = _UPLOAD
    path: Secret | None = about(
        "Where to PUT the bytes, once, within the hour: PNG, JPEG, WebP, GIF or PDF. The answer "
        "to that names the file. Null if it was refused, or if this is the answer to a repeated "
        "request.",
        resolver=_upload_path,
    )
