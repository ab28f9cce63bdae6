"""What can be done with media."""

import strawberry

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.patch import KEEP
from backoffice_api.domain.media.commands import files as on_files
from backoffice_api.domain.media.commands import media as on_media
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.media import (
    MediaUploadCreateInput,
    MediaUploadPayload,
    ProductAddMediaInput,
    ProductMediaUpdateInput,
    ProductReorderMediaInput,
)
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.payloads import keep
from backoffice_api.schema.products import ProductPayload


@strawberry.type
class MediaMutation:
    @mutation(on_files.create_upload, MediaUploadPayload)
    def media_upload_create(input: MediaUploadCreateInput) -> on_files.CreateMediaUpload:
        """Get leave to upload one file, once, within an hour. The path is shown this once."""
        return on_files.CreateMediaUpload(byte_size=input.byte_size)

    @mutation(on_media.add_media, ProductPayload)
    def product_add_media(id: strawberry.ID, input: ProductAddMediaInput) -> on_media.AddMedia:
        """Show a file with a product, behind the media that it has."""
        return on_media.AddMedia(
            id=ids.parse("prd", id),
            file_id=ids.parse("mfl", input.file_id),
            variant_id=given_id("sku", input.variant_id),
            alt_text=input.alt_text,
            focal_point=input.focal_point.value() if input.focal_point else None,
        )

    @mutation(on_media.update_media, ProductPayload)
    def product_media_update(
        id: strawberry.ID, input: ProductMediaUpdateInput
    ) -> on_media.UpdateMedia:
        """Describe a medium anew. What is absent stays; null clears."""
        variant_id = keep(input.variant_id, nullable=True)
        focal = keep(input.focal_point, nullable=True)
        return on_media.UpdateMedia(
            id=ids.parse("med", id),
            variant_id=ids.parse("sku", variant_id) if isinstance(variant_id, str) else variant_id,
            alt_text=keep(input.alt_text),
            focal_point=focal if focal is KEEP or focal is None else focal.value(),
        )

    @mutation(on_media.reorder_media, ProductPayload)
    def product_reorder_media(
        id: strawberry.ID, input: ProductReorderMediaInput
    ) -> on_media.ReorderMedia:
        """Put the media of a product into another order."""
        return on_media.ReorderMedia(
            id=ids.parse("prd", id),
            media_ids=tuple(ids.parse("med", each) for each in input.media_ids),
        )

    @mutation(on_media.remove_media, ProductPayload)
    def product_media_remove(id: strawberry.ID) -> on_media.RemoveMedia:
        """Take a medium from its product. Its file goes when nothing has shown it for a day."""
        return on_media.RemoveMedia(id=ids.parse("med", id))
