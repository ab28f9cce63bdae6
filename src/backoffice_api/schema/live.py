"""What subscriptions tell, on the wire."""

from datetime import datetime

import strawberry

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.events import Logged
from backoffice_api.schema.aggregates import Event
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.nodes import Node, linked_node
from backoffice_api.schema.scalars import BigInt


def _subject_id(event: Logged) -> str:
    return ids.text(event.subject_kind, event.subject_id)


@described
class EventNotice:
    """That something happened, and to what. Select of the subject what the screen shows."""

    sequence: BigInt = about(
        "Its place in the log. Subscribe again with the last one you got as `after`: nothing is "
        "missed, and nothing told twice."
    )
    type: str = about("What happened, as `order.placed`.")
    occurred_at: datetime = about("When it happened.")
    subject_version: int = about("Version of the subject after it; by now it may have a later one.")

    @strawberry.field(description="Id of what it happened to.")
    def subject_id(parent: strawberry.Parent[Logged]) -> strawberry.ID:
        return strawberry.ID(_subject_id(parent))

    subject: Node | None = linked_node(
        _subject_id, "What it happened to, as it is now. Null if the caller may not see it."
    )

    @strawberry.field(description="The whole entry of the log, with who did it and what changed.")
    def event(parent: strawberry.Parent[Logged]) -> Event:
        return parent  # type: ignore[return-value]
