"""What must be true of stored media."""

from sqlalchemy import func, or_, select

from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.media.model import FileStatus
from backoffice_api.domain.media.tables import media_files, product_media
from backoffice_api.domain.products.tables import variants

CHECKS: tuple[Check, ...] = (
    Check(
        "MEDIA1",
        "The media of a product are numbered from 0 without gaps.",
        select(product_media.c.product_id, func.count().label("media"))
        .group_by(product_media.c.product_id)
        .having(
            or_(
                func.min(product_media.c.position) != 0,
                func.max(product_media.c.position) != func.count() - 1,
                func.count(product_media.c.position.distinct()) != func.count(),
            )
        ),
    ),
    Check(
        "MEDIA2",
        "What is shown is a file that is kept, for a variant of the same product or for none.",
        select(product_media.c.id, product_media.c.file_id, product_media.c.variant_id)
        .join(media_files, media_files.c.id == product_media.c.file_id)
        .outerjoin(variants, variants.c.id == product_media.c.variant_id)
        .where(
            or_(
                media_files.c.status != FileStatus.KEPT,
                variants.c.product_id != product_media.c.product_id,
            )
        ),
    ),
)
