"""What a template selects of an order, answered with the rights of whoever set it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from backoffice_api.domain.identity.queries.staff import present_caller
from backoffice_api.domain.messages.model.selections import SelectionNotRead, spoken
from backoffice_api.domain.messages.model.templates import MessageTemplate
from backoffice_api.domain.messages.ports import SELECTIONS


def selected_of(
    db: Connection, template: MessageTemplate, order_id: UUID | None, now: datetime
) -> object | None:
    """The words of what a template selects. None: it selects nothing.

    Raises:
        SelectionNotRead: whoever set it lacks a right by now, or it fits the schema no more.
    """
    if template.document is None:
        return None
    if order_id is None:
        raise SelectionNotRead("the message is about no order.")
    kind, id = template.owner_kind, template.owner_id
    owner = present_caller(db, kind, id, now) if kind and id else None
    if owner is None:
        raise SelectionNotRead("whoever set the template has no access any more.")
    answer = SELECTIONS.by.read(db, owner, template.document, order_id, narrowed=False)
    return words_of(template.document, answer)


def words_of(document: str, answer: Mapping[str, Any]) -> object:
    """What a document answered, as templates speak of it."""
    return spoken(answer, SELECTIONS.by.check(document).shape)
