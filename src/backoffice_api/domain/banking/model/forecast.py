"""Cash flow forecasts: what will be on the bank accounts, of what is known today.

Each document counts once, as the latest that there is of it: what was ordered until it is billed, a
bill until it is in a payment run, what a provider captured until its payout is known. Nothing
that a statement of the bank has shown counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Refused
from backoffice_api.domain.kernel.money import Money

DAYS_MAX = 400
BUCKETS_MAX = 120
FLOWS_MAX = 20_000
# From so many payments on, how late a kind is paid says something.
SAMPLE_MIN = 8
# Of the last so many days, and of the newest so many payments of them.
SAMPLE_DAYS = 365
SAMPLE_MAX = 2_000
BASIS_POINTS = 10_000
_WEEK = 7


class FlowKind(Choice):
    """What brings money in, or takes it away."""

    RECEIVABLE = "receivable", "What a customer or a carrier owes."
    CAPTURE = "capture", "What a provider has captured, without the fee that was agreed."
    DEDUCTION = "deduction", "What a provider has paid back, and will take off a payout."
    PAYOUT = "payout", "A payout that is known and not at the bank yet."
    PAYMENT = "payment", "A payment to a supplier that no statement has shown yet."
    PAYMENT_RUN = "payment_run", "A payment of a run that is not settled."
    BILL = "bill", "An instalment of a bill."
    CREDIT_NOTE = "credit_note", "What a supplier owes."
    PURCHASE_ORDER = "purchase_order", "What was ordered at a supplier and is not billed."
    RECURRING = "recurring", "What comes back, as wages and rent."
    EXTRA = "extra", "What only the scenario knows."


class LatenessKind(Choice):
    """What is paid in a way of its own: how late is learned apart for each."""

    BANK_TRANSFER = "bank_transfer", "Transfers of customers."
    CASH_ON_DELIVERY = "cash_on_delivery", "What carriers collect."
    TERMS = "terms", "Customers who pay later."
    PIX = "pix", "PIX."
    BOLETO = "boleto", "Boletos."
    CAPTURE = "capture", "Providers: from the capture to the payout."
    PAYOUT = "payout", "Providers: from the payout to the bank."
    BILL = "bill", "Bills that the shop pays."


_INCOMING = frozenset(LatenessKind) - {LatenessKind.BILL}


class ForecastStep(Choice):
    """How long a part of a forecast is."""

    DAY = "day", "A day."
    WEEK = "week", "A week, up to Sunday."


@dataclass(frozen=True, slots=True)
class Flow:
    """Money that should move on a day: above zero it comes in, below it goes out.

    `subject`: the document, as the prefix of its id and its UUID. `lateness`: what it is paid like;
    None: on the day.
    """

    kind: FlowKind
    on: date
    amount: Money
    label: str
    subject: tuple[str, UUID] | None = None
    lateness: LatenessKind | None = None


@dataclass(frozen=True, slots=True)
class Lateness:
    """How many days after the due date a kind was paid; below zero: before it.

    `sample`: how many payments tell it. `is_borrowed`: there were too few, so that those of all
    kinds that come in are taken; without these either, it is on the day.
    """

    kind: LatenessKind
    sample: int
    is_borrowed: bool
    p10_days: int
    p50_days: int
    p90_days: int


@dataclass(frozen=True, slots=True)
class Scenario:
    """What if. `collected_bp`: how much of what customers owe comes, in hundredths of a percent."""

    delay_days: int = 0
    collected_bp: int = BASIS_POINTS
    extras: tuple[tuple[date, Money, str], ...] = ()


PLAIN = Scenario()


@dataclass(frozen=True, slots=True)
class Bucket:
    """A part of a forecast, both days included. `flows`: what should move in it, by the day.

    `p50`, `p90`: what is there at its end if all is paid as late as usual; and if what comes in is
    as late as the latest tenth, and what goes out as early as the earliest.
    """

    starts_on: date
    ends_on: date
    opening: Money
    incoming: Money
    outgoing: Money
    closing: Money
    p50: Money
    p90: Money
    flows: tuple[Flow, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Forecast:
    """`opening`: what is on the bank accounts as it begins."""

    currency: str
    starts_on: date
    ends_on: date
    opening: Money
    buckets: tuple[Bucket, ...]
    lateness: tuple[Lateness, ...]


@dataclass(eq=False)
class ForecastRange(Invalid):
    """The days of a forecast are in no order, or too many."""

    days_max: int
    parts_max: int
    message = "A forecast has 1 to {days_max} days, in at most {parts_max} parts."


@dataclass(eq=False)
class ForecastTooLarge(Refused):
    """There are more documents than one forecast can hold."""

    maximum: int
    message = "More than {maximum} documents are open: ask for fewer days."


def parts(starts_on: date, ends_on: date, step: ForecastStep) -> Sequence[tuple[date, date]]:
    """First and last day of each part. Weeks end on Sunday, and the last part where all ends.

    Raises:
        ForecastRange: the days are in no order, or too many.
    """
    days = (ends_on - starts_on).days + 1
    found: list[tuple[date, date]] = []
    if 1 <= days <= DAYS_MAX:
        first = starts_on
        while first <= ends_on:
            length = 1 if step is ForecastStep.DAY else _WEEK - first.weekday()
            last = min(first + timedelta(days=length - 1), ends_on)
            found.append((first, last))
            first = last + timedelta(days=1)
    if not 1 <= len(found) <= BUCKETS_MAX:
        raise ForecastRange(DAYS_MAX, BUCKETS_MAX).at("to")
    return found


def quantile(sample: Sequence[int], percent: int) -> int:
    """The smallest of the sorted values that at least so many per cent do not exceed."""
    rank = -(-len(sample) * percent // 100)
    return sample[max(rank, 1) - 1]


def latenesses(samples: Mapping[LatenessKind, Sequence[int]]) -> Mapping[LatenessKind, Lateness]:
    """How late each kind is paid, of what is known of it, or else of all that comes in."""
    pool = sorted(days for kind in _INCOMING for days in samples.get(kind, ()))
    found = {}
    for kind in LatenessKind:
        own = sorted(samples.get(kind, ()))
        is_borrowed = len(own) < SAMPLE_MIN
        taken = (pool if kind in _INCOMING else []) if is_borrowed else own
        if len(taken) < SAMPLE_MIN:
            found[kind] = Lateness(kind, len(own), is_borrowed, 0, 0, 0)
            continue
        days = (quantile(taken, percent) for percent in (10, 50, 90))
        found[kind] = Lateness(kind, len(own), is_borrowed, *days)
    return found


def under(scenario: Scenario, flows: Iterable[Flow]) -> Sequence[Flow]:
    """The flows as they are in a scenario. What customers owe is rounded down."""
    found = []
    for each in flows:
        if each.kind is FlowKind.RECEIVABLE:
            minor = each.amount.minor * scenario.collected_bp // BASIS_POINTS
            each = replace(
                each,
                on=each.on + timedelta(days=scenario.delay_days),
                amount=Money(minor, each.amount.currency),
            )
        if each.amount:
            found.append(each)
    extras = (Flow(FlowKind.EXTRA, on, amount, label) for on, amount, label in scenario.extras)
    return [*found, *extras]


def forecast(
    opening: Money,
    flows: Sequence[Flow],
    of: Sequence[tuple[date, date]],
    latenesses_of: Mapping[LatenessKind, Lateness],
) -> Forecast:
    """What comes and goes in each part. What should have moved before is taken to move at once."""
    starts_on, ends_on = of[0][0], of[-1][1]
    plan = _laid(of, ((each, max(each.on, starts_on)) for each in flows))
    likely = _sums(_laid(of, ((each, _usual(each, latenesses_of, starts_on)) for each in flows)))
    worst = _sums(_laid(of, ((each, _worst(each, latenesses_of, starts_on)) for each in flows)))
    currency = opening.currency
    balance, p50, p90 = opening.minor, opening.minor, opening.minor
    made = []
    for position, (first, last) in enumerate(of):
        there = sorted(plan[position], key=_order)
        incoming = sum(each.amount.minor for each in there if each.amount.minor > 0)
        outgoing = sum(each.amount.minor for each in there if each.amount.minor < 0)
        p50 += likely[position]
        p90 += worst[position]
        closing = balance + incoming + outgoing
        made.append(
            Bucket(
                starts_on=first,
                ends_on=last,
                opening=Money(balance, currency),
                incoming=Money(incoming, currency),
                outgoing=Money(-outgoing, currency),
                closing=Money(closing, currency),
                p50=Money(p50, currency),
                p90=Money(p90, currency),
                flows=tuple(there),
            )
        )
        balance = closing
    return Forecast(
        currency, starts_on, ends_on, opening, tuple(made), tuple(latenesses_of.values())
    )


def _laid(
    of: Sequence[tuple[date, date]], placed: Iterable[tuple[Flow, date]]
) -> Sequence[Sequence[Flow]]:
    """The flows of each part; those after the last one are left out."""
    by_day = {}
    for position, (first, last) in enumerate(of):
        for number in range((last - first).days + 1):
            by_day[first + timedelta(days=number)] = position
    found: list[list[Flow]] = [[] for _ in of]
    for each, day in placed:
        if day in by_day:
            found[by_day[day]].append(each)
    return found


def _sums(laid: Sequence[Sequence[Flow]]) -> Sequence[int]:
    return [sum(each.amount.minor for each in there) for there in laid]


def _usual(each: Flow, of: Mapping[LatenessKind, Lateness], first: date) -> date:
    days = of[each.lateness].p50_days if each.lateness else 0
    return max(each.on + timedelta(days=days), first)


def _worst(each: Flow, of: Mapping[LatenessKind, Lateness], first: date) -> date:
    if each.lateness is None:
        return max(each.on, first)
    known = of[each.lateness]
    days = known.p90_days if each.amount.minor > 0 else known.p10_days
    return max(each.on + timedelta(days=days), first)


def _order(each: Flow) -> tuple[date, str, bytes]:
    return (each.on, each.kind.value, each.subject[1].bytes if each.subject else b"")
