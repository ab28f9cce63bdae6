"""Whether a thread that works beside the requests is still at work."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

# Far more than any single step of such a thread may take: a job is leased for a minute, and
# whatever takes longer says how far it is.
SILENCE_S = 600.0


@dataclass(slots=True)
class Pulse:
    """When a thread last said that it is at work. Any thread may ask.

    A thread that is not running has nothing to say, and is well.
    """

    clock: Callable[[], float] = time.monotonic
    _beaten_s: float | None = field(default=None, init=False)

    def beat(self) -> None:
        """To be called by the thread, at each of its steps."""
        self._beaten_s = self.clock()

    def rest(self) -> None:
        """To be called when it has nothing more to do, ever."""
        self._beaten_s = None

    @property
    def silent_s(self) -> float:
        """For how long nothing was heard of it."""
        return 0.0 if self._beaten_s is None else self.clock() - self._beaten_s

    def is_well(self) -> bool:
        """Whether it was heard of lately."""
        return self.silent_s <= SILENCE_S
