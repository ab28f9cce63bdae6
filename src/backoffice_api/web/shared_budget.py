"""Budgets that several processes share: each takes leases of a bucket, and spends from them.

A bucket is asked once per lease, which lasts for many requests, and not once per request. What is
leased has left the bucket, so that all processes together never spend more than it gave; a process
that is killed takes its leases with it, and they come back as everything does: with time.
"""

import asyncio
import math
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from uuid import UUID

import structlog

from backoffice_api.domain.identity.model.budgets import Allowance, Standing, Taken
from backoffice_api.domain.identity.model.staff import Bearer
from backoffice_api.domain.kernel.uow import Caller
from backoffice_api.web.budget import Counts, Spent, refused, status

# A lease is this part of a bucket, beside what the request needs that takes it.
LEASES_PER_BUCKET = 50
# So often leases are looked through for what others could use.
TIDY_EVERY_S = 5.0
# For so long the store is not asked again that refused, unless enough came back by time, or that
# did not answer.
REFUSAL_HOLDS_S = 1.0
# So long a request waits for the store: what it asks for has limits of its own.
ANSWER_TIME_S = 1.0

_NOBODY = UUID(int=0)

log = structlog.get_logger("backoffice_api.budget")


class Store(Protocol):
    """Where the buckets lie. Whatever it raises is taken for a store that is down."""

    async def take(self, owner: UUID, allowance: Allowance, least: int, most: int) -> Taken:
        """As much as there is, up to `most`. Nothing, where there is less than `least`."""

    async def give_back(self, units: Mapping[UUID, int]) -> None:
        """Put back what was taken and not spent; below zero, take what was spent beyond it."""

    async def close(self) -> None:
        """Let go of connections."""


class _Lease:
    """What this process may spend for one caller, and what it last knew of the rest."""

    __slots__ = ("allowance", "asked_s", "clock_s", "held", "left", "lock", "refused_s", "used")

    def __init__(self, allowance: Allowance, clock_s: Callable[[], float]) -> None:
        self.allowance = allowance
        self.clock_s = clock_s
        self.held = 0
        self.left = allowance.capacity
        self.asked_s = clock_s()
        self.refused_s: float | None = None
        self.used = True
        self.lock = asyncio.Lock()

    @property
    def size(self) -> int:
        return max(1, self.allowance.capacity // LEASES_PER_BUCKET)

    def standing(self) -> Standing:
        """An estimate: others may have taken and given back meanwhile."""
        left = self.allowance.filled(self.left, self.clock_s() - self.asked_s)
        available = min(int(left) + self.held, self.allowance.capacity)
        return Standing(self.allowance, available)


class _Spent:
    __slots__ = ("cost", "counts", "lease")

    def __init__(self, lease: _Lease, cost: int, counts: Counts) -> None:
        self.lease = lease
        self.cost = cost
        self.counts = counts

    def settle(self, used: int) -> Mapping[str, Any]:
        self.counts.spent += used
        self.lease.held += self.cost - used
        standing = self.lease.standing()
        return status(standing.allowance, standing.available)


class SharedBudget:
    """Budgets in a store that all processes reach.

    Where the store does not answer, the operation is let through: what keeps the shop from
    answering too much must not keep it from answering at all.
    """

    def __init__(
        self, allowance: Allowance, store: Store, *, clock_s: Callable[[], float] = time.monotonic
    ) -> None:
        self.counts = Counts()
        self._allowance = allowance
        self._store = store
        self._clock_s = clock_s
        self._leases: dict[UUID, _Lease] = {}
        self._tidying: asyncio.Task[None] | None = None
        self._down_until_s = -math.inf

    def know(self, bearer: Bearer) -> None:
        self._lease(bearer.caller).allowance = self._allowance.of(bearer.budget)

    async def spend(self, caller: Caller, cost: int) -> Spent:
        lease = self._lease(caller)
        lease.used = True
        # Others spend from the same lease while it is renewed.
        while lease.held < cost:
            await self._renew(caller, lease, cost)
        lease.held -= cost
        return _Spent(lease, cost, self.counts)

    def standing(self, caller: Caller) -> Standing:
        return self._lease(caller).standing()

    async def tidy(self) -> None:
        """Give back leases that nobody uses now, and of the others what is more than a lease."""
        units: dict[UUID, int] = {}
        for owner, lease in list(self._leases.items()):
            spare = lease.held - (lease.size if lease.used else 0)
            if spare > 0 or (spare < 0 and not lease.used):
                # Below zero, somebody used more than the price: the bucket is to have less.
                lease.held -= spare
                units[owner] = spare
            elif self._may_forget(lease):
                del self._leases[owner]
            lease.used = False
        await self._give_back(units)

    async def close(self) -> None:
        if self._tidying is not None:
            self._tidying.cancel()
        units = {owner: lease.held for owner, lease in self._leases.items() if lease.held}
        self._leases.clear()
        await self._give_back(units)
        await self._store.close()

    def _lease(self, caller: Caller) -> _Lease:
        owner = caller.actor.id or _NOBODY
        lease = self._leases.get(owner)
        if lease is None:
            lease = self._leases[owner] = _Lease(self._allowance, self._clock_s)
            if self._tidying is None or self._tidying.done():
                self._tidying = asyncio.create_task(self._tidy_often())
        return lease

    def _may_forget(self, lease: _Lease) -> bool:
        # What somebody's own budget is, is told when they are found, which may be long before
        # they spend: a body takes its time to come.
        return not lease.used and not lease.lock.locked() and lease.allowance == self._allowance

    async def _renew(self, caller: Caller, lease: _Lease, cost: int) -> None:
        """Take what is missing and one lease more. Raises RequestError THROTTLED, COST_LIMIT."""
        async with lease.lock:
            least = cost - lease.held
            if least <= 0:
                return
            self._check(lease, cost)
            if self._clock_s() < self._down_until_s:
                lease.held += least
                return
            self.counts.leases += 1
            try:
                async with asyncio.timeout(ANSWER_TIME_S):
                    taken = await self._store.take(
                        caller.actor.id or _NOBODY, lease.allowance, least, least + lease.size
                    )
            except Exception:  # whatever store it is, whichever way it fails
                self.counts.failures += 1
                log.warning("budget.store_failed", exc_info=True)
                self._down_until_s = self._clock_s() + REFUSAL_HOLDS_S
                lease.held += least
                return
            lease.held += taken.units
            lease.left, lease.asked_s = taken.left, self._clock_s()
            lease.refused_s = None if taken.units else lease.asked_s
            self._check(lease, cost)

    def _check(self, lease: _Lease, cost: int) -> None:
        """Refuse what was refused a moment ago, or is more than there will ever be."""
        standing = lease.standing()
        is_fresh = (
            lease.refused_s is not None and self._clock_s() - lease.refused_s < REFUSAL_HOLDS_S
        )
        if cost > lease.allowance.capacity or (is_fresh and standing.available < cost):
            raise refused(standing, cost, self.counts)

    async def _give_back(self, units: Mapping[UUID, int]) -> None:
        if not units:
            return
        try:
            await self._store.give_back(units)
        except Exception:  # as above; it comes back with time
            self.counts.failures += 1
            log.warning("budget.store_failed", exc_info=True)

    async def _tidy_often(self) -> None:
        while self._leases:
            await asyncio.sleep(TIDY_EVERY_S)
            await self.tidy()
