"""What taxes need of whoever calculates them: the shop's own rates, or a provider outside."""

from typing import Protocol

from backoffice_api.domain.taxes.model.questions import TaxAnswer, TaxQuestion


class TaxProviderSilent(Exception):
    """The provider did not answer in time, or said that it cannot now: ask again later."""


class TaxEngine(Protocol):
    """Says what tax is due. The reference engine is `model.engine.RateEngine`.

    An engine that asks outside is only called where no transaction is open; what it answers is
    judged by `questions.checked` before it counts.
    """

    def taxes(self, question: TaxQuestion, timeout_s: float) -> TaxAnswer:
        """A verdict for each item of the question. Asked again, it answers the same.

        Raises:
            TaxProviderSilent: there is no answer within `timeout_s`.
        """
