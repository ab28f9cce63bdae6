"""F14, C1, C2, C4, C5, C6: the races of `races.py` against two servers, of which one does jobs.

Those of 200 buyers for goods for 50, in opposite orders too, are always run, in
`tests/proofs/test_two_hundred_buyers.py`; a usual run leaves out what resembles them here, and
runs the others on PostgreSQL, where more happens at once.
"""

from collections.abc import Iterator

import pytest

from tests.databases import BACKENDS, Copies
from tests.thorough import THOROUGH
from tests.trust.races import RACES, Arena, arena

USUAL = {"C2", "C4", "C6"}
pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module", params=BACKENDS if THOROUGH else ["postgresql"])
def ground(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Arena]:
    """Once on each backend."""
    copies: Copies = request.getfixturevalue(
        "sqlite_copies" if request.param == "sqlite" else "postgres_copies"
    )
    url = copies.migrated()
    with arena(url, tmp_path_factory.mktemp("arena")) as found:
        yield found
        found.assert_sound()
    copies.drop(url)


@pytest.mark.parametrize("race", [each for each in RACES if THOROUGH or each[:2] in USUAL])
def test_of_many_clients_comes_out_right(ground: Arena, race: str) -> None:
    RACES[race](ground, 0)
