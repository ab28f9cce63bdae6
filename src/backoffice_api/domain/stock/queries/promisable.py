"""What can be promised, as conditions for the questions of other contexts."""

from uuid import UUID

from sqlalchemy import ColumnElement, exists

from backoffice_api.domain.stock.tables import levels


def available_somewhere(variant_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Something of the variant can be promised at some location."""
    return exists().where(levels.c.variant_id == variant_id, levels.c.available > 0)
