"""Payment runs by several at once, and workers that die: nothing is paid twice. Both databases."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import func, select

from backoffice_api.context import Threads
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.uow import Caller
from backoffice_api.domain.ledger.tables import entries
from backoffice_api.domain.payables.commands.disputing import DisputeBill, dispute_bill
from backoffice_api.domain.payables.commands.exporting import ExportPaymentRun, export_payment_run
from backoffice_api.domain.payables.commands.returns_of_bank import (
    ImportPaymentReturn,
    import_payment_return,
)
from backoffice_api.domain.payables.commands.runs import (
    CancelPaymentRun,
    CreatePaymentRun,
    cancel_payment_run,
    create_payment_run,
)
from backoffice_api.domain.payables.model.payment_files import (
    BankReturn,
    ReturnedPayment,
    Verdict,
)
from backoffice_api.domain.payables.model.runs import RunMethod
from backoffice_api.domain.payables.tables.bills import bill_payments
from tests.execute.steps import at_once
from tests.killing import killed_at_each_step
from tests.payables.dying import export_and_keep
from tests.payables.paying import PayDesk
from tests.purchasing.desk import ANNA, BERT
from tests.world import World


def outcomes(desk: PayDesk, *jobs: tuple[Any, Any, Caller]) -> Sequence[str]:
    """What each came to: "done", or the code of its refusal; sorted."""

    def one(handler: Callable[..., Any], command: Any, caller: Caller) -> Callable[[], str]:
        def run() -> str:
            try:
                desk.world.run(handler, command, caller=caller)
            except DomainError as refusal:
                return refusal.code
            return "done"

        return run

    return sorted(at_once(*(one(*job) for job in jobs)))


def count(desk: PayDesk, statement: Any) -> int:
    found: int = desk.world.read(lambda db: db.execute(statement).scalar())
    return found


class TestAtOnce:
    def test_a_bill_is_disputed_or_scheduled_in_one_run(self, world: World) -> None:
        desk = PayDesk(world)
        desk.payee()
        bank = desk.house_bank()
        for _ in range(3):
            bill = desk.owed("10")
            create = CreatePaymentRun(
                payer_account_id=bank, method=RunMethod.SEPA, bill_ids=(bill,)
            )

            came_to = outcomes(
                desk,
                (dispute_bill, DisputeBill(id=bill, reason="Why?"), BERT),
                (create_payment_run, create, ANNA),
                (create_payment_run, create, BERT),
            )

            assert came_to.count("done") == 1
            assert desk.status(bill)[0] in ("DISPUTED", "SCHEDULED")
        assert desk.broken() == []

    def test_a_run_is_exported_or_cancelled_and_answered_once(self, world: World) -> None:
        desk = PayDesk(world)
        desk.payee()
        bill = desk.owed("10")
        bank = desk.house_bank()
        run = desk.agreed(bank)

        came_to = outcomes(
            desk,
            (export_payment_run, ExportPaymentRun(id=run), ANNA),
            (export_payment_run, ExportPaymentRun(id=run), BERT),
            (cancel_payment_run, CancelPaymentRun(id=run), ANNA),
        )

        is_cancelled = desk.run(run).status.name == "CANCELLED"
        assert came_to.count("done") == (1 if is_cancelled else 2)
        assert ("PAYMENTS_UNDER_WAY" in desk.balances()) is not is_cancelled
        if is_cancelled:
            run = desk.exported(bank)
            assert desk.status(bill)[0] == "SCHEDULED"
        (line,) = desk.lines_of(run)
        said = ReturnedPayment(line.reference, Verdict.SETTLED, "ACSC", "")
        answer = ImportPaymentReturn(
            answer=BankReturn(None, (said,)), sha256="2" * 64, content=b"x"
        )

        came_to = outcomes(desk, *[(import_payment_return, answer, ANNA)] * 3)

        assert came_to == ["done"] * 3
        assert count(desk, select(func.count()).select_from(bill_payments)) == 1
        assert desk.balances()["PAYMENTS_UNDER_WAY"] == -1_000
        assert desk.broken() == []


class TestDeath:
    def test_leaves_one_file_and_one_entry(self, database_url: str, opens: Any) -> None:
        database = opens(database_url)
        threads = Threads(database, 2)
        desk = PayDesk(World(database, threads))
        desk.payee()
        bill = desk.owed("10")
        run = desk.agreed(desk.house_bank())
        deaths, files, states = 0, set(), set()

        for _ in killed_at_each_step(export_and_keep, database_url, run.hex, every=9):
            deaths += 1
            kept = desk.file(run)
            files.add(kept and kept.sha256)
            states.add((desk.run(run).status.name, "PAYMENTS_UNDER_WAY" in desk.balances()))
        threads.shutdown()

        assert deaths > 2
        assert files - {None} <= {desk.file(run).sha256}
        # The run and the books never tell two things.
        assert states <= {("APPROVED", False), ("EXPORTED", True)}
        posted = select(func.count()).where(entries.c.source == f"payment_run:{run}")
        assert count(desk, posted) == 1
        assert desk.status(bill)[0] == "SCHEDULED"
        assert desk.broken() == []
