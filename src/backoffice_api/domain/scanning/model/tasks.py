"""Tasks: what is open for whoever holds a device. Derived when asked for; nothing is stored."""

from dataclasses import dataclass
from datetime import datetime

from backoffice_api.domain.kernel.choices import Choice

TASKS_MAX = 50


class TaskKind(Choice):
    """What is to be done."""

    PICK = "pick", "Goods of an order are to leave the house."
    SEND = "send", "Pieces of a transfer are to be picked and sent."
    RECEIVE = "receive", "Pieces of a transfer are on their way here."
    COUNT = "count", "Something is to be counted, or counted again."


@dataclass(frozen=True, slots=True)
class Task:
    """`quantity` pieces are to be handled for `subject`, one of our ids. None: nobody knows."""

    kind: TaskKind
    subject: str
    title: str
    quantity: int | None
    since: datetime
