"""Asking tax providers about drafts: read what is to be asked, ask, settle by a command.

No transaction is open while somebody outside thinks. What is asked again is answered the same, and
an answer counts only if the draft is still what it was about.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import structlog

from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Meta
from backoffice_api.domain.orders.commands.taxing import ASK_JOB, SettleTaxes, settle_taxes
from backoffice_api.domain.orders.queries.taxing import question_about
from backoffice_api.domain.taxes.model.questions import TaxQuestion, TaxVerdict, checked
from backoffice_api.domain.taxes.model.sheets import TaxAnswerStatus
from backoffice_api.domain.taxes.ports import TaxEngine, TaxProviderSilent
from backoffice_api.task import Progress, Task

ANSWER_MAX_S = 10.0

log = structlog.get_logger("backoffice_api.taxes")


@dataclass(frozen=True, slots=True)
class AskTaxProvider:
    """Asks the provider of a draft's channel. `providers`: by the name that channels give."""

    database: Database
    providers: Mapping[str, TaxEngine] = field(default_factory=dict)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def __call__(self, id: UUID) -> bool:
        """Ask about one draft, unless that is over. Whether anything was settled.

        Raises:
            TaxProviderSilent: there is no answer yet; the job is tried again.
        """
        with self.database.fresh.connect() as db:
            found = question_about(db, id, self.now())
        if found is None or found[1].status is not TaxAnswerStatus.ASKED:
            return False
        question, sheet = found
        verdicts, message = self._asked(sheet.provider or "", question)
        command = SettleTaxes(id=id, digest=question.digest, verdicts=verdicts, message=message)
        meta = Meta(request_id=f"taxes {ids.text('ord', id)}")
        settled = execute(
            self.database, settle_taxes, command, caller=THE_SYSTEM, now=self.now(), meta=meta
        )
        return bool(settled.value)

    def _asked(
        self, name: str, question: TaxQuestion
    ) -> tuple[tuple[TaxVerdict, ...] | None, str | None]:
        """The verdicts, or what is wrong with them. Raises: TaxProviderSilent."""
        provider = self.providers.get(name)
        if provider is None:
            return None, f"Nobody here speaks with {name!r}."
        try:
            return checked(question, provider.taxes(question, ANSWER_MAX_S).verdicts).verdicts, None
        except (TaxProviderSilent, OSError) as silence:
            raise TaxProviderSilent(name) from silence
        except Exception as bug:  # The border: what a provider answers may be anything.
            log.warning("taxes.unusable_answer", provider=name, exc_info=bug)
            return None, f"{type(bug).__name__}: {bug}"


def tax_tasks(
    database: Database, providers: Mapping[str, TaxEngine] | None = None
) -> Mapping[str, Task]:
    """What a worker does about tax providers, by the kind of the job."""
    ask = AskTaxProvider(database, providers or {})

    def work(payload: Mapping[str, Any], progress: Progress) -> bool:
        ask(ids.parse("ord", payload["id"]))
        return False

    return {ASK_JOB: Task(work)}
