"""`backoffice import` and `backoffice export` of rows, as a shell calls them."""

import re

import pytest
from python_calamine import CalamineWorkbook

from backoffice_api.bulk_jobs import imports
from backoffice_api.domain.bulk.model.runs import BulkKind
from tests.cli.test_cli import Shell

ROWS = "sku,title,price,colour\nMUG,Mug,7.50,red\nCUP,Cup,8,blue\nBAD,Bad,x,\n"


@pytest.fixture
def shell(tmp_path, monkeypatch, database_url):
    """In a folder with a file, on a database with every table."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("backoffice_api.opening.behind", lambda _: None)
    (tmp_path / "rows.csv").write_text(ROWS)
    called = Shell(tmp_path)
    return lambda line: called(line, database_url=database_url)


class TestImport:
    def test_tells_what_it_came_to(self, shell, tmp_path):
        line = "import products rows.csv --currency EUR --report report.csv --failed failed.csv"
        done, again = shell(line), shell(line)

        assert (done.exit_code, again.exit_code) == (1, 1)
        assert done.stdout.splitlines()[:7] == [
            "Rows read                                  3",
            "  created                                  2",
            "  changed                                  0",
            "  unchanged                                0",
            "  rejected                                 1",
            "ERROR   NOT_A_DECIMAL                            1 rows rejected",
            "INFO    UNKNOWN_COLUMN                           1 rows imported",
        ]
        assert done.stdout.splitlines()[7] == "Unknown column: colour"
        assert re.search(r"unchanged +2\n", again.stdout)
        assert (tmp_path / "report.csv").read_text().splitlines()[1:] == [
            "rows.csv,1,colour,UNKNOWN_COLUMN,info,colour,imported",
            "rows.csv,4,price,NOT_A_DECIMAL,error,x,rejected",
        ]
        assert (tmp_path / "failed.csv").read_text() == "sku,title,price,colour\nBAD,Bad,x,\n"

    def test_keeps_nothing_when_it_only_tries(self, shell):
        tried = shell("import products rows.csv --currency EUR --dry-run --mapping colour=")
        exported = shell("export products")

        assert tried.stdout.startswith("Dry run: nothing was kept.\n")
        assert "UNKNOWN_COLUMN" not in tried.stdout
        assert exported.stderr == "0 rows\n"

    def test_goes_on_where_it_was_interrupted(self, shell, monkeypatch):
        def die(*_, **__):
            raise KeyboardInterrupt

        monkeypatch.setattr(imports, "BATCH_ROWS", 1)
        with monkeypatch.context() as patched:
            patched.setattr("backoffice_api.cli.bulk._Lines.__call__", die)
            assert shell("import products rows.csv --currency EUR").exit_code == 1
        done = shell("import products rows.csv --currency EUR")

        assert "An import that was interrupted is completed." in done.stderr
        assert re.search(r"created +2\n", done.stdout)

    @pytest.mark.parametrize(
        ("line", "code", "words"),
        [
            ("import stock rows.csv", 1, "The file needs a column for location."),
            ("import products rows.csv --mapping colour=x", 1, "'x' is no field of such rows."),
            ("import products rows.csv --mapping colour", 2, "colour is not COLUMN=FIELD."),
            ("import products none.csv", 2, "'none.csv' does not exist."),
        ],
    )
    def test_ends_with_a_sentence_where_it_cannot_be_done(self, shell, line, code, words):
        asked = shell(line)

        assert asked.exit_code == code
        assert words in asked.stderr


class TestExport:
    def test_writes_what_was_imported(self, shell, tmp_path):
        shell("import products rows.csv --currency EUR")

        as_csv = shell("export prices")
        shell("export variants --format xlsx -o variants.xlsx --search mug")

        header, *rows = as_csv.stdout.splitlines()
        assert header == "variant_id,sku,currency,price"
        assert [row.partition(",")[2] for row in rows] == ["MUG,EUR,7.50", "CUP,EUR,8.00"]
        sheet = CalamineWorkbook.from_path(tmp_path / "variants.xlsx").get_sheet_by_index(0)
        assert [row[2] for row in sheet.to_python()] == ["sku", "MUG"]

    @pytest.mark.parametrize("kind", [each.value for each in BulkKind])
    def test_of_nothing_is_a_header(self, shell, kind):
        asked = shell(f"export {kind}")

        assert (asked.exit_code, asked.stderr) == (0, "0 rows\n")
        assert len(asked.stdout.splitlines()) == 1
