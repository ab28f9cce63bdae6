"""What is refused of drafts, and the papers that belong to them. On both databases."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from backoffice_api.domain.catalog.commands.categories import (
    CreateCategory,
    SetProductCategories,
    create_category,
    set_product_categories,
)
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.media.commands.files import DoomUnusedFiles, doom_unused_files
from backoffice_api.domain.media.model import FileStatus, MediaType
from backoffice_api.domain.media.tables import media_files
from backoffice_api.domain.payables.commands.approving import SubmitBill, submit_bill
from backoffice_api.domain.payables.commands.crediting import ApplyCreditNote, apply_credit_note
from backoffice_api.domain.payables.commands.entering import UpdateBill, update_bill
from backoffice_api.domain.payables.commands.paying import RecordBillPayment, record_bill_payment
from backoffice_api.domain.payables.commands.tolerances import (
    RemoveMatchTolerance,
    SetMatchTolerance,
    remove_match_tolerance,
    set_match_tolerance,
)
from backoffice_api.domain.payables.model.bills import BillKind, number_key
from backoffice_api.domain.payables.model.drafts import (
    AttachmentDraft,
    BillLineDraft,
    InstalmentDraft,
)
from backoffice_api.domain.payables.queries import bills as queries
from backoffice_api.domain.products import queries as products
from tests.payables.accounting import DAY, Accounting
from tests.purchasing.desk import ANNA, euros
from tests.world import NOW

NOBODY = UUID(int=1)
WHOLE, HALF = euros("10"), euros("5")


def part(amount: Money, **values: Any) -> InstalmentDraft:
    return InstalmentDraft(due_on=DAY, amount=amount, **values)


def codes(refusal: DomainError) -> list[tuple[str, tuple[str | int, ...]]]:
    return [(each.code, each.path) for each in refusal.reasons()]


class TestCreate:
    def test_says_all_that_is_wrong(self, books: Accounting) -> None:
        rent, goods = books.service("10"), books.goods(1)
        other = books.desk.supplier("OTHER")
        dollars = Money(1000, "USD")
        both = BillLineDraft(order_line_id=books.line.id, account_id=books.account(), quantity=1)
        cases: list[tuple[tuple[BillLineDraft, ...], dict[str, Any], str, tuple[Any, ...]]] = [
            ((rent,), {"supplier_id": NOBODY}, "UNKNOWN_SUPPLIER", ("supplier_id",)),
            ((rent,), {"number": " "}, "INVALID_TEXT", ("number",)),
            ((rent,), {"currency": "XXY"}, "UNKNOWN_CURRENCY", ()),
            ((both,), {}, "GOODS_OR_SERVICE", ("lines", 0, "account_id")),
            (
                (goods,),
                {"supplier_id": other},
                "ORDER_OF_ANOTHER_SUPPLIER",
                ("lines", 0, "order_line_id"),
            ),
            (
                (BillLineDraft(order_line_id=NOBODY, quantity=1),),
                {},
                "UNKNOWN_PURCHASE_ORDER_LINE",
                ("lines", 0, "order_line_id"),
            ),
            (
                (BillLineDraft(account_id=NOBODY, amount=WHOLE),),
                {},
                "UNKNOWN_LEDGER_ACCOUNT",
                ("lines", 0, "account_id"),
            ),
            (
                (BillLineDraft(order_line_id=books.line.id),),
                {},
                "QUANTITY_NEEDED",
                ("lines", 0, "quantity"),
            ),
            ((BillLineDraft(amount=dollars),), {}, "CURRENCY_MISMATCH", ("lines", 0, "amount")),
            ((BillLineDraft(amount=-WHOLE),), {}, "TOTAL_BELOW_ZERO", ("lines",)),
            ((rent,), {"instalments": (part(HALF),)}, "INSTALMENTS_DIFFER", ("instalments",)),
            (
                (rent,),
                {"instalments": (part(WHOLE, discount=WHOLE, discount_until=DAY),)},
                "INSTALMENT_WRONG",
                ("instalments", 0),
            ),
            (
                (rent,),
                {"attachments": (AttachmentDraft(file_id=NOBODY, name="Paper"),)},
                "UNKNOWN_ATTACHMENT",
                ("attachments", 0, "file_id"),
            ),
        ]
        for lines, values, code, path in cases:
            with pytest.raises(DomainError) as refused:
                books.draft(*lines, **values)
            assert codes(refused.value) == [(code, path)]

    def test_is_due_as_agreed_with_the_supplier(self, books: Accounting) -> None:
        bill = books.bill(books.draft(books.service("10")))

        assert bill.due_on == DAY + timedelta(days=30)

    def test_may_be_a_draft_that_nobody_can_book_yet(self, books: Accounting) -> None:
        bill = books.draft(BillLineDraft(description="?", amount=WHOLE))

        with pytest.raises(DomainError) as refused:
            books.world.run(submit_bill, SubmitBill(id=bill), caller=ANNA)
        assert codes(refused.value) == [("LINE_UNASSIGNED", ("lines", 0))]


class TestUpdate:
    def test_keeps_what_is_not_named(self, books: Accounting) -> None:
        parts = (part(euros("4")), InstalmentDraft(due_on=date(2025, 9, 1), amount=euros("6")))
        bill = books.draft(books.service("10"), instalments=parts, note="Paper")

        books.world.run(update_bill, UpdateBill(id=bill, number="N-2"), caller=ANNA)

        after = books.bill(bill)
        assert (after.number, after.note, after.total, after.version) == ("N-2", "Paper", WHOLE, 2)
        assert len(books.world.read(queries.instalments_of, bill)) == 2
        lines = (books.service("12"),)
        with pytest.raises(DomainError) as refused:
            books.world.run(update_bill, UpdateBill(id=bill, lines=lines))
        assert refused.value.code == "INSTALMENTS_DIFFER"
        due = UpdateBill(id=bill, lines=lines, due_on=date(2025, 8, 1))
        books.world.run(update_bill, due, caller=ANNA)
        assert (books.bill(bill).total, books.bill(bill).due_on) == (
            euros("12"),
            date(2025, 8, 1),
        )
        assert books.broken() == []


class TestAttachments:
    def test_are_kept_as_long_as_a_bill_names_them(self, books: Accounting) -> None:
        file = UUID(int=77)
        with books.world.database.writing.begin() as db:
            db.execute(
                media_files.insert().values(
                    id=file,
                    created_at=NOW,
                    hash="0" * 64,
                    media_type=MediaType.PDF,
                    byte_size=9,
                    status=FileStatus.KEPT,
                    received_at=NOW,
                )
            )
        paper = AttachmentDraft(file_id=file, name="Paper")
        bill = books.draft(books.service("10"), attachments=(paper,))
        late = NOW + timedelta(days=9)
        status = select(media_files.c.status)

        books.world.run(doom_unused_files, DoomUnusedFiles(), now=late)
        assert books.world.read(lambda db: db.execute(status).scalar_one()) is FileStatus.KEPT

        books.world.run(update_bill, UpdateBill(id=bill, attachments=()), caller=ANNA)
        books.world.run(doom_unused_files, DoomUnusedFiles(), now=late)
        assert books.world.read(lambda db: db.execute(status).scalar_one()) is FileStatus.DOOMED


class TestTolerances:
    def test_of_the_nearest_category_count(self, books: Accounting) -> None:
        run = books.world.run
        top = run(create_category, CreateCategory(name="Top", slug="top")).value
        low = run(create_category, CreateCategory(name="Low", slug="low", parent_id=top)).value
        variant = books.world.read(products.variants_by_ids, [books.desk.a])[books.desk.a]
        filed = SetProductCategories(id=variant.product_id, category_ids=(low,), primary_id=low)
        run(set_product_categories, filed)
        run(set_match_tolerance, SetMatchTolerance(quantity_bp=0, price_bp=0))
        run(set_match_tolerance, SetMatchTolerance(category_id=top, quantity_bp=1000, price_bp=0))
        nearest = SetMatchTolerance(category_id=low, quantity_bp=0, price_bp=500)
        rule = run(set_match_tolerance, nearest).value

        assert books.status(books.submitted(books.goods(13)))[1] == "EXCEPTION"
        run(remove_match_tolerance, RemoveMatchTolerance(id=rule))
        assert books.status(books.submitted(books.goods(13)))[1] == "MATCHED"


class TestMoney:
    def test_is_refused_where_it_does_not_fit(self, books: Accounting) -> None:
        bill = books.approved(books.service("10"))
        note = books.approved(books.service("4"), kind=BillKind.CREDIT_NOTE)
        cases = [
            (record_bill_payment, RecordBillPayment(id=bill, amount=euros("0")), "NOT_ABOVE_ZERO"),
            (
                record_bill_payment,
                RecordBillPayment(id=bill, discount=euros("1")),
                "DISCOUNT_TOO_LATE",
            ),
            (
                record_bill_payment,
                RecordBillPayment(id=bill, amount=Money(1, "USD")),
                "CURRENCY_MISMATCH",
            ),
            (record_bill_payment, RecordBillPayment(id=NOBODY), "UNKNOWN_BILL"),
            (apply_credit_note, ApplyCreditNote(id=bill, bill_id=note), "WRONG_KIND_OF_BILL"),
            (
                apply_credit_note,
                ApplyCreditNote(id=note, bill_id=bill, amount=euros("5")),
                "AMOUNT_ABOVE_OPEN",
            ),
            (apply_credit_note, ApplyCreditNote(id=note, bill_id=NOBODY), "UNKNOWN_BILL"),
        ]
        for handler, command, code in cases:
            with pytest.raises(DomainError) as refused:
                books.world.run(handler, command)
            assert refused.value.code == code


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("INV-0042", "inv 42", True),
        ("2025/001", "2025-1", True),
        ("A0", "A", False),
        ("1001/1", "100/11", False),
        ("№ 7", "7", True),
        ("---", "***", False),
    ],
)
def test_numbers_are_compared_without_signs_and_zeros(first: str, second: str, same: bool) -> None:
    assert (number_key(first) == number_key(second)) is same
