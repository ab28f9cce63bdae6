"""F3: connections to the database are lost before COMMIT, after it, and anywhere.

`python -m bench.faults` does the same with 60 clients in 5 rounds.
"""

from functools import partial
from pathlib import Path

import pytest

from tests.databases import Copies
from tests.market import Wish
from tests.serving import Server
from tests.trust.persistence import Done, all_done, assert_done_once, open_market, some
from tests.trust.proxy import Proxy

CLIENTS = 8
WISHES = 14


@pytest.mark.timeout(300)
def test_what_was_cut_off_is_done_once(postgres_copies: Copies, tmp_path: Path) -> None:
    url = postgres_copies.migrated()
    with open_market(url) as (market, database, token):
        with (
            Proxy(url, seed=3) as proxy,
            Server(proxy.url, tmp_path / "log", log_level="error", silence_timeout_s=60) as server,
        ):
            connect = partial(server.client, token)
            came: dict[Wish, Done] = {}
            for way, share in (("before_commit", 0.5), ("after_commit", 0.5), ("chunks", 0.03)):
                setattr(proxy, way, share)
                came |= all_done(connect, some(market, way, WISHES), CLIENTS)
                proxy.work()
            assert_done_once(database, connect, came)
            cuts = proxy.cuts
            logged = server.log.read_text()

        assert len(came) == 3 * WISHES
        assert min(cuts.values()) >= 1
        assert len(cuts) == 3
        assert sum(done.attempts > 1 for done in came.values()) >= 3
        assert "graphql.bug" not in logged
    postgres_copies.drop(url)
