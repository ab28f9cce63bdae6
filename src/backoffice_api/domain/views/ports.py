"""What views, runs and comments need of the schema: it knows every list, action and record."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Connection

from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Caller, Command
from backoffice_api.domain.views.model.lists import ListQuery


@dataclass(frozen=True, slots=True)
class Prepared:
    """A list query that fits the schema: how it is read, and the rights that it takes.

    `kind`: prefix of the ids of what it lists; None: they have none.
    """

    listing: Listing[Any]
    request: PageRequest
    scopes: frozenset[Scope]
    kind: str | None


@dataclass(frozen=True, slots=True)
class Order:
    """A mutation on one thing, as a command with its handler."""

    handler: Callable[..., Any]
    command: Command


class Lists(Protocol):
    """The lists that the root of the schema has, by name."""

    def prepare(self, query: ListQuery) -> Prepared:
        """The query as it can be run.

        Raises:
            UnknownList: there is no such list.
            UnfitFilter, SeveralFaults: its filter, search or sort is none of the list; the path
                leads into the query.
        """


class Actions(Protocol):
    """The mutations that can be done on each of many things, by name."""

    def kind(self, mutation: str) -> str:
        """Prefix of the ids of what it is done on.

        Raises:
            UnknownAction: there is no such mutation.
        """

    def scope(self, mutation: str) -> Scope | None:
        """The right that it takes. Raises UnknownAction."""

    def order(self, mutation: str, id: UUID, input: Mapping[str, Any] | None) -> Order:
        """The mutation on the thing `id`.

        Raises:
            UnknownAction: there is no such mutation.
            UnfitInput, SeveralFaults, DomainError: the input is none of it.
        """


class Subjects(Protocol):
    """Everything that has a timeline."""

    def kinds(self, caller: Caller) -> frozenset[str]:
        """Prefixes of the ids of what the caller may see."""

    def version(self, db: Connection, kind: str, id: UUID, caller: Caller) -> int | None:
        """The version of a record that has a timeline. None: there is none that he may see."""
