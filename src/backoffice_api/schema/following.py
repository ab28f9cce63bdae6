"""What subscriptions follow: the event log, or something that is looked at now and then.

A field of the subscription type is declared by what it follows, as lists and links are by what
they read. Who follows, and how it comes to the client, is the business of `live`.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from backoffice_api.context import BatchQuery, Info
from backoffice_api.domain.kernel.events import Logged
from backoffice_api.domain.kernel.log import Wanted
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Caller
from backoffice_api.domain.webhooks.model.selecting import fits, known_event_types, types_named
from backoffice_api.schema.connections import with_parameters
from backoffice_api.schema.directives import about
from backoffice_api.schema.payload_documents import DOCUMENTS

FOLLOWS = "follows"


@dataclass(frozen=True, slots=True)
class FromLog:
    """Events with a number above `after`; None: those from now on.

    `types` are patterns as webhooks have them, `kinds` prefixes of ids; empty: any.
    """

    after: int | None = None
    types: tuple[str, ...] = ()
    kinds: frozenset[str] = frozenset()
    ids: frozenset[UUID] = frozenset()
    kinds_of_ids: frozenset[str] = frozenset()

    @property
    def scopes(self) -> frozenset[Scope]:
        """The rights that it takes, whatever happens. Other events are left out where they lack."""
        named = self.kinds | self.kinds_of_ids
        return frozenset(DOCUMENTS.scope_of(each) for each in named)

    def wants(self, event: Logged) -> bool:
        """Whether the event is among those that were asked for."""
        return (
            (not self.ids or event.subject_id in self.ids)
            and (not self.kinds or event.subject_kind in self.kinds)
            and (not self.types or any(fits(each, event.type) for each in self.types))
        )

    def wanted(self) -> Wanted:
        """The same for a statement, which may find some more."""
        types = types_named(self.types, known_event_types()) if self.types else None
        return Wanted(types, self.kinds or None, self.ids or None)

    @staticmethod
    def may_hear(caller: Caller, event: Logged) -> bool:
        """Whether the caller may be told that it happened."""
        needed = DOCUMENTS.scopes_to_hear(event.type, event.subject_kind)
        return needed <= caller.scopes


@dataclass(frozen=True, slots=True)
class Watched:
    """What `query` finds by `key`: told at once, and again whenever it has changed.

    `is_over`: it will not change any more. `of` is the id of the node that the caller must be able
    to see all the while.
    """

    query: BatchQuery
    key: Any
    of: str
    scopes: frozenset[Scope]
    default: Any = None
    is_over: Callable[[Any], bool] = lambda value: value is None


def followed(
    open: Callable[[Mapping[str, Any]], FromLog | Watched],
    parameters: Sequence[inspect.Parameter],
    description: str,
    **options: Any,
) -> Any:
    """A field of the subscription type. `open` makes of its arguments what is to be followed."""

    async def resolve(info: Info, **arguments: Any) -> Any:
        raise AssertionError("values of subscriptions are handed over, never asked for")

    return about(
        description,
        resolver=with_parameters(resolve, parameters),
        metadata={FOLLOWS: open},
        **options,
    )
