"""The commands: what is saved by one is proved and put back by the others."""

import sqlite3
from pathlib import Path

from tests.cli.test_cli import Shell
from tests.databases import Copies


class TestCommands:
    def test_save_verify_and_restore(self, sqlite_copies: Copies, tmp_path: Path) -> None:
        url = sqlite_copies.migrated()
        shell = Shell(tmp_path)
        given = {"database_url": url, "files_folder": str(tmp_path / "shop")}
        (tmp_path / "shop").mkdir()
        (tmp_path / "shop" / "label").write_bytes(b"label")
        made = shell(f"backup {tmp_path / 'backups'} --keep 3", **given)
        backup = made.stdout.strip()
        proved = shell(f"backup verify {backup}", **given)
        there = {**given, "database_url": f"sqlite:///{tmp_path / 'new.db'}"}
        there["files_folder"] = str(tmp_path / "new")
        restored = shell(f"restore {backup} --as-clone", **there)
        again = shell(f"restore {backup}", **there)
        head = shell("audit head", **given)
        sqlite_copies.drop(url)

        assert [each.exit_code for each in (made, proved, restored)] == [0, 0, 0], restored.output
        assert "everything holds" in proved.stderr
        assert "1 files" in restored.stderr
        assert (tmp_path / "new" / "label").read_bytes() == b"label"
        with sqlite3.connect(tmp_path / "new.db") as db:
            assert db.execute("SELECT count(*) FROM events").fetchone() == (0,)
        assert (again.exit_code, "--replace" in again.stderr) == (1, True)
        assert (head.exit_code, "Nothing is sealed yet" in head.stderr) == (1, True)
