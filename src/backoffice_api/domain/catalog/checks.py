"""What must be true of the stored catalogue."""

from sqlalchemy import func, or_, select

from backoffice_api.domain.catalog.model.collections import CollectionStatus
from backoffice_api.domain.catalog.tables import (
    categories,
    collection_choices,
    collection_members,
    collections,
    product_categories,
)
from backoffice_api.domain.kernel.checks import Check

_parents = categories.alias("parents")
_primaries = (
    select(
        product_categories.c.product_id,
        func.count().label("filed"),
        func.count().filter(product_categories.c.is_primary).label("primaries"),
    )
    .group_by(product_categories.c.product_id)
    .subquery("primaries")
)

CHECKS: tuple[Check, ...] = (
    Check(
        "CT1",
        "The path of a category is that of its parent and one step more.",
        select(categories.c.id, categories.c.path, _parents.c.path.label("parent_path"))
        .outerjoin(_parents, _parents.c.id == categories.c.parent_id)
        .where(
            or_(
                func.substr(categories.c.path, 1, func.length(func.coalesce(_parents.c.path, "")))
                != func.coalesce(_parents.c.path, ""),
                func.length(categories.c.path)
                != func.length(func.coalesce(_parents.c.path, "")) + 33,
            )
        ),
    ),
    Check(
        "CT2",
        "A product that is filed has one primary category.",
        select(_primaries.c.product_id, _primaries.c.primaries).where(_primaries.c.primaries != 1),
    ),
    Check(
        "CT3",
        "Nothing belongs to an archived collection, or to one that it was excluded from.",
        select(collection_members.c.collection_id, collection_members.c.product_id)
        .join(collections, collections.c.id == collection_members.c.collection_id)
        .outerjoin(
            collection_choices,
            (collection_choices.c.collection_id == collection_members.c.collection_id)
            & (collection_choices.c.product_id == collection_members.c.product_id),
        )
        .where(
            or_(
                collections.c.status != CollectionStatus.ACTIVE,
                collection_choices.c.is_included.is_(False),
            )
        ),
    ),
)
