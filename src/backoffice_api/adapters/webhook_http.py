"""Sends the messages of webhooks, and nowhere but where it may.

The name is resolved once and every address that it has is looked at; then that very address is
called, with the name in `Host` and in TLS. So a name that leads elsewhere a moment later changes
nothing. No redirect is followed, no proxy is used, no cookie is kept, 64 kB of the answer are read.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic

import httpx2

from backoffice_api.domain.webhooks.model.addresses import Reach, Target, UnfitUrl, target_of
from backoffice_api.domain.webhooks.model.deliveries import (
    ANSWER_LENGTH_MAX,
    DeliveryFailure,
    Outcome,
)
from backoffice_api.domain.webhooks.model.webhooks import WEBHOOKS_MAX
from backoffice_api.redaction import printable, without_secrets

TIMEOUT_S = 15.0
CONNECT_TIMEOUT_S = 5.0
ANSWER_BYTES_MAX = 64_000
ADDRESSES_TRIED_MAX = 3
# One for each webhook there may be.
_RESOLVED_AT_ONCE = WEBHOOKS_MAX
_SHOWN_BYTES = 4 * ANSWER_LENGTH_MAX
_RETRY_DIGITS_MAX = 9
_ASKING_TO_WAIT = (429, 503)

# Takes a name and a port; gives all addresses. Raises OSError, UnicodeError.
Resolver = Callable[[str, int], Sequence[str]]


def resolve(host: str, port: int) -> Sequence[str]:
    """What the resolver of the system says, with its spellings of addresses, each once."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class _NotCalledError(Exception):
    """The URL leads where nothing is called; the message says why."""


class WebhookSender:
    """Belongs to one event loop. To be closed."""

    def __init__(
        self,
        reach: Reach,
        *,
        resolver: Resolver = resolve,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        timeout_s: float = TIMEOUT_S,
        trusted: ssl.SSLContext | None = None,
    ) -> None:
        """`trusted`: whose certificates are; None: those that the system trusts."""
        self._reach = reach
        self._resolver = resolver
        self._clock = clock
        self._timeout_s = timeout_s
        # A transport of its own: a client would keep cookies and look at the environment.
        self._transport = httpx2.AsyncHTTPTransport(
            verify=True if trusted is None else trusted,
            trust_env=False,
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=0),
        )
        # Names of slow servers must not keep those of others waiting: one thread for each name.
        self._threads = ThreadPoolExecutor(_RESOLVED_AT_ONCE, "resolving")
        self._resolving: dict[tuple[str, int], asyncio.Future[Sequence[str]]] = {}

    async def close(self) -> None:
        """Give back what it holds. Names that are being resolved are not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        await self._transport.aclose()

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        """Post a message; what became of it. It takes no longer than `timeout_s`."""
        begun_s = monotonic()
        status: int | None = None
        answer = ""
        failure: DeliveryFailure | None
        retry_after_s = None
        try:
            async with asyncio.timeout(self._timeout_s):
                target = target_of(url)
                addresses = await self._addresses(target)
                response = await self._post(target, addresses, headers, body)
                status = response.status_code
                retry_after_s = self._retry_after_s(response)
                try:
                    answer = await _beginning(response)
                finally:
                    await response.aclose()
            failure, reason = None, ""
        except (UnfitUrl, _NotCalledError, httpx2.InvalidURL) as refusal:
            failure, reason = DeliveryFailure.ADDRESS_REFUSED, str(refusal)
        except (TimeoutError, httpx2.TimeoutException):
            failure = DeliveryFailure.TIMEOUT
            reason = f"It took longer than {self._timeout_s:g} s."
        except (OSError, UnicodeError) as trouble:
            failure = DeliveryFailure.UNREACHABLE
            reason = f"The name cannot be resolved: {type(trouble).__name__}."
        except httpx2.HTTPError as trouble:
            failure, reason = DeliveryFailure.UNREACHABLE, f"{type(trouble).__name__}."
        if status is not None:
            # It has answered; what it goes on to say, or does not, changes nothing of that.
            failure, reason = _judged(status)
        return Outcome(
            failure=failure,
            reason=reason,
            response_status=status,
            duration_ms=int((monotonic() - begun_s) * 1_000),
            answer=answer,
            retry_after_s=retry_after_s,
        )

    async def _addresses(self, target: Target) -> Sequence[str]:
        """Every address of the target, if all of them may be called. Raises _NotCalledError."""
        if not self._reach.allows_port(target.port):
            raise _NotCalledError(f"Port {target.port} is not called.")
        found = await self._resolved(target.host, target.port)
        if not found or not all(map(self._reach.allows, found)):
            raise _NotCalledError("The name leads to an address that is not called.")
        return found[:ADDRESSES_TRIED_MAX]

    async def _resolved(self, host: str, port: int) -> Sequence[str]:
        key = (host, port)
        under_way = self._resolving.get(key)
        if under_way is None:
            loop = asyncio.get_running_loop()
            under_way = loop.run_in_executor(self._threads, self._resolver, host, port)
            self._resolving[key] = under_way
            under_way.add_done_callback(lambda _: self._resolving.pop(key, None))
        # Others wait for the same: who is out of time does not end it for them.
        return await asyncio.shield(under_way)

    async def _post(
        self, target: Target, addresses: Sequence[str], headers: Mapping[str, str], body: bytes
    ) -> httpx2.Response:
        last = addresses[-1]
        for address in addresses:
            try:
                return await self._post_to(address, target, headers, body)
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                if address == last:
                    raise
        raise AssertionError("the last address answers or raises")

    async def _post_to(
        self, address: str, target: Target, headers: Mapping[str, str], body: bytes
    ) -> httpx2.Response:
        host = f"[{address}]" if ":" in address else address
        timeout = httpx2.Timeout(self._timeout_s, connect=CONNECT_TIMEOUT_S)
        request = httpx2.Request(
            "POST",
            f"{target.scheme}://{host}:{target.port}{target.path}",
            headers={**headers, "host": target.authority, "connection": "close"},
            content=body,
            extensions={
                "timeout": timeout.as_dict(),
                "sni_hostname": target.host.removesuffix("."),
            },
        )
        return await self._transport.handle_async_request(request)

    def _retry_after_s(self, response: httpx2.Response) -> int | None:
        """Seconds or a date (RFC 9110, 10.2.3); what is neither is not said."""
        given = response.headers.get("retry-after", "").strip()
        if response.status_code not in _ASKING_TO_WAIT or not given:
            return None
        if given.isascii() and given.isdecimal():
            return int(given[:_RETRY_DIGITS_MAX])
        try:
            at = parsedate_to_datetime(given)
        except (ValueError, OverflowError):
            return None
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return max(0, int((at - self._clock()).total_seconds()))


async def _beginning(response: httpx2.Response) -> str:
    """How the answer begins, fit to be kept. Read is not more than `ANSWER_BYTES_MAX`."""
    read, shown = 0, bytearray()
    async for part in response.aiter_raw():
        read += len(part)
        if len(shown) < _SHOWN_BYTES:
            shown += part[: _SHOWN_BYTES - len(shown)]
        if read >= ANSWER_BYTES_MAX:
            break
    text = bytes(shown).decode("utf-8", errors="replace")
    return printable(without_secrets(text))[:ANSWER_LENGTH_MAX]


def _judged(status: int) -> tuple[DeliveryFailure | None, str]:
    if 200 <= status < 300:
        return None, ""
    reason = f"Status {status}."
    if 300 <= status < 400:
        return DeliveryFailure.REDIRECT, reason
    return DeliveryFailure.GONE if status == 410 else DeliveryFailure.STATUS, reason
