"""Collections: products that are shown together, by rules or by hand.

To a collection belongs what is in use and passes its rules or was included by hand, less what was
excluded by hand. Who belongs to it is kept, and follows the changes of products, prices, stock
and categories within half a minute.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backoffice_api.domain.catalog.model.rules import Match, Rule, RuleField, RuleOperator
from backoffice_api.domain.catalog.model.slugs import check_slug
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Faults, Missing
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.kernel.tables import TEXT_LENGTH_MAX
from backoffice_api.domain.kernel.texts import check_text

COLLECTIONS_MAX = 500
BY_HAND_MAX = 250


class CollectionStatus(Choice):
    """Whether a collection is in use."""

    ACTIVE = "active", "Its members follow its rules."
    ARCHIVED = "archived", "Out of use: it has no members."


MACHINE = Machine(
    CollectionStatus.ACTIVE,
    move("update", {CollectionStatus.ACTIVE}),
    move("set_products", {CollectionStatus.ACTIVE}),
    move("archive", {CollectionStatus.ACTIVE}, CollectionStatus.ARCHIVED),
    move("restore", {CollectionStatus.ARCHIVED}, CollectionStatus.ACTIVE),
)


class CollectionSortKey(Choice):
    """By what a list of collections is sorted."""

    NAME = "name", "The name, by code point."
    CREATED_AT = "created_at", "When the collection was made."


@dataclass(frozen=True, slots=True)
class Collection:
    """`rules` as they are kept: JSON objects with field, operator, value and key."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    name: str
    slug: str
    description: str
    match: Match
    rules: Sequence[Mapping[str, Any]]
    status: CollectionStatus

    @property
    def actions(self) -> Sequence[Action]:
        return MACHINE.actions(self.status)

    @property
    def parsed_rules(self) -> Sequence[Rule]:
        return [
            Rule(
                RuleField(each["field"]),
                RuleOperator(each["operator"]),
                each["value"],
                each["key"],
            )
            for each in self.rules
        ]


@dataclass(frozen=True, slots=True)
class CollectionCreated(Event):
    type = "collection.created"
    subject = "col"
    summary = "Collection {name} was created."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class CollectionUpdated(Event):
    type = "collection.updated"
    subject = "col"
    summary = "Collection {name} was changed."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class CollectionProductsSet(Event):
    """Products were included or excluded by hand, or left to the rules again."""

    type = "collection.products_set"
    subject = "col"
    summary = "Products were put into collection {name} or out of it by hand."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class CollectionArchived(Event):
    type = "collection.archived"
    subject = "col"
    summary = "Collection {name} was archived."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class CollectionRestored(Event):
    type = "collection.restored"
    subject = "col"
    summary = "Collection {name} is in use again."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class CollectionMembersChanged(Event):
    """Products came or went, since rules or what they are about has changed."""

    type = "collection.members_changed"
    subject = "col"
    summary = "{added} products came into collection {name}, {removed} went."
    id: UUID
    version: int
    name: str
    added: int
    removed: int


@dataclass(eq=False)
class UnknownCollection(Missing):
    """There is no collection with this id."""

    id: UUID
    message = "There is no such collection."


def check_collection(faults: Faults, *, name: str, slug: str, description: str) -> None:
    check_text(name, faults, "name")
    check_slug(slug, faults)
    check_text(description, faults, "description", minimum=0, maximum=TEXT_LENGTH_MAX)


def kept_rules(rules: Sequence[Rule]) -> tuple[Mapping[str, Any], ...]:
    """Rules as they are kept."""
    return tuple(
        {
            "field": each.field.value,
            "operator": each.operator.value,
            "value": list(each.value) if isinstance(each.value, tuple) else each.value,
            "key": each.key,
        }
        for each in rules
    )
