"""Merging duplicates: what the one that stays takes over, and how all of it goes back.

Nothing is thrown away. The duplicate keeps its own values; what pointed at it is moved, and each
thing that was moved is on record, so that undoing puts back exactly that (ADR 0039).
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from backoffice_api.domain.customers.model import Customer
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.contacts import email_key
from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.kernel.tax_ids import TaxIdKind

UNDO_WINDOW = timedelta(days=30)

# Who shares a key with more than so many others shares a mailbox of an office, not an identity.
SHARED_BY_MAX = 5


class MergeStatus(Choice):
    """Whether a merge holds."""

    DONE = "done", "The duplicate went on in the other customer."
    UNDONE = "undone", "Both are customers of their own again."


MACHINE = Machine(MergeStatus.DONE, move("undo", {MergeStatus.DONE}, MergeStatus.UNDONE))


class DuplicateStatus(Choice):
    """What became of two customers that may be one."""

    OPEN = "open", "Nobody has looked at them."
    DISMISSED = "dismissed", "They are two: they are not shown again."
    MERGED = "merged", "They were one, and are now."


DUPLICATES = Machine(
    DuplicateStatus.OPEN,
    move("dismiss", {DuplicateStatus.OPEN}, DuplicateStatus.DISMISSED),
    move("merge", {DuplicateStatus.OPEN, DuplicateStatus.DISMISSED}, DuplicateStatus.MERGED),
    move("undo_merge", {DuplicateStatus.MERGED}, DuplicateStatus.OPEN),
)


class DuplicateReason(Choice):
    """Why two customers may be one."""

    EMAIL = "email", "The same e-mail address, however it is written."
    PHONE = "phone", "The same phone number."
    TAX_ID = "tax_id", "Tax ids of one company: the same root of a CNPJ."
    NAME = "name", "The same name at the same postal code."


# How sure each makes that two are one, in points of 100. They add up, to 100 at most.
POINTS: Mapping[DuplicateReason, int] = MappingProxyType(
    {
        DuplicateReason.EMAIL: 60,
        DuplicateReason.PHONE: 40,
        DuplicateReason.TAX_ID: 50,
        DuplicateReason.NAME: 40,
    }
)


class DuplicateSortKey(Choice):
    """By what a list of duplicates is sorted."""

    SCORE = "score", "How likely they are one."
    CREATED_AT = "created_at", "When they were found."


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two customers that may be one, the older one first. `score`: 1 to 100."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    first_id: UUID
    second_id: UUID
    status: DuplicateStatus
    score: int
    by_email: bool
    by_phone: bool
    by_tax_id: bool
    by_name: bool

    @property
    def reasons(self) -> Sequence[DuplicateReason]:
        return [each for each in DuplicateReason if getattr(self, f"by_{each.value}")]

    @property
    def actions(self) -> Sequence[Action]:
        return DUPLICATES.actions(self.status)


@dataclass(frozen=True, slots=True)
class Merge:
    """A customer that went on in another one. `filled`: fields that the other one took over."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    into_id: UUID
    from_id: UUID
    status: MergeStatus
    undo_until: datetime
    filled: Sequence[str]
    actor_kind: str
    actor_id: UUID | None

    @property
    def actions(self) -> Sequence[Action]:
        return MACHINE.actions(self.status)


@dataclass(frozen=True, slots=True)
class MovedCount:
    """How many things of a kind go over. `table_name` says of which kind."""

    table_name: str
    count: int


@dataclass(frozen=True, slots=True)
class MergePreview:
    """What a merge would do now. `filled`: fields that the one that stays lacks."""

    into_id: UUID
    from_id: UUID
    counts: Sequence[MovedCount]
    filled: Sequence[str]


@dataclass(frozen=True, slots=True)
class CustomerMerged(Event):
    """`moved`: how much went over, in words."""

    type = "customer.merged"
    subject = "cus"
    summary = "A duplicate was merged into the customer: {moved}."
    id: UUID
    version: int
    merge_id: UUID
    from_id: UUID
    moved: str


@dataclass(frozen=True, slots=True)
class CustomerMergedAway(Event):
    type = "customer.merged_away"
    subject = "cus"
    summary = "The customer was a duplicate, and goes on in another one."
    id: UUID
    version: int
    merge_id: UUID
    into_id: UUID


@dataclass(frozen=True, slots=True)
class CustomerMergeUndone(Event):
    """`moved`: how much went back, in words."""

    type = "customer.merge_undone"
    subject = "cus"
    summary = "A merge into the customer was undone: {moved}."
    id: UUID
    version: int
    merge_id: UUID
    from_id: UUID
    moved: str


