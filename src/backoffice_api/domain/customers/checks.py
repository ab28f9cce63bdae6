"""What must be true of stored customers: recomputed keys, canonical forms, bounds, no orphans.

What is wrong is named by its customer; the values are personal and are not shown.
"""

from collections.abc import Iterator, Mapping
from functools import reduce
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, case, func, or_, select

from backoffice_api.domain.customers.model import (
    ADDRESSES_MAX,
    TAGS_MAX,
    TAX_IDS_MAX,
    CustomerStatus,
)
from backoffice_api.domain.customers.model.merging import POINTS, MergeStatus
from backoffice_api.domain.customers.queries.consents import latest
from backoffice_api.domain.customers.tables import addresses, customers, tags, tax_ids
from backoffice_api.domain.customers.tables.accounts import contacts
from backoffice_api.domain.customers.tables.consents import consent_states, consents
from backoffice_api.domain.customers.tables.merging import duplicates, merges
from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.kernel.external_ids import external_ids
from backoffice_api.domain.kernel.search import entries

_PUNCTUATION = " .-/()"
_NO_PUNCTUATION = dict.fromkeys(map(ord, _PUNCTUATION))
_ROWS_AT_ONCE = 1_000


def _compact(column: ColumnElement[Any]) -> ColumnElement[str]:
    return reduce(lambda text, sign: func.replace(text, sign, ""), _PUNCTUATION, column)


def _more_than(maximum: int, table: Table, *where: ColumnElement[bool]) -> Select[Any]:
    counted = func.count()
    return (
        select(table.c.customer_id, counted.label("count"))
        .where(*where)
        .group_by(table.c.customer_id)
        .having(counted > maximum)
    )


def _nobody(kind: ColumnElement[Any], subject: ColumnElement[Any]) -> Select[Any]:
    """Subjects of other tables that should be customers and are none."""
    return (
        select(subject)
        .outerjoin(customers, customers.c.id == subject)
        .where(kind == "cus", customers.c.id.is_(None))
    )


def _tax_ids_not_canonical(db: Connection) -> Iterator[Mapping[str, Any]]:
    """They lie sealed, so they are opened."""
    rows = select(tax_ids.c.customer_id, tax_ids.c.kind, tax_ids.c.value)
    for customer_id, kind, value in db.execute(rows.execution_options(yield_per=_ROWS_AT_ONCE)):
        if value != value.translate(_NO_PUNCTUATION).upper():
            yield {"customer_id": customer_id, "kind": kind}


_said = latest().subquery("latest")
_points = sum(
    (
        case((duplicates.c[f"by_{reason.value}"], points), else_=0)
        for reason, points in POINTS.items()
    ),
    start=func.coalesce(0, 0),
)

CHECKS = (
    Check(
        "C1",
        "E-mail addresses are found by their lower-case form.",
        select(customers.c.id).where(
            func.coalesce(customers.c.email_key, "")
            != func.lower(func.coalesce(customers.c.email, ""))
        ),
    ),
    Check(
        "C2",
        "Phone numbers are stored without punctuation, with the code of their country.",
        select(customers.c.id).where(
            (customers.c.phone != _compact(customers.c.phone)) | customers.c.phone.not_like("+%")
        ),
    ),
    Check(
        "C3",
        "Tax ids are stored in capitals and without punctuation.",
        _tax_ids_not_canonical,
    ),
    Check(
        "C4",
        "A customer has at most one default address for shipping.",
        _more_than(1, addresses, addresses.c.is_default_shipping),
    ),
    Check(
        "C5",
        "A customer has at most one default address for billing.",
        _more_than(1, addresses, addresses.c.is_default_billing),
    ),
    Check(
        "C6",
        f"A customer has at most {ADDRESSES_MAX} addresses.",
        _more_than(ADDRESSES_MAX, addresses),
    ),
    Check("C7", f"A customer has at most {TAGS_MAX} tags.", _more_than(TAGS_MAX, tags)),
    Check("C8", f"A customer has at most {TAX_IDS_MAX} tax ids.", _more_than(TAX_IDS_MAX, tax_ids)),
    Check(
        "C9",
        "The search finds every customer.",
        select(customers.c.id)
        .outerjoin(entries, and_(entries.c.subject_id == customers.c.id, entries.c.kind == "cus"))
        .where(entries.c.subject_id.is_(None)),
    ),
    Check(
        "C10",
        "The search finds no customer that is not there.",
        _nobody(entries.c.kind, entries.c.subject_id),
    ),
    Check(
        "C11",
        "External ids of customers name customers that are there.",
        _nobody(external_ids.c.kind, external_ids.c.subject_id),
    ),
    Check(
        "K11",
        "E-mail addresses of contacts are found by their lower-case form.",
        select(contacts.c.customer_id, contacts.c.id.label("contact_id")).where(
            func.coalesce(contacts.c.email_key, "")
            != func.lower(func.coalesce(contacts.c.email, ""))
        ),
    ),
    Check(
        "K12",
        "Of each channel counts what the customer said last.",
        select(_said.c.customer_id, _said.c.channel)
        .outerjoin(
            consent_states,
            and_(
                consent_states.c.customer_id == _said.c.customer_id,
                consent_states.c.channel == _said.c.channel,
            ),
        )
        .where(
            or_(
                consent_states.c.consent_id.is_(None),
                consent_states.c.consent_id != _said.c.id,
                consent_states.c.status != _said.c.status,
                consent_states.c.given_at != _said.c.given_at,
            )
        ),
    ),
    Check(
        "K13",
        "What counts of a channel was said, and was not taken back.",
        select(consent_states.c.customer_id, consent_states.c.channel).join(
            consents, consents.c.retracts_id == consent_states.c.consent_id
        ),
    ),
    Check(
        "K14",
        "Of a customer that is merged, a merge says into whom; one in use went on in nobody.",
        select(customers.c.id)
        .outerjoin(
            merges,
            and_(merges.c.from_id == customers.c.id, merges.c.status == MergeStatus.DONE),
        )
        .where(
            or_(
                and_(customers.c.status == CustomerStatus.MERGED, merges.c.id.is_(None)),
                and_(customers.c.status == CustomerStatus.ACTIVE, merges.c.id.is_not(None)),
            )
        ),
    ),
    Check(
        "K15",
        "The score of duplicates is the sum of their reasons, 100 at most.",
        select(duplicates.c.id).where(
            duplicates.c.score != case((_points > 100, 100), else_=_points)
        ),
    ),
)
