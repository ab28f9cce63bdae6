"""Shared budgets in Redis, or what speaks as it does: one call each, done there in one step."""

from collections.abc import Mapping
from uuid import UUID

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from backoffice_api.domain.identity.model.budgets import Allowance, Taken

TIMEOUT_S = 1.0
_PREFIX = "backoffice:budget:"

# The clock is that of Redis: those of the servers may differ. A bucket is forgotten once it would
# be full again.
_FILLED = """
local capacity, rate = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
local kept = redis.call('HMGET', KEYS[1], 'available', 'at_ms')
local at_ms = tonumber(kept[2] or now_ms)
local gained = math.floor(math.max(0, now_ms - at_ms) * rate / 1000)
local filled = math.min(capacity, tonumber(kept[1] or capacity) + gained)
"""
_KEPT = """
redis.call('HSET', KEYS[1], 'available', filled, 'at_ms', math.max(now_ms, at_ms))
redis.call('PEXPIRE', KEYS[1], math.ceil((capacity - filled) * 1000 / rate) + 1000)
"""
_TAKE = f"""{_FILLED}
local least, most = tonumber(ARGV[3]), tonumber(ARGV[4])
local units = 0
if filled >= least then units = math.min(filled, most) end
filled = filled - units
{_KEPT}
return {{units, filled}}
"""
# How large the bucket is, and how fast it fills, is for who takes of it to say.
_GIVE_BACK = """
if redis.call('EXISTS', KEYS[1]) == 1 then
  redis.call('HINCRBY', KEYS[1], 'available', ARGV[1])
end
"""


class RedisStore:
    """A hash for each bucket: `backoffice:budget:…`."""

    def __init__(self, url: str) -> None:
        """`url` as `redis://:password@host:6379/0`; `rediss://` for TLS."""
        self._redis = Redis.from_url(
            url,
            socket_timeout=TIMEOUT_S,
            socket_connect_timeout=TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),  # a request waits for it
            decode_responses=True,
        )
        self._take = self._redis.register_script(_TAKE)
        self._give_back = self._redis.register_script(_GIVE_BACK)

    async def take(self, owner: UUID, allowance: Allowance, least: int, most: int) -> Taken:
        units, left = await self._take(
            keys=[_PREFIX + owner.hex],
            args=[allowance.capacity, allowance.restore_per_s, least, most],
        )
        return Taken(int(units), int(left))

    async def give_back(self, units: Mapping[UUID, int]) -> None:
        for owner, each in units.items():
            await self._give_back(keys=[_PREFIX + owner.hex], args=[each])

    async def close(self) -> None:
        await self._redis.aclose()
