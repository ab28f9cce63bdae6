"""The wheel: whoever installs it has all that the commands need, and no repository beside it."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.serving import Server
from tests.thorough import THOROUGH

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "backoffice_api"
TIMEOUT_S = 240

pytestmark = pytest.mark.timeout(300)


@dataclass(frozen=True, slots=True)
class Installed:
    """A wheel, and an environment in which it alone is installed, with what it depends on."""

    wheel: Path
    programs: Path

    def run(self, *command: str, folder: Path) -> subprocess.CompletedProcess[str]:
        """Run one of its programs in a folder, with nothing set that the program could read."""
        environment = {"PATH": f"{self.programs}:/usr/bin:/bin", "HOME": str(folder)}
        return _run(self.programs / command[0], *command[1:], folder=folder, env=environment)


def _run(
    *command: str | Path, folder: Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, timeout=TIMEOUT_S
    )
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stderr}"
    return done


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel of this repository, built and installed. Fails where uv is missing."""
    uv = os.environ.get("UV") or shutil.which("uv")
    assert uv, "The wheel is built and installed by uv: pip install uv"
    folder = tmp_path_factory.mktemp("wheel")
    _run(uv, "build", "--wheel", "--out-dir", folder, ROOT, folder=folder)
    (wheel,) = folder.glob("*.whl")
    home = folder / "environment"
    _run(uv, "venv", "--python", sys.executable, home, folder=folder)
    install = (uv, "pip", "install", "--python", home / "bin" / "python")
    locked = ("--constraints", ROOT / "requirements.lock")
    if THOROUGH:
        _run(*install, *locked, wheel, folder=folder)
    else:
        _run(*install, *locked, "--dry-run", wheel, folder=folder)
        _run(*install, "--no-deps", wheel, folder=folder)
        (packages,) = home.glob("lib/python*/site-packages")
        _link_dependencies(wheel, packages)
    return Installed(wheel, home / "bin")


def _link_dependencies(wheel: Path, packages: Path) -> None:
    """Put there what the wheel says it needs, and nothing else, as it lies in our environment.

    To copy it, and to compile it anew, takes 20 seconds.
    """
    (own,) = distributions(path=[str(wheel)])
    for name in _needed(own, set(), set()):
        found = distribution(name)
        for part in {file.parts[0] for file in found.files or ()} - {"..", "__pycache__"}:
            (packages / part).symlink_to(Path(str(found.locate_file(part))).resolve())


def _needed(own: Distribution, extras: set[str], known: set[tuple[str, str]]) -> set[str]:
    """Names of what `own` requires with these extras, and of what that requires, and so on."""
    names: set[str] = set()
    for text in own.requires or ():
        wanted = Requirement(text)
        is_wanted = wanted.marker is None or any(
            wanted.marker.evaluate({"extra": extra}) for extra in ("", *extras)
        )
        name = canonicalize_name(wanted.name)
        key = (name, str(sorted(wanted.extras)))
        if is_wanted and key not in known:
            known.add(key)
            names.add(name)
            names |= _needed(distribution(name), wanted.extras, known)
    return names


@pytest.fixture(scope="module")
def migrated(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which there was nothing before `backoffice migrate`."""
    folder = tmp_path_factory.mktemp("migrated")
    done = installed.run("backoffice", "migrate", folder=folder)
    assert done.stdout == ""
    assert "The database is at revision" in done.stderr
    return folder


def _names(folder: Path) -> set[str]:
    """The files below a folder that belong to the program, by their paths."""
    found = (each for each in folder.rglob("*") if each.is_file())
    paths = {each.relative_to(folder).as_posix() for each in found}
    return {each for each in paths if "__pycache__" not in each and not each.startswith(".")}


class TestWheel:
    def test_holds_the_program_with_its_pages_and_the_migrations(
        self, installed: Installed
    ) -> None:
        with ZipFile(installed.wheel) as wheel:
            names = set(wheel.namelist())

        files = {each for each in names if not each.startswith("backoffice_api-")}
        ours = {f"backoffice_api/{each}" for each in _names(SOURCE)}
        migrations = {f"backoffice_api/migrations/{each}" for each in _names(ROOT / "migrations")}
        assert files == ours | migrations
        assert "backoffice_api/web/static/graphiql/graphiql.min.js" in files
        assert "backoffice_api/migrations/env.py" in files

    def test_migrates_where_there_is_nothing(self, migrated: Path) -> None:
        with closing(sqlite3.connect(migrated / "backoffice.db")) as db:
            assert db.execute("SELECT count(*) FROM orders").fetchone() == (0,)

    @pytest.mark.skipif(not THOROUGH, reason="the command makes it in every run, from the sources")
    def test_makes_the_demo_where_there_is_nothing(
        self, installed: Installed, tmp_path: Path
    ) -> None:
        done = installed.run("backoffice", "demo", "--no-serve", "--orders", "20", folder=tmp_path)

        assert "Admin token" in done.stderr
        with closing(sqlite3.connect(tmp_path / "demo.db")) as db:
            assert db.execute("SELECT count(*) FROM orders").fetchone() == (20,)
            assert db.execute("SELECT count(*) FROM products").fetchone() == (220,)

    def test_serves_the_page_and_the_api(
        self,
        installed: Installed,
        migrated: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.delenv("PYTHONPATH", raising=False)
        url = f"sqlite:///{migrated}/backoffice.db"
        program = installed.programs / "backoffice"

        with (
            Server(url, tmp_path / "log", program=program, graphiql="true") as server,
            server.client() as client,
        ):
            page = client.get("/graphql", headers={"accept": "text/html"})
            (script,) = re.findall(r'src="(/static/graphiql/graphiql[^"]+)"', page.text)
            bundle = client.get(script)
            question = client.post("/graphql", json={"query": "{ __typename }"})

        assert (page.status_code, question.status_code) == (200, 401)
        assert bundle.content == (SOURCE / "web/static/graphiql/graphiql.min.js").read_bytes()
