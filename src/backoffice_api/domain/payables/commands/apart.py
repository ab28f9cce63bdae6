"""Four eyes over the whole way of a payment, where the policy keeps duties apart.

Rights alone do not tell who does what: they change, and a token or an owner holds all of them. So
it is asked of the act, too: who has entered what is paid, or said where it is paid to, is not who
agrees that it is paid.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import and_, or_, select

from backoffice_api.domain.approvals.model import ApprovalKind
from backoffice_api.domain.approvals.model.events import ApprovalAgreed
from backoffice_api.domain.identity.model.duties import DutyDoneBefore
from backoffice_api.domain.identity.queries.roles import policy
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.payables.tables.bills import bills
from backoffice_api.domain.payables.tables.runs import payment_run_lines
from backoffice_api.domain.purchasing.tables.suppliers import (
    supplier_bank_accounts,
    supplier_bank_changes,
)


def check_no_hand_in(uow: UnitOfWork, run_id: UUID) -> None:
    """See that the caller has no part in what a run pays.

    Raises:
        DutyDoneBefore: the caller entered or submitted one of its bills, or proposed an account
            that one of its suppliers is paid to; and the policy keeps these duties apart.
    """
    actor = uow.caller.actor
    held = policy(uow.db)
    if actor.id is None or held is None or not held.refuses_conflicts:
        return
    entered = (
        select(bills.c.id)
        .join(payment_run_lines, payment_run_lines.c.bill_id == bills.c.id)
        .where(
            payment_run_lines.c.run_id == run_id,
            or_(
                and_(
                    bills.c.created_by_kind == actor.kind.value, bills.c.created_by_id == actor.id
                ),
                and_(
                    bills.c.submitted_by_kind == actor.kind.value,
                    bills.c.submitted_by_id == actor.id,
                ),
            ),
        )
    )
    _refuse("BILL_AND_PAYMENT", set(uow.db.execute(entered).scalars()))
    accounts, changes = supplier_bank_accounts.c, supplier_bank_changes.c
    proposed = (
        select(changes.id)
        .join(supplier_bank_accounts, accounts.change_id == changes.id)
        .join(payment_run_lines, payment_run_lines.c.supplier_id == accounts.supplier_id)
        .where(
            payment_run_lines.c.run_id == run_id,
            changes.proposed_by_kind == actor.kind,
            changes.proposed_by_id == actor.id,
        )
    )
    _refuse("SUPPLIER_AND_PAYMENT", set(uow.db.execute(proposed).scalars()))


def check_agreement(uow: UnitOfWork, event: ApprovalAgreed) -> None:
    """See that the first of several to agree to a run has no part in it either.

    Raises:
        DutyDoneBefore: see `check_no_hand_in`.
    """
    if event.kind is ApprovalKind.PAYMENT_RUN:
        check_no_hand_in(uow, event.subject_id)


def _refuse(conflict: str, made: Collection[UUID]) -> None:
    if made:
        raise DutyDoneBefore(conflict, len(made))
