"""What must be true of stored templates and messages."""

from sqlalchemy import and_, func, or_, select

from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.messages.tables import (
    message_template_revisions,
    message_templates,
    messages,
)

_template, _revision = message_templates.c, message_template_revisions.c

CHECKS: tuple[Check, ...] = (
    Check(
        "MSG1",
        "A template reads as its newest revision does.",
        select(_template.id, _template.revision)
        .outerjoin(
            message_template_revisions,
            and_(_revision.template_id == _template.id, _revision.revision == _template.revision),
        )
        .where(
            or_(
                _revision.revision.is_(None),
                _template.subject != _revision.subject,
                _template.text != _revision.text,
                func.coalesce(_template.html, "") != func.coalesce(_revision.html, ""),
            )
        ),
    ),
    Check(
        "MSG2",
        "A message was written by a revision that there is.",
        select(messages.c.id, messages.c.template_revision)
        .outerjoin(
            message_template_revisions,
            and_(
                _revision.template_id == messages.c.template_id,
                _revision.revision == messages.c.template_revision,
            ),
        )
        .where(_revision.revision.is_(None)),
    ),
)
