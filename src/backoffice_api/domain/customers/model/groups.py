"""Groups of customers, as wholesale or club members: made by hand, for prices, lists and rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Faults, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.kernel.tables import CODE_LENGTH_MAX, TEXT_LENGTH_MAX
from backoffice_api.domain.kernel.texts import check_text

MEMBERS_AT_ONCE_MAX = 250
GROUPS_PER_CUSTOMER_MAX = 100


class GroupStatus(Choice):
    """Whether a group of customers is in use."""

    ACTIVE = "active", "In use."
    ARCHIVED = "archived", "Out of use: it keeps its members and takes no others."


class GroupSortKey(Choice):
    """By what a list of groups is sorted."""

    NAME = "name", "The name, by code point."
    CREATED_AT = "created_at", "When the group was made."


MACHINE = Machine(
    GroupStatus.ACTIVE,
    move("update", {GroupStatus.ACTIVE}),
    move("change_members", {GroupStatus.ACTIVE}),
    move("archive", {GroupStatus.ACTIVE}, GroupStatus.ARCHIVED),
    move("restore", {GroupStatus.ARCHIVED}, GroupStatus.ACTIVE),
)


@dataclass(frozen=True, slots=True)
class Group:
    """A group of customers. `code` is its own among groups."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    code: str
    name: str
    description: str | None
    status: GroupStatus

    @property
    def actions(self) -> Sequence[Action]:
        return MACHINE.actions(self.status)


@dataclass(frozen=True, slots=True)
class CustomerGroupCreated(Event):
    type = "customer_group.created"
    subject = "cgr"
    summary = "A group of customers was made."
    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class CustomerGroupUpdated(Event):
    type = "customer_group.updated"
    subject = "cgr"
    summary = "The group of customers was changed."
    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class CustomerGroupArchived(Event):
    type = "customer_group.archived"
    subject = "cgr"
    summary = "The group of customers was archived."
    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class CustomerGroupRestored(Event):
    type = "customer_group.restored"
    subject = "cgr"
    summary = "The group of customers is in use again."
    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class CustomerGroupMembersChanged(Event):
    type = "customer_group.members_changed"
    subject = "cgr"
    summary = "Customers came into the group or left it."
    id: UUID
    version: int
    added: tuple[UUID, ...]
    removed: tuple[UUID, ...]


@dataclass(eq=False)
class UnknownCustomerGroup(Missing):
    """There is no group of customers with this id."""

    id: UUID
    message = "There is no such group of customers."


@dataclass(eq=False)
class CustomerGroupCodeTaken(Refused):
    """Another group of customers has this code."""

    group_code: str
    message = "Another group of customers has the code {group_code}."


@dataclass(eq=False)
class TooManyGroups(Refused):
    """A customer would be in more groups than can be looked at for one order."""

    maximum: int
    message = "A customer is in at most {maximum} groups."


def check_group(code: str, name: str, description: str | None, faults: Faults) -> None:
    """Note what is wrong with a group."""
    check_text(code, faults, "code", maximum=CODE_LENGTH_MAX)
    check_text(name, faults, "name")
    check_text(description, faults, "description", maximum=TEXT_LENGTH_MAX)
