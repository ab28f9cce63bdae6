"""What the processes of a run share, and the order of the tests.

The process that hands tests to workers loads nothing of the program: they wait for it to start.
"""

import gc
import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.run import Run, new_run

# Workers, and programs that tests start, are up seconds earlier where they may keep what they have
# compiled; of tests, pytest keeps what it has made of their assertions.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

_RUN = pytest.StashKey[Run]()


def pytest_configure(config: pytest.Config) -> None:
    given: dict[str, str] | None = getattr(config, "workerinput", None)
    if given is not None:
        config.stash[_RUN] = Run(Path(given["run_folder"]), given["workerid"])
    else:
        ending = ExitStack()
        run = config.stash[_RUN] = ending.enter_context(new_run())
        config.add_cleanup(ending.close)
        # Files of tests lie with the databases, in memory: a disk has each commit wait for 6 ms.
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(run.temporary)
    if given is not None or config.getoption("dist", "no") == "no":
        config.pluginmanager.import_plugin("tests.fixtures")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what has a time limit of its own, so that nobody waits for it at the end.

    Each worker begins with its own part: what belongs to PostgreSQL is that of the second.
    """
    slow = [item for item in items if item.get_closest_marker("timeout")]
    others = [item for item in items if item not in set(slow)]
    there = [item for item in slow if "postgresql" in item.name]
    here = [item for item in slow if item not in set(there)]
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "2"))
    second = max(len(items) // max(workers, 2) - len(here), 0)
    items[:] = [*here, *others[:second], *there, *others[second:]]


def pytest_collection_finish() -> None:
    """Search for garbage from now on, but not among all that was imported."""
    gc.enable()
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of xdist where the run's folder is."""
    node.workerinput["run_folder"] = str(node.config.stash[_RUN].folder)


@pytest.fixture(scope="session")
def test_run(pytestconfig: pytest.Config) -> Run:
    """The folder and the server that the processes of this run share."""
    return pytestconfig.stash[_RUN]
