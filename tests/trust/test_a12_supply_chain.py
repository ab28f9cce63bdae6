"""A12: what the program is made of is pinned, by versions and by what the files are."""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
_PIN = re.compile(
    r"^([A-Za-z0-9._-]+)==(\S+)((?: ;[^\\\n]*)?)((?: \\\n    --hash=sha256:[0-9a-f]{64})+)$", re.M
)


class TestTheLock:
    def test_pins_each_dependency_within_its_bounds_by_hashes(self) -> None:
        lock = (ROOT / "requirements.lock").read_text()
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        pins = {canonicalize_name(name): version for name, version, *_ in _PIN.findall(lock)}

        assert len(pins) == len(re.findall(r"^\S+==", lock, re.M)), "one has no hash"
        for each in map(Requirement, project["dependencies"]):
            assert pins.get(canonicalize_name(each.name)) in each.specifier, each

    def test_lets_no_dependency_be_without_bounds(self) -> None:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        of_extras = [each for extra in project["optional-dependencies"].values() for each in extra]

        for each in map(Requirement, (*project["dependencies"], *of_extras)):
            assert {">=", "<"} <= {bound.operator for bound in each.specifier}, each


class TestCi:
    def test_looks_for_weaknesses_and_accepts_none_that_says_nothing(self) -> None:
        assert "bandit" in (ROOT / ".ci" / "run").read_text()
        for file in (ROOT / "src").rglob("*.py"):
            for line in file.read_text().splitlines():
                assert "# nosec" not in line or re.search(r"# nosec B\d{3}$", line), (file, line)
