"""What must be true of stored custom fields."""

from sqlalchemy import and_, or_, select

from backoffice_api.domain.custom_fields.model.definitions import FieldType
from backoffice_api.domain.custom_fields.model.values import COLUMNS
from backoffice_api.domain.custom_fields.tables import definitions, values
from backoffice_api.domain.kernel.checks import Check

CHECKS: tuple[Check, ...] = (
    Check(
        "CF1",
        "A value of a custom field lies in the column of its type, and only several choices are "
        "several rows.",
        select(values.c.owner_id, definitions.c.key, definitions.c.field_type)
        .join(definitions, definitions.c.id == values.c.definition_id)
        .where(
            or_(
                *(
                    and_(definitions.c.field_type == kind, values.c[name].is_(None))
                    for kind, name in COLUMNS.items()
                ),
                and_(definitions.c.field_type != FieldType.MULTI_CHOICE, values.c.position != 0),
            )
        ),
    ),
)
