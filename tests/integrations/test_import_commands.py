"""The commands `backoffice import` and `backoffice export`, as a person runs them."""

import csv

import pytest
from click.testing import CliRunner

from backoffice_api.cli.program import main
from tests.integrations.sheets import row, sheet


@pytest.fixture
def url(sqlite_copies):
    url = sqlite_copies.migrated()
    yield url
    sqlite_copies.drop(url)


@pytest.fixture
def run(url, monkeypatch, tmp_path):
    monkeypatch.setenv("BACKOFFICE_FILES_FOLDER", str(tmp_path / "files"))
    monkeypatch.setenv("BACKOFFICE_DATABASE_URL", "sqlite:///not-this-one.db")

    def run(*arguments):
        return CliRunner().invoke(main, [*map(str, arguments), "--database", url])

    return run


class TestImport:
    def test_prints_counts_that_close(self, run, tmp_path):
        path = sheet(tmp_path, row(price="0.005"), row("C536366", "71053", quantity=-1))

        result = run("import", "online-retail", path)

        assert result.exit_code == 0, result.output
        assert "2 = 2 + 0 + 0 + 0" in result.stdout
        printed = [" ".join(line.split()) for line in result.stdout.splitlines()]
        assert "Orders 1" in printed
        assert "Sales, exact 0.03 GBP" in printed
        assert "WARNING RETURN_NOT_MATCHED 1 rows imported" in printed

    def test_ends_with_1_when_the_file_must_be_corrected(self, run, tmp_path):
        path = sheet(tmp_path, row(), row("536366", quantity="many"))

        result = run("import", "online-retail", path, "--report", tmp_path / "rows.csv")

        assert result.exit_code == 1
        with (tmp_path / "rows.csv").open() as file:
            assert [line["code"] for line in csv.DictReader(file)] == ["BAD_QUANTITY"]

    def test_keeps_nothing_in_a_dry_run(self, run, tmp_path):
        path = sheet(tmp_path, row())

        rehearsed = run("import", "online-retail", path, "--dry-run")
        exported = run("export", "orders")

        assert "Dry run: nothing was kept." in rehearsed.stdout
        assert exported.stdout.splitlines()[1:] == []

    def test_says_what_is_wrong_with_a_file(self, run, tmp_path):
        path = tmp_path / "sales.csv"
        path.write_text("a,b\n1,2\n")

        result = run("import", "online-retail", path)

        assert result.exit_code == 1
        assert "Error: sales.csv: the columns must be InvoiceNo," in result.stderr

    def test_wants_a_database_that_is_migrated(self, tmp_path):
        arguments = [
            "import",
            "online-retail",
            str(sheet(tmp_path)),
            "--database",
            f"sqlite:///{tmp_path}/x.db",
        ]

        result = CliRunner().invoke(main, arguments)

        assert result.exit_code == 1
        assert "Run: backoffice migrate" in result.stderr


class TestExport:
    def test_writes_a_file(self, run, tmp_path):
        run("import", "online-retail", sheet(tmp_path, row()))

        result = run("export", "stock", "--output", tmp_path / "stock.csv")

        assert result.exit_code == 0, result.output
        assert result.stdout == ""
        with (tmp_path / "stock.csv").open() as file:
            assert [line["on_hand"] for line in csv.DictReader(file)] == ["-6"]

    def test_writes_to_stdout(self, run, tmp_path):
        run("import", "online-retail", sheet(tmp_path, row()))

        result = run("export", "orders", "--format", "jsonl")

        assert result.stdout.startswith('{"order_id":"ord_')
        assert result.stdout.count("\n") == 1
