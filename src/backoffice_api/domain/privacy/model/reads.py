"""Who read personal data, and of whom."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.uow import ActorKind

# Of one request; how many more things it named is counted.
SUBJECTS_MAX = 1_000


class PersonalReadSortKey(Choice):
    """By what the log of readers is sorted."""

    READ_AT = "read_at", "When it was read."


@dataclass(frozen=True, slots=True)
class PersonalRead:
    """One request that read personal data of one customer.

    `customer_id` None: the answer did not say of whom; `count` things it named lead to nobody.
    """

    id: UUID
    read_at: datetime
    actor_kind: ActorKind
    actor_id: UUID | None
    request_id: str
    operation: str
    customer_id: UUID | None
    count: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A request that asked for personal data. `subjects`: tables and ids of what it named."""

    read_at: datetime
    actor_kind: ActorKind
    actor_id: UUID | None
    request_id: str
    operation: str
    subjects: tuple[tuple[str, UUID], ...]
    more: int
