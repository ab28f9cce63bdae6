"""Who is measured, how each is started, and what it is asked."""

import os
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.compare.postgraphile import serving_postgraphile, translated
from bench.given import Settings
from bench.server import HOST, Server, free_port, running, serving


@dataclass(frozen=True, slots=True)
class Place:
    """Where servers run: on which database, cache and cores. `token`, `settings` are for ours."""

    url: str
    cache: Path
    token: str
    cores: Collection[int] | None
    settings: Settings = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Contender:
    """A server. `body` makes its request for a workload of the one that the product is sent."""

    name: str
    title: str
    serve: Callable[[Place], AbstractContextManager[Server]]
    body: Callable[[str, bytes], bytes] = lambda _workload, body: body


def _ours(place: Place) -> AbstractContextManager[Server]:
    return serving(place.url, place.cache, place.token, cores=place.cores, settings=place.settings)


def _postgraphile(place: Place) -> AbstractContextManager[Server]:
    return serving_postgraphile(place.url, place.cache, place.cores)


def _uvicorn(name: str, factory: str) -> Callable[[Place], AbstractContextManager[Server]]:
    """A module beside this one, run as the product runs itself. Its log is named `name`."""

    @contextmanager
    def serve(place: Place) -> Iterator[Server]:
        port = free_port()
        command = (
            *(sys.executable, "-m", "uvicorn", f"bench.compare.{factory}"),
            *("--factory", "--host", HOST, "--port", str(port)),
            *("--loop", "uvloop", "--http", "httptools"),
            *("--log-level", "warning", "--no-access-log"),
            *("--no-server-header", "--no-proxy-headers"),
        )
        environment = {**os.environ, "BENCH_DATABASE_URL": place.url}
        log = place.cache / f"{name}.log"
        with running(command, environment, log, port, cores=place.cores) as server:
            yield server

    return serve


OURS = Contender("ours", "backoffice-api", _ours)
STOCK = Contender("stock", "strawberry as it comes", _uvicorn("stock", "stock:from_environment"))
CACHED = Contender(
    "stock-cached",
    "strawberry with its caches",
    _uvicorn("stock-cached", "stock:cached_from_environment"),
)
POSTGRAPHILE = Contender("postgraphile", "PostGraphile", _postgraphile, translated)
RAW = Contender("raw", "by hand, no GraphQL", _uvicorn("raw", "raw:from_environment"))

CONTENDERS = (OURS, STOCK, CACHED, POSTGRAPHILE, RAW)
