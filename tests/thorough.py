"""Whether the suite is to look at everything, as at night, or at a fair part of it.

What a long run repeats with more examples, or at each step, a usual run looks at here and there.
"""

import os

import pytest

from tests.databases import BACKENDS

THOROUGH = bool(os.environ.get("BACKOFFICE_THOROUGH"))

# A usual run shares two cores with servers, databases and itself. Whoever waits for what is hung
# waits for longer than this, too.
_USUAL_PATIENCE = 4


def usually_on(backend: str) -> pytest.MarkDecorator:
    """Marks a test that a usual run has on one database only.

    What it takes seconds to repeat is not about the database, or small tests show it on both.
    """
    return pytest.mark.parametrize("copies", BACKENDS if THOROUGH else [backend], indirect=True)


def within(limit_s: float) -> float:
    """What a limit in seconds is here: itself where nothing else runs, several times it elsewhere.

    A stall of the machine is no fault of the program. `python -m bench.faults` keeps the figures.
    """
    return limit_s if THOROUGH else limit_s * _USUAL_PATIENCE
