"""What answers of banks come to."""

from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.payables.model.payment_files import Verdict


class ReturnOutcome(Choice):
    """What an answer of a bank about one payment came to here."""

    SETTLED = "settled", "It was paid: the bill is settled."
    REJECTED = "rejected", "It was refused: the bill is open again."
    NOTED = "noted", "The bank has taken it up, and has not paid it yet."
    UNCHANGED = "unchanged", "The same was said before."
    CONFLICT = "conflict", "It ended in another way before: a person has to look at it."
    UNKNOWN = "unknown", "No payment that was exported has this reference."


@dataclass(frozen=True, slots=True)
class ReturnResult:
    """What was said of one payment. `line_id` None: nobody knows it."""

    reference: str
    verdict: Verdict
    outcome: ReturnOutcome
    code: str
    says: str
    line_id: UUID | None


@dataclass(frozen=True, slots=True)
class ReturnTaken:
    """`is_repeated`: the very same file came before. `run_ids`: the runs that it is about."""

    is_repeated: bool
    run_ids: tuple[UUID, ...]
    results: tuple[ReturnResult, ...]
