"""Asking carriers over REST: bounded in time and size, without redirects, told apart by answer.

A carrier that answers 4xx has said no, except where that is about the moment (408, 409, 425, 429).
Everything else that is not 2xx, and what does not come, is silence: it may have been done.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from ssl import SSLContext
from time import monotonic, sleep
from typing import Any

import httpx2

from backoffice_api.domain.shipping.ports import CarrierRefusal, CarrierSilent

# Of all that is asked for one label; well below `CALL_MAX`, after which somebody else may ask.
CALL_TIME_S = 60.0
TIMEOUT_S = 20.0
CONNECT_TIMEOUT_S = 5.0
ANSWER_BYTES_MAX = 8_000_000
SAID_LENGTH_MAX = 300
PAUSE_S = 1.0
_PAUSE_MAX_S = 8.0
_ABOUT_THE_MOMENT = frozenset({408, 409, 425, 429})
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class Said:
    """What an answer says of its reason: a code, if it has any, and words."""

    code: str | None
    words: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `body` as it was sent."""

    status: int
    body: bytes

    @property
    def value(self) -> Any:
        """The JSON that it is.

        Raises:
            CarrierSilent: it is none.
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise CarrierSilent("The answer is no JSON") from None

    @property
    def fields(self) -> Mapping[str, Any]:
        """The JSON object that it is.

        Raises:
            CarrierSilent: it is none.
        """
        found = self.value
        if not isinstance(found, dict):
            raise CarrierSilent("The answer is no object")
        return found


class Wire:
    """The way to one carrier. `said`: what it means when it says no.

    All that is asked over one wire takes at most `time_s`; None: as long as for a label.
    """

    def __init__(
        self,
        url: str,
        said: Callable[[Any], Said],
        *,
        headers: Mapping[str, str] | None = None,
        time_s: float | None = None,
    ) -> None:
        self._url = httpx2.URL(url)
        if self._url.scheme != "https" and self._url.host not in _LOOPBACK:
            raise CarrierRefusal("Its address in the settings does not begin with https://")
        self._said = said
        self._headers = dict(headers or {})
        self._until = monotonic() + (CALL_TIME_S if time_s is None else time_s)

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        sends: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Its answer, if it is 2xx. `sends` goes as JSON.

        Raises:
            CarrierRefusal: it said no.
            CarrierSilent: there is no answer, or none that says anything.
        """
        more = {} if sends is None else {"json": sends}
        url = self._url.join(path)
        given = {"Accept": "application/json", **self._headers, **(headers or {})}
        answer = self._sent(method, url, params=query, headers=given, **more)
        if 200 <= answer.status < 300:
            return answer
        if 400 <= answer.status < 500 and answer.status not in _ABOUT_THE_MOMENT:
            raise self._refusal(answer)
        raise CarrierSilent(f"It answered with status {answer.status}")

    def fetch(self, url: str, hosts: tuple[str, ...]) -> bytes:
        """A file that the carrier names: of its own origin, or at one of `hosts`, over TLS.

        It is asked for without what signs in to the carrier.

        Raises:
            CarrierSilent: it lies elsewhere, or does not come.
        """
        try:
            target = httpx2.URL(url)
        except (httpx2.InvalidURL, ValueError):
            raise CarrierSilent("It names no address of a file") from None
        ours = (target.scheme, target.host, target.port) == (
            self._url.scheme,
            self._url.host,
            self._url.port,
        )
        known = target.port is None and any(
            target.host == each or target.host.endswith(f".{each}") for each in hosts
        )
        if not ours and not (known and target.scheme == "https"):
            raise CarrierSilent("It names a file at an address that is not its own")
        answer = self._sent("GET", target)
        if answer.status != 200:
            raise CarrierSilent(f"Its file came with status {answer.status}")
        return answer.body

    def tries(self) -> Iterator[None]:
        """Once, and again after longer and longer pauses while there is time."""
        pause = PAUSE_S
        while True:
            yield
            if monotonic() + pause > self._until:
                return
            sleep(pause)
            pause = min(pause * 2, _PAUSE_MAX_S)

    def _sent(self, method: str, url: httpx2.URL, **more: Any) -> Answer:
        left = self._until - monotonic()
        if left <= 0:
            raise CarrierSilent("No answer within the time")
        timeout = httpx2.Timeout(min(TIMEOUT_S, left), connect=min(CONNECT_TIMEOUT_S, left))
        body = bytearray()
        client = httpx2.Client(
            timeout=timeout, follow_redirects=False, trust_env=False, verify=_trusted()
        )
        try:
            with client, client.stream(method, url, **more) as response:
                for part in response.iter_bytes():
                    body += part
                    if len(body) > ANSWER_BYTES_MAX:
                        raise CarrierSilent("The answer is too large")
                    if monotonic() > self._until:
                        raise CarrierSilent("No answer within the time")
                return Answer(response.status_code, bytes(body))
        except httpx2.HTTPError as failure:
            # What it says may hold the address with all that was asked.
            raise CarrierSilent(f"No answer ({type(failure).__name__})") from None

    def _refusal(self, answer: Answer) -> CarrierRefusal:
        try:
            said = self._said(json.loads(answer.body))
        except (ValueError, RecursionError, AttributeError, TypeError):
            said = Said(None, "")
        words = said.words[:SAID_LENGTH_MAX] or f"It answered with status {answer.status}"
        return CarrierRefusal(words, code=said.code, status=answer.status)


@cache
def _trusted() -> SSLContext:
    """Whom TLS trusts; read once, which takes longer than asking does."""
    return httpx2.create_ssl_context()


@contextmanager
def bought_already() -> Iterator[None]:
    """For what follows a sale, or asks about one: a no does not undo what may have been sold.

    Raises:
        CarrierSilent: the carrier said no, or nothing.
    """
    try:
        yield
    except CarrierRefusal as refusal:
        raise CarrierSilent(f"Sold, or not: {refusal}") from refusal
