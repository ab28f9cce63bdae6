"""What callers may spend: a bucket of cost each, from which every operation takes its price.

One bucket per API token, and one per member of staff, whatever the number of their sessions. Who
is not known is asked to sign in before anything is counted. ADR 0042 says why, and for whom.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from backoffice_api.domain.identity.model.budgets import Allowance, Standing
from backoffice_api.domain.identity.model.staff import Bearer
from backoffice_api.domain.kernel.uow import Caller
from backoffice_api.engine.errors import ErrorCode, RequestError
from backoffice_api.engine.run import too_dear

# So many callers are kept at most, as long as those who have spent nothing of late are enough.
BUCKETS_MAX = 10_000

_NOBODY = UUID(int=0)


@dataclass(slots=True)
class Counts:
    """What happened to budgets in this process, for whoever watches it.

    `leases` and `failures`: how often a store that processes share was asked, and did not answer.
    """

    spent: int = 0
    throttled: int = 0
    leases: int = 0
    failures: int = 0


class Spent(Protocol):
    """What was taken for one operation. To be settled once; without that, all of it stays taken."""

    def settle(self, used: int) -> Mapping[str, Any]:
        """Give back what was not used, or take what was used beyond it. The status after it."""


class Budget(Protocol):
    """The budgets of all callers. Belongs to one event loop."""

    @property
    def counts(self) -> Counts: ...

    def know(self, bearer: Bearer) -> None:
        """Note what somebody may spend who has just been found."""

    async def spend(self, caller: Caller, cost: int) -> Spent:
        """Take the price of one operation.

        Raises:
            RequestError: THROTTLED, there is not so much now; COST_LIMIT, there never will be.
        """

    def standing(self, caller: Caller) -> Standing:
        """How the caller's budget stands now."""

    async def close(self) -> None:
        """Give back what is held for others. To be awaited before the threads are shut down."""


class _Bucket:
    """One caller's, as it was at a moment."""

    __slots__ = ("allowance", "at_s", "available", "clock_s")

    def __init__(self, allowance: Allowance, clock_s: Callable[[], float]) -> None:
        self.allowance = allowance
        self.clock_s = clock_s
        self.available: float = allowance.capacity
        self.at_s = clock_s()

    def fill(self) -> None:
        now_s = self.clock_s()
        self.available = self.allowance.filled(self.available, now_s - self.at_s)
        self.at_s = now_s

    def standing(self) -> Standing:
        return Standing(self.allowance, int(self.available))


class _Spent:
    __slots__ = ("bucket", "cost", "counts")

    def __init__(self, bucket: _Bucket, cost: int, counts: Counts) -> None:
        self.bucket = bucket
        self.cost = cost
        self.counts = counts

    def settle(self, used: int) -> Mapping[str, Any]:
        bucket = self.bucket
        self.counts.spent += used
        bucket.available += self.cost - used
        bucket.fill()
        return status(bucket.allowance, int(bucket.available))


class MemoryBudget:
    """Budgets in the memory of one process: no other one knows of them."""

    def __init__(
        self, allowance: Allowance, *, clock_s: Callable[[], float] = time.monotonic
    ) -> None:
        """`allowance` is for all that have none of their own."""
        self.counts = Counts()
        self._allowance = allowance
        self._clock_s = clock_s
        self._buckets: dict[UUID, _Bucket] = {}

    def know(self, bearer: Bearer) -> None:
        bucket = self._bucket(bearer.caller)
        allowance = self._allowance.of(bearer.budget)
        if bucket.allowance != allowance:
            # The same share of it is left: nobody gets anything, or loses it, by the change.
            bucket.fill()
            bucket.available *= allowance.capacity / bucket.allowance.capacity
            bucket.allowance = allowance

    async def spend(self, caller: Caller, cost: int) -> Spent:
        bucket = self._bucket(caller)
        bucket.fill()
        if bucket.available < cost:
            raise refused(bucket.standing(), cost, self.counts)
        bucket.available -= cost
        return _Spent(bucket, cost, self.counts)

    def standing(self, caller: Caller) -> Standing:
        bucket = self._bucket(caller)
        bucket.fill()
        return bucket.standing()

    async def close(self) -> None:
        """Nothing is held for anybody."""

    def _bucket(self, caller: Caller) -> _Bucket:
        bucket = self._buckets.get(caller.actor.id or _NOBODY)
        if bucket is None:
            if len(self._buckets) >= BUCKETS_MAX:
                self._forget()
            bucket = _Bucket(self._allowance, self._clock_s)
            self._buckets[caller.actor.id or _NOBODY] = bucket
        return bucket

    def _forget(self) -> None:
        """Drop the buckets that are full where a new one would be the same."""
        for bucket in self._buckets.values():
            bucket.fill()
        self._buckets = {
            owner: bucket
            for owner, bucket in self._buckets.items()
            if bucket.available < bucket.allowance.capacity or bucket.allowance != self._allowance
        }


def status(allowance: Allowance, available: int) -> Mapping[str, Any]:
    """How a budget stands, by the names that clients of Shopify know."""
    return {
        "maximumAvailable": allowance.capacity,
        "currentlyAvailable": available,
        "restoreRate": allowance.restore_per_s,
    }


def refused(standing: Standing, cost: int, counts: Counts) -> RequestError:
    """The error for an operation that the budget does not allow: not now, or never."""
    allowance = standing.allowance
    if cost > allowance.capacity:
        return too_dear(cost, allowance.capacity)
    counts.throttled += 1
    wait_s = standing.wait_s(cost)
    return RequestError(
        ErrorCode.THROTTLED,
        f"This costs {cost}, and {standing.available} of the budget are left. Try again in"
        f" {wait_s} s.",
        extensions={
            "retryAfter": wait_s,
            "cost": {
                "requestedQueryCost": cost,
                "actualQueryCost": None,
                "throttleStatus": status(allowance, standing.available),
            },
        },
        retry_after_s=wait_s,
    )
