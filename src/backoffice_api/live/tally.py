"""What is counted of subscriptions, for whoever watches the process."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class LiveTally:
    """`sockets` and `subscriptions` are open now; the others are counted since the start."""

    sockets: int = 0
    subscriptions: int = 0
    delivered: int = 0
    throttled: int = 0
    closed: Counter[int] = field(default_factory=Counter)

    @contextmanager
    def subscribed(self) -> Iterator[None]:
        """Count a subscription as long as the block lasts."""
        self.subscriptions += 1
        try:
            yield
        finally:
            self.subscriptions -= 1
