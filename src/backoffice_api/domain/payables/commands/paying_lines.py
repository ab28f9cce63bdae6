"""Lines of payment runs: how they are written, and to which accounts they go."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import bindparam, update

from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.payables.model.proposing import account_for
from backoffice_api.domain.payables.model.run_refusals import BankAccountGone, BankChangePending
from backoffice_api.domain.payables.model.runs import (
    MACHINE,
    PaymentRun,
    PaymentRunLine,
    RunMethod,
)
from backoffice_api.domain.payables.queries import runs as queries
from backoffice_api.domain.payables.queries.pix_codes import keys_by_bills
from backoffice_api.domain.payables.tables.runs import payment_run_lines
from backoffice_api.domain.purchasing import queries as purchasing

_CHANGING = (
    *("status", "said_code", "said", "paid_on", "ended_at", "attempt"),
    *("account_id", "holder", "iban", "bic", "account_number", "bank_code"),
)


def move_run(run: PaymentRun, action: str) -> PaymentRun:
    """The run after an action. Raises: InvalidTransition."""
    return replace(run, status=MACHINE.check(action, run.status))


def write_lines(uow: UnitOfWork, lines: Sequence[PaymentRunLine]) -> None:
    """Write what changed of lines whose runs are locked. One statement."""
    if lines:
        values = [
            {"line_id": each.id, **{name: getattr(each, name) for name in _CHANGING}}
            for each in lines
        ]
        statement = update(payment_run_lines)
        uow.db.execute(statement.where(payment_run_lines.c.id == bindparam("line_id")), values)


def frozen_accounts(
    uow: UnitOfWork, run: PaymentRun, lines: Sequence[PaymentRunLine]
) -> Sequence[PaymentRunLine]:
    """The lines with the accounts that their suppliers are paid to now.

    Raises:
        BankChangePending: somebody proposed to change one, and nobody has approved that yet (F8).
        BankAccountGone: a supplier has no account any more that the method can name.
    """
    check_no_changes_pending(uow, lines)
    accounts = purchasing.accounts_by_suppliers(uow.db, {each.supplier_id for each in lines})
    keys = keys_by_bills(uow.db, [each.bill_id for each in lines])
    frozen = []
    gone = []
    for each in lines:
        of_supplier = accounts.get(each.supplier_id, ())
        account = account_for(run.method, of_supplier, keys.get(each.bill_id))
        if account is not None:
            frozen.append(
                replace(
                    each,
                    account_id=account.id,
                    holder=account.holder,
                    iban=account.iban,
                    bic=account.bic,
                    account_number=account.account_number,
                    bank_code=account.bank_code,
                )
            )
        elif run.method is not RunMethod.MANUAL:
            gone.append(each)
    if gone:
        raise BankAccountGone(_codes(uow, gone))
    return frozen


def check_accounts_stand(uow: UnitOfWork, lines: Sequence[PaymentRunLine]) -> None:
    """See that each supplier is still paid to the account that was approved with the run.

    Raises:
        BankChangePending, BankAccountGone.
    """
    check_no_changes_pending(uow, lines)
    wanted = {each.account_id for each in lines if each.account_id}
    present = purchasing.accounts_by_ids(uow.db, wanted)
    gone = [each for each in lines if each.account_id and each.account_id not in present]
    if gone:
        raise BankAccountGone(_codes(uow, gone))


def check_no_changes_pending(uow: UnitOfWork, lines: Sequence[PaymentRunLine]) -> None:
    """Raises: BankChangePending."""
    ids = {each.supplier_id for each in lines}
    pending = queries.suppliers_with_pending_changes(uow.db, ids)
    if pending:
        raise BankChangePending(
            _codes(uow, [each for each in lines if each.supplier_id in pending])
        )


def _codes(uow: UnitOfWork, lines: Sequence[PaymentRunLine]) -> tuple[str, ...]:
    found = purchasing.suppliers_by_ids(uow.db, {each.supplier_id for each in lines})
    return tuple(sorted(each.code for each in found.values()))
