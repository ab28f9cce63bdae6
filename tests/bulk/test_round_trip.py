"""What is exported and imported again changes nothing; no text is lost or run. Both databases."""

import sys
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from backoffice_api.adapters.csv_file import UnreadableFile
from backoffice_api.adapters.csv_output import cell, is_formula, unguarded
from backoffice_api.adapters.sheets import read_sheet, write_sheet
from backoffice_api.domain.bulk.model.fields import FIELDS, fields_of, read_row
from backoffice_api.domain.bulk.model.runs import BulkKind, SheetFormat
from backoffice_api.domain.bulk.model.values import PLAIN
from backoffice_api.domain.bulk.queries.sheets import SHEETS
from backoffice_api.domain.orders.commands.channels import CreateChannel, create_channel
from backoffice_api.domain.stock.commands.locations import CreateLocation, create_location
from backoffice_api.domain.stock.model.locations import LocationKind
from tests.bulk.desk import lines, table
from tests.databases import count_statements
from tests.thorough import usually_on

CREATE = """
mutation ($input: ProductCreateInput!) {
  productCreate(input: $input) { product { id } userErrors { code } }
}
"""
CUSTOMER = """
mutation ($input: CustomerCreateInput!) {
  customerCreate(input: $input) { customer { id } userErrors { code } }
}
"""
ODD = ["=1+1", "'=x", "''tis", "-5", "@a|b", " a ", 'say "no"; or, not', "a\r\nb", "[1]", "ü😀"]

# What both databases keep, and what is no control sign of XML, which workbooks cannot hold.
TEXTS = st.text(
    st.characters(
        min_codepoint=32, exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"
    ),
    max_size=20,
)


ROWS = st.lists(
    st.tuples(TEXTS, st.lists(TEXTS.filter(str.strip), max_size=3)), min_size=1, max_size=4
)


async def fill(desk):
    """A shop with everything that is hard to write into a cell."""
    for number, text in enumerate(ODD):
        made = await desk.world.graphql(
            CREATE,
            input={
                "title": text,
                "description": text,
                "brand": text,
                "optionNames": ["Size", "Colour"],
                "externalIds": [{"system": "erp:|", "key": text}],
                "variants": [
                    {
                        "sku": f"{text}{number}",
                        "optionValues": [text, "M|L"],
                        "barcodes": [{"code": text, "kind": "OTHER", "packQuantity": 6}],
                        "prices": [{"amount": "0.0375", "currency": "EUR"}],
                        "externalIds": [{"system": "erp", "key": text}],
                        "weightG": number,
                    }
                ],
            },
        )
        assert made["productCreate"]["userErrors"] == []
        address = {"lines": [text, "-"], "city": text, "country": "GB", "isDefaultBilling": True}
        made = await desk.world.graphql(
            CUSTOMER,
            input={
                "name": text,
                "kind": "COMPANY",
                "note": text,
                "tags": [text, "a|b"],
                "addresses": [address, {**address, "isDefaultBilling": False}],
            },
        )
        assert made["customerCreate"]["userErrors"] == []
    await desk.world.graphql(CREATE, input={"title": "Empty"})
    desk.world.run(
        create_location, CreateLocation(code="-MAIN", name="Main", kind=LocationKind.WAREHOUSE)
    )
    desk.world.run(
        create_channel, CreateChannel(code="web", name="Web", currency="EUR", number_prefix="W-")
    )
    stock = "".join(
        f'"{text.replace(chr(34), chr(34) * 2)}{n}",-MAIN,{n}\r\n'
        for n, text in enumerate(ODD)
        if n in (3, 4, 6)
    )
    done = await desk.imported("stock", f"sku,location,on_hand\r\n{stock}")
    assert done["rowsRejected"] == 0
    rows = "web,W-1,2025-01-05T10:00:00Z,=POST,1,4.90,charge,-Postage\n"
    done = await desk.imported(
        "orders", f"channel,number,placed_at,sku,quantity,unit_price,line_kind,line_title\n{rows}"
    )
    assert done["rowsRejected"] == 0


# Go round in test_details.py: there is something of them.
OF_DETAILS = {
    BulkKind.PRODUCT_FIELDS,
    BulkKind.VARIANT_FIELDS,
    BulkKind.CUSTOMER_FIELDS,
    BulkKind.COSTS,
    BulkKind.LIST_PRICES,
}


