"""A provider of risk scores that asks nobody: to try policies out, and for tests."""

from collections.abc import Callable

from backoffice_api.domain.reviews.ports import RiskAnswer, RiskQuestion


class SimulatedRisk:
    """Answers as `answer` does: by default that nothing is known.

    `answer` may raise what a real one raises: TimeoutError, OSError.
    """

    def __init__(self, answer: Callable[[RiskQuestion], RiskAnswer] | None = None) -> None:
        self._answer = answer
        self.asked: list[RiskQuestion] = []

    def judge(self, question: RiskQuestion, timeout_s: float) -> RiskAnswer:
        self.asked.append(question)
        if self._answer is None:
            return RiskAnswer(0, "Nothing is known.")
        return self._answer(question)
