"""What must be true of stored publications."""

from sqlalchemy import and_, or_, select

from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.products.model import ProductStatus
from backoffice_api.domain.products.tables import products
from backoffice_api.domain.publishing.model.publications import PublicationStatus
from backoffice_api.domain.publishing.tables import publications

_status = publications.c.status

CHECKS: tuple[Check, ...] = (
    Check(
        "P1",
        "What is shown has a moment since when, what is not has none; nothing archived is shown.",
        select(publications.c.id, publications.c.product_id, _status)
        .join(products, products.c.id == publications.c.product_id)
        .where(
            or_(
                (_status == PublicationStatus.PUBLISHED)
                != publications.c.published_at.is_not(None),
                and_(
                    products.c.status == ProductStatus.ARCHIVED,
                    _status != PublicationStatus.UNPUBLISHED,
                ),
            )
        ),
    ),
)
