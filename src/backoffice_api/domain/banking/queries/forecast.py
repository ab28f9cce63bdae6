"""The cash flow forecast: what is on the accounts, and what should come and go."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from sqlalchemy import Connection, func, select

from backoffice_api.domain.banking.model.forecast import (
    PLAIN,
    SAMPLE_DAYS,
    SAMPLE_MAX,
    Forecast,
    ForecastStep,
    LatenessKind,
    Scenario,
    forecast,
    latenesses,
    parts,
    under,
)
from backoffice_api.domain.banking.model.lines import LineState
from backoffice_api.domain.banking.queries.incoming import incoming
from backoffice_api.domain.banking.queries.outgoing import outgoing
from backoffice_api.domain.banking.tables.statements import bank_accounts, statement_lines
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.payables.model.bills import BillKind, BillStatus
from backoffice_api.domain.payables.tables.bills import bill_payments, bills
from backoffice_api.domain.receivables.model.receivables import ReceivableKind
from backoffice_api.domain.receivables.tables import payouts, receivables


def cash_flow(
    db: Connection,
    currency: str,
    starts_on: date,
    ends_on: date,
    step: ForecastStep,
    scenario: Scenario = PLAIN,
) -> Forecast:
    """What will be on the accounts in a currency. A constant number of statements.

    It begins with what is on them at the end of `starts_on`, as far as statements tell.

    Raises:
        ForecastRange: the days are in no order, or too many.
        ForecastTooLarge: too much is open.
    """
    of = parts(starts_on, ends_on, step)
    known = latenesses(_samples(db, starts_on))
    # Who pays early does so before the day; so what is due a little later is looked at as well.
    early = min(0, *(each.p10_days for each in known.values()))
    until = ends_on - timedelta(days=early)
    flows = [
        *incoming(db, currency, starts_on, until),
        *outgoing(db, currency, starts_on, until),
    ]
    opening = _on_accounts(db, currency, starts_on)
    return forecast(opening, under(scenario, flows), of, known)


def _on_accounts(db: Connection, currency: str, on: date) -> Money:
    """What is on all accounts in a currency at the end of a day; excluded lines do not count."""
    of, line = bank_accounts.c, statement_lines.c
    mine = (of.currency == currency, of.is_archived.is_(False), of.opened_on <= on)
    opened = select(func.sum(of.opening_minor)).where(*mine)
    moved = (
        select(func.sum(line.amount_minor))
        .join_from(bank_accounts, statement_lines, line.bank_account_id == of.id)
        .where(
            *mine,
            line.state != LineState.EXCLUDED,
            line.booked_on >= of.opened_on,
            line.booked_on <= on,
        )
    )
    minor = sum(int(db.execute(each).scalar() or 0) for each in (opened, moved))
    return Money(minor, currency)


def _samples(db: Connection, on: date) -> Mapping[LatenessKind, Sequence[int]]:
    """How many days late what was paid before a day was, by its kind. Three statements."""
    since = on - timedelta(days=SAMPLE_DAYS)
    owed, out = receivables.c, payouts.c
    found: dict[LatenessKind, list[int]] = {}
    settled = (
        select(owed.kind, owed.settled_on, owed.due_on)
        .where(owed.settled_on.between(since, on))
        .order_by(owed.settled_on.desc(), owed.id)
        .limit(SAMPLE_MAX)
    )
    for kind, settled_on, due_on in db.execute(settled):
        is_payout = kind is ReceivableKind.PAYOUT
        key = LatenessKind.CAPTURE if is_payout else LatenessKind(kind.value)
        found.setdefault(key, []).append((settled_on - due_on).days)
    came = (
        select(out.settled_on, out.arrives_on)
        .where(out.settled_on.between(since, on))
        .order_by(out.settled_on.desc(), out.id)
        .limit(SAMPLE_MAX)
    )
    found[LatenessKind.PAYOUT] = [(row[0] - row[1]).days for row in db.execute(came)]
    found[LatenessKind.BILL] = _bills_paid(db, since, on)
    return found


def _bills_paid(db: Connection, since: date, on: date) -> list[int]:
    """From the due date of bills that are paid to the last payment of each."""
    of, bill = bill_payments.c, bills.c
    last = func.max(of.paid_on)
    statement = (
        select(last, bill.due_on)
        .join_from(bills, bill_payments, of.bill_id == bill.id)
        .where(
            bill.status == BillStatus.PAID,
            bill.kind == BillKind.BILL,
            bill.due_on.between(since, on),
            of.reverses_id.is_(None),
        )
        .group_by(bill.id, bill.due_on)
        .order_by(bill.due_on.desc(), bill.id)
        .limit(SAMPLE_MAX)
    )
    return [(row[0] - row[1]).days for row in db.execute(statement)]
