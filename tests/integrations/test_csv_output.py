"""Writing CSV that is safe to open. No database."""

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from backoffice_api.adapters.csv_output import CsvOutput, cell
from backoffice_api.domain.integrations.model import Severity


class TestCell:
    @pytest.mark.parametrize(
        "text",
        [
            '=HYPERLINK("http://x")',
            "+1",
            "-1+cmd",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            "\uff1d1",
            "\uff20x",
        ],
    )
    def test_never_begins_a_formula(self, text):
        assert cell(text) == f"'{text}"

    @pytest.mark.parametrize(
        ("value", "written"),
        [
            (None, ""),
            (True, "true"),
            (False, "false"),
            (-5, "-5"),
            (Decimal("-1.50"), "-1.50"),
            (datetime(2025, 3, 1, 9, 30, tzinfo=UTC), "2025-03-01T09:30:00Z"),
            (Severity.ERROR, "error"),
            ("SMITH - SONS = 1", "SMITH - SONS = 1"),
        ],
    )
    def test_is_what_anybody_can_read_back(self, value, written):
        assert cell(value) == written


class TestCsvOutput:
    def test_quotes_what_would_end_a_cell(self):
        file = io.StringIO(newline="")

        CsvOutput(file, ("a", "b")).write(('x,"y"\nz', 1))

        assert file.getvalue() == 'a,b\n"x,""y""\nz",1\n'
        assert list(csv.reader(io.StringIO(file.getvalue(), newline=""))) == [
            ["a", "b"],
            ['x,"y"\nz', "1"],
        ]