@dataclass(frozen=True, slots=True)
class CustomerUnmerged(Event):
    type = "customer.unmerged"
    subject = "cus"
    summary = "The customer is one of its own again."
    id: UUID
    version: int
    merge_id: UUID
    into_id: UUID


@dataclass(frozen=True, slots=True)
class CustomerDuplicateDismissed(Event):
    type = "customer_duplicate.dismissed"
    subject = "cdu"
    summary = "Two customers that looked like one are two."
    id: UUID
    version: int


@dataclass(eq=False)
class UnknownCustomerMerge(Missing):
    """There is no merge of customers with this id."""

    id: UUID
    message = "There is no such merge of customers."


@dataclass(eq=False)
class UnknownCustomerDuplicate(Missing):
    """There is no pair of customers with this id."""

    id: UUID
    message = "There is no such pair of customers."


@dataclass(eq=False)
class SameCustomer(Invalid):
    """A customer is no duplicate of itself."""

    message = "A customer cannot be merged into itself."


@dataclass(eq=False)
class MergeTooLarge(Refused):
    """Together they would have more of something than a customer can have."""

    what: str
    maximum: int
    message = "Together they would have more than {maximum} {what}: remove some first."


@dataclass(eq=False)
class UndoWindowOver(Refused):
    """What was merged long ago has gone its own way since."""

    undo_until: datetime
    message = "This merge could be undone until {undo_until:%Y-%m-%d %H:%M} UTC."


@dataclass(eq=False)
class LaterMerge(Refused):
    """The customer that stayed was merged itself since: that is to be undone first."""

    merge_id: UUID
    message = "The customer that stayed was merged into another one since: undo that first."


# What the one that stays takes over where it has nothing.
FILLED = ("email", "phone", "locale", "country")


def filled(into: Customer, duplicate: Customer) -> Sequence[str]:
    """The names of the fields that the one that stays lacks and the duplicate has."""
    return [
        name
        for name in FILLED
        if getattr(into, name) is None and getattr(duplicate, name) is not None
    ]


def in_words(moved: Mapping[str, int]) -> str:
    """How many rows of what, as a part of a sentence."""
    parts = [f"{count} {name.replace('_', ' ')}" for name, count in sorted(moved.items()) if count]
    return ", ".join(parts) or "nothing but itself"


@dataclass(frozen=True, slots=True)
class Traits:
    """What customers are recognised by. `tax_ids`: kind and canonical value."""

    name: str
    emails: Sequence[str]
    phones: Sequence[str]
    tax_ids: Sequence[tuple[TaxIdKind, str]]
    places: Sequence[tuple[str, str]]


_WORD = re.compile(r"[^\W_]+")
_WITHOUT_DOTS = frozenset({"gmail.com", "googlemail.com"})
_CNPJ_ROOT_LENGTH = 8


def keys_of(traits: Traits) -> Iterable[tuple[DuplicateReason, str]]:
    """Under which keys a customer is compared with others. Keys are hashes: they show nothing."""
    found = {(DuplicateReason.EMAIL, _mailbox(each)) for each in traits.emails}
    found |= {(DuplicateReason.PHONE, each) for each in traits.phones}
    found |= {
        (DuplicateReason.TAX_ID, value[:_CNPJ_ROOT_LENGTH])
        for kind, value in traits.tax_ids
        if kind is TaxIdKind.CNPJ
    }
    name = " ".join(sorted(_WORD.findall(_folded(traits.name))))
    for country, postal_code in traits.places:
        code = "".join(_WORD.findall(_folded(postal_code)))
        if name and code:
            found.add((DuplicateReason.NAME, f"{name}|{country}|{code}"))
    for reason, value in sorted(found):
        yield reason, hashlib.sha256(f"{reason.value}|{value}".encode()).hexdigest()[:32]


def score_of(reasons: Iterable[DuplicateReason]) -> int:
    """How likely two customers are one, in points of 100."""
    return min(sum(POINTS[each] for each in reasons), 100)


def _mailbox(email: str) -> str:
    """The address without what providers of mail do not look at."""
    local, _, domain = email_key(email).rpartition("@")
    local = local.partition("+")[0]
    if domain in _WITHOUT_DOTS:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


def _folded(text: str) -> str:
    """Lower case and without accents."""
    split = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in split if not unicodedata.combining(each))