class TestWhatIsExported:
    @usually_on("sqlite")
    @pytest.mark.parametrize("format", ["CSV", "XLSX", "JSONL"])
    async def test_changes_nothing_when_it_is_imported(self, desk, format):
        await fill(desk)
        before = desk.events()

        for kind in set(BulkKind) - OF_DETAILS:
            content = await desk.exported(kind.value, format)
            done = await desk.imported(kind.value, content, f"rows.{format.lower()}")
            found = {name: done[name] for name in ("status", "rowsUnchanged", "rowsRejected")}
            assert found == {
                "status": "FINISHED",
                "rowsUnchanged": done["rowsTotal"],
                "rowsRejected": 0,
            }, (kind, done, done["report"] and desk.report(done["id"]))
            assert done["rowsTotal"] > 0

        assert desk.events() == before

    async def test_brings_back_what_was_changed_since(self, desk):
        await desk.imported("products", "sku,title,brand\nMUG,Mug,Ours\n")
        kept = await desk.exported("products")
        await desk.imported("products", "sku,title,brand\nMUG,Cup,\n")

        done = await desk.imported("products", kept)

        assert done["rowsChanged"] == 1
        assert await desk.exported("products") == kept

    async def test_is_what_the_list_shows(self, desk):
        await desk.imported("products", "sku,title,brand\nMUG,Mug,Ours\nCUP,Cup,Theirs\n")

        ours = await desk.exported("products", products={"brand": {"eq": "Ours"}})
        found = await desk.exported("variants", "JSONL", search="cup")

        assert [each["sku"] for each in table(ours)] == ["MUG"]
        assert [each["sku"] for each in lines(found)] == ["CUP"]

    async def test_takes_a_constant_number_of_statements_for_each_page(self, desk):
        counts = []
        for number in (3, 30):
            rows = "".join(f"S{n},T{n}\n" for n in range(number))
            await desk.imported("products", f"sku,title\n{rows}")
            with count_statements(desk.world.database) as statements:
                await desk.exported("products")
            counts.append(len(statements))

        assert counts[0] == counts[1]

    @pytest.mark.parametrize("kind", list(BulkKind))
    def test_has_columns_that_imports_know(self, kind):
        known = {each.name for each in FIELDS[kind]}
        shown_only = {
            "reserved",
            "available",
            "created_at",
            "status",
            "fulfillment_status",
            "discount",
            "shipping",
            "tax",
            "total",
            "current_total",
            "line_subtotal",
        }

        columns = SHEETS[kind].columns

        assert set(columns) - shown_only <= known
        assert fields_of(kind, columns, {})[0] == columns[0]


class TestText:
    @given(TEXTS)
    def test_comes_back_from_a_cell_as_it_was(self, text):
        assert unguarded(cell(text)) == text
        assert not is_formula(cell(text))

    @pytest.mark.parametrize("text", ["=1", "'=1", "''", "'tis", "\t", "-", "plain"])
    def test_with_apostrophes_is_told_apart(self, text):
        assert unguarded(cell(text)) == text

    @pytest.mark.parametrize("format", list(SheetFormat))
    @settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(rows=ROWS)
    def test_and_lists_come_back_from_every_format(self, tmp_path, format, rows):
        path = tmp_path / "rows"
        columns = ("title", "option_names", "sku")
        with write_sheet(path, format, columns) as sheet:
            for title, names in rows:
                sheet.write((title, names, "S"))

        with read_sheet(path, format, name="rows") as sheet:
            found = [read_row(BulkKind.PRODUCTS, columns, raw, PLAIN) for raw in sheet.rows()]

        assert [row.faults for row in found] == [()] * len(rows)
        assert [(row.given["title"] or "", row.given["option_names"] or ()) for row in found] == [
            (title, tuple(names)) for title, names in rows
        ]


class TestWorkbook:
    def test_holds_no_formula(self, tmp_path):
        path = tmp_path / "rows.xlsx"
        with write_sheet(path, SheetFormat.XLSX, ("a", "b", "c")) as sheet:
            sheet.write(("=1+1", "http://x.example", -5))

        assert CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python() == [
            ["a", "b", "c"],
            ["=1+1", "http://x.example", -5.0],
        ]
        with zipfile.ZipFile(path) as archive:
            text = archive.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in text
        assert "hyperlink" not in text

    def test_is_refused_when_its_reader_is_killed_within_a_row(self, tmp_path, monkeypatch):
        path, reader = tmp_path / "rows.xlsx", tmp_path / "reader"
        with write_sheet(path, SheetFormat.XLSX, ("a",)):
            pass
        reader.write_text("""#!/bin/sh\nprintf '[0,["a"]]\\n[1,["b'\nkill -9 $$\n""")
        reader.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(reader))

        with (
            read_sheet(path, SheetFormat.XLSX, name="rows") as sheet,
            pytest.raises(UnreadableFile, match="too much memory or time"),
        ):
            list(sheet.rows())
