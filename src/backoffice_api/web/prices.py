"""What operations would cost, as this server counts."""

from typing import Any

from backoffice_api.domain.identity.model.budgets import Standing
from backoffice_api.domain.kernel.uow import Caller
from backoffice_api.engine.prepare import Preparer
from backoffice_api.engine.quote import Quote, quote
from backoffice_api.engine.run import Terms
from backoffice_api.web.budget import Budget


class ServedPrices:
    """Belongs to one event loop, as the preparer does."""

    def __init__(self, preparer: Preparer, terms: Terms, budget: Budget | None) -> None:
        self._preparer = preparer
        self._terms = terms
        self._budget = budget

    def quote(self, document: str, operation_name: str | None, variables: dict[str, Any]) -> Quote:
        """See `engine.quote`."""
        return quote(self._preparer, self._terms, document, operation_name, variables)

    def standing(self, caller: Caller) -> Standing | None:
        """What the caller may spend now. None: there are no budgets here."""
        return self._budget.standing(caller) if self._budget else None
