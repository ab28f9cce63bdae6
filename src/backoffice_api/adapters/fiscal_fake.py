"""A tax office that is made up: for development and tests. It may be told to refuse or be silent.

It authorises each key once and says the same to who asks again, as real offices do.
"""

from hashlib import sha256

from backoffice_api.domain.invoicing.ports import FiscalAnswer, FiscalSubmission, OfficeSilent


class FakeAuthority:
    """`refuses`: words with which it rejects whatever is new. `silent`: so many calls get lost.

    A call that gets lost is done all the same: only its answer does not arrive.
    """

    def __init__(self, *, refuses: str | None = None, silent: int = 0) -> None:
        self.refuses = refuses
        self.silent = silent
        self.known: dict[str, FiscalAnswer] = {}

    def submit(self, submission: FiscalSubmission) -> FiscalAnswer:
        if submission.key not in self.known:
            self.known[submission.key] = self._decide(submission)
        if self.silent > 0:
            self.silent -= 1
            raise OfficeSilent("The office does not answer.")
        return self.known[submission.key]

    def _decide(self, submission: FiscalSubmission) -> FiscalAnswer:
        if self.refuses:
            return FiscalAnswer(is_authorised=False, reference=None, message=self.refuses)
        digits = int(sha256(submission.key.encode()).hexdigest(), 16) % 10**15
        return FiscalAnswer(is_authorised=True, reference=f"FAKE-{digits:015}", message=None)
