"""Approvals: words and rules. One engine for whatever takes a second person above an amount.

    pending > granted | declined | withdrawn | expired

A context asks before it goes on (`commands.asking.ask`). If a rule says so, a request is made, and
the thing waits until somebody else grants or declines it; above a second limit, two others have to
grant it. What then happens to the thing is for its own context, which reacts to the events.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.approvals.model.refusals import (
    AgreedBefore,
    ApproverIsCreator,
    NotTheApprover,
)
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.states import Action, Machine, move
from backoffice_api.domain.kernel.uow import Actor

STAFF_MAX = 50
ITEMS_MAX = 250
NOTE_LENGTH_MAX = 1_000
EXPIRY_HOURS_MAX = 24 * 366


class ApprovalKind(Choice):
    """What is approved."""

    ORDER = "order", "An order of a customer."
    PURCHASE_ORDER = "purchase_order", "An order at a supplier."
    BILL = "bill", "A bill of a supplier."
    PAYMENT_RUN = "payment_run", "A payment run: many bills paid at once."
    REFUND = "refund", "Money paid back to a customer."
    WRITE_OFF = "write_off", "Money or goods given up."
    PRICE_SET = "price_set", "Prices that change together."


# The ids of what is approved begin with this.
SUBJECT_PREFIXES = {
    ApprovalKind.ORDER: "ord",
    ApprovalKind.PURCHASE_ORDER: "por",
    ApprovalKind.BILL: "bil",
    ApprovalKind.PAYMENT_RUN: "prn",
    ApprovalKind.REFUND: "rfd",
    ApprovalKind.WRITE_OFF: "wof",
    ApprovalKind.PRICE_SET: "pst",
}

# Kinds of which everything needs approval in a currency for which there is no rule.
ASKED_WITHOUT_RULE = frozenset({ApprovalKind.PURCHASE_ORDER, ApprovalKind.WRITE_OFF})


class ApprovalStatus(Choice):
    """What became of a request."""

    PENDING = "pending", "Somebody still has to decide."
    GRANTED = "granted", "Everybody who was needed agreed."
    DECLINED = "declined", "Somebody refused."
    WITHDRAWN = "withdrawn", "Not asked for any more."
    EXPIRED = "expired", "Nobody decided in time, which counts as refused."


_S = ApprovalStatus

MACHINE = Machine(
    _S.PENDING,
    # The first of two agreed: it still waits for the second one.
    move("agree", {_S.PENDING}),
    move("grant", {_S.PENDING}, _S.GRANTED),
    move("decline", {_S.PENDING}, _S.DECLINED),
    move("withdraw", {_S.PENDING}, _S.WITHDRAWN),
    move("expire", {_S.PENDING}, _S.EXPIRED),
)

# Moves that follow from others, or from the clock: nobody asks for them.
DERIVED = frozenset({"agree", "expire"})


class ApprovalSortKey(Choice):
    """By what a list of requests is sorted."""

    CREATED_AT = "created_at", "When it was asked for."
    UPDATED_AT = "updated_at", "When it was last changed."
    AMOUNT = "amount", "The amount, whatever the currency."


class ApprovalRuleSortKey(Choice):
    """By what a list of rules is sorted."""

    CREATED_AT = "created_at", "When it was made."


class DelegationSortKey(Choice):
    """By what a list of delegations is sorted."""

    STARTS_AT = "starts_at", "When it begins."


@dataclass(frozen=True, slots=True)
class ApprovalRule:
    """Things of a kind that come to more than the limit need somebody else's approval.

    One per kind, currency and channel; `channel_id` None: for those channels without one of their
    own. `second_limit_minor`: above it two others have to agree. `scope`: what deciding takes
    besides `approvals:decide`; named staff stand beside the row, and None there means anybody.
    `is_active` False: it was removed, and is kept for what was asked under it.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    kind: ApprovalKind
    currency: str
    channel_id: UUID | None
    limit_minor: int
    second_limit_minor: int | None
    scope: str | None
    names_staff: bool
    expires_after_h: int | None
    is_active: bool

    @property
    def limit(self) -> Money:
        return Money(self.limit_minor, self.currency)

    @property
    def second_limit(self) -> Money | None:
        minor = self.second_limit_minor
        return None if minor is None else Money(minor, self.currency)


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """One thing that waits, or waited, for somebody's approval.

    `made_by`: who made the thing, if that is somebody else than who asked. `needed`: how many
    people have to agree; `granted`: how many have.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    kind: ApprovalKind
    subject_id: UUID
    label: str
    amount_minor: int
    currency: str
    channel_id: UUID | None
    status: ApprovalStatus
    rule_id: UUID | None
    needed: int
    granted: int
    asked_by_kind: str
    asked_by_id: UUID | None
    made_by_kind: str | None
    made_by_id: UUID | None
    expires_at: datetime | None
    decided_at: datetime | None

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def authors(self) -> Sequence[tuple[str, UUID | None]]:
        """Kinds and ids of those who may not decide."""
        asked = (self.asked_by_kind, self.asked_by_id)
        return (asked, (self.made_by_kind, self.made_by_id)) if self.made_by_kind else (asked,)

    @property
    def actions(self) -> Sequence[Action]:
        return [each for each in MACHINE.actions(self.status) if each.name not in DERIVED]


@dataclass(frozen=True, slots=True)
class ApprovalDecision:
    """What one person said. `for_staff_id`: in whose stead, as a delegation allows."""

    id: UUID
    request_id: UUID
    is_granted: bool
    actor_kind: str
    actor_id: UUID | None
    for_staff_id: UUID | None
    note: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Delegation:
    """While one person is away, from `starts_at` until before `ends_at`, another decides instead.

    `is_current`: it is in force now, as the worker last saw it; decisions ask the clock.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    from_staff_id: UUID
    to_staff_id: UUID
    starts_at: datetime
    ends_at: datetime
    is_current: bool


def needed_for(rule: ApprovalRule | None, amount: Money) -> int:
    """How many others have to agree to what comes to `amount`. None: there is no rule, only one."""
    if rule is None:
        return 1
    if amount.minor <= rule.limit_minor:
        return 0
    second = rule.second_limit_minor
    return 2 if second is not None and amount.minor > second else 1


def decider(
    request: ApprovalRequest,
    *,
    actor: Actor,
    named: Collection[UUID] | None,
    stands_in_for: Collection[UUID],
    decisions: Sequence[ApprovalDecision],
) -> UUID | None:
    """In whose stead `actor` decides. None: in their own right.

    `named`: the staff that the rule names; None: it names nobody, so anybody may. `stands_in_for`:
    those in whose stead the actor decides now.

    Raises:
        ApproverIsCreator: the actor made it or asked for it; or stands in for who did.
        AgreedBefore: the actor agreed before, or somebody agreed in whose stead they decide.
        NotTheApprover: the rule names others.
    """
    me = (actor.kind.value, actor.id)
    if me in request.authors:
        raise ApproverIsCreator
    spent = {each.for_staff_id or each.actor_id for each in decisions}
    if actor.id in {each.actor_id for each in decisions} | spent:
        raise AgreedBefore
    if named is None or actor.id in named:
        return None
    mine = sorted(set(named) & set(stands_in_for))
    if not mine:
        raise NotTheApprover
    authors = {id for _, id in request.authors}
    if not (fit := [id for id in mine if id not in authors]):
        raise ApproverIsCreator
    for id in fit:
        if id not in spent:
            return id
    raise AgreedBefore
