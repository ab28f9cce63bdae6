"""Orders whose taxes are calculated, from draft to invoice. On both databases."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest

from backoffice_api.domain.customers.commands.customers import CreateCustomer, create_customer
from backoffice_api.domain.customers.model import CustomerDraft, CustomerKind, TaxId
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.tax_ids import TaxIdKind
from backoffice_api.domain.orders.commands.cancelling import CancelOrder, cancel_order
from backoffice_api.domain.orders.commands.drafts import CreateOrder, create_order
from backoffice_api.domain.orders.commands.editing import EditOrder, edit_order
from backoffice_api.domain.orders.commands.placing import PlaceOrder, place_order
from backoffice_api.domain.orders.commands.quotes import SendQuote, send_quote
from backoffice_api.domain.orders.commands.splitting import SplitOrder, split_order
from backoffice_api.domain.orders.commands.taxing import ASK_JOB
from backoffice_api.domain.orders.model.edits import LineChange
from backoffice_api.domain.orders.model.lines import LineQuantity
from backoffice_api.domain.orders.model.orders import CancelReason, OrderDiscount
from backoffice_api.domain.taxes.commands.rates import (
    CreateTaxRate,
    RemoveTaxRate,
    UpdateTaxRate,
    create_tax_rate,
    remove_tax_rate,
    update_tax_rate,
)
from backoffice_api.domain.taxes.model.categories import TaxCategory
from backoffice_api.domain.taxes.model.engine import RateEngine
from backoffice_api.domain.taxes.model.questions import TaxAnswer
from backoffice_api.domain.taxes.model.rates import TaxRateOverlaps
from backoffice_api.domain.taxes.model.sheets import TaxAnswerStatus
from backoffice_api.domain.taxes.model.terms import TaxRounding, TaxSource
from backoffice_api.domain.taxes.ports import TaxProviderSilent
from backoffice_api.tasks.installed import TAX_ENGINES, installed
from backoffice_api.tasks.taxes import (
    AskTaxProvider,
    tax_tasks,
)
from tests.databases import count_statements
from tests.execute.steps import at_once
from tests.orders.shop import POSTAGE, address, euros, goods, price
from tests.taxes.desk import GERMAN
from tests.taxes.test_engine import rate
from tests.world import NOW


class TestDrafts:
    def test_get_the_tax_that_nobody_gave(self, desk):
        lines = (goods("MUG", 3), goods("BOOK", 2), goods("MUG", 1, tax=euros(1)), POSTAGE)
        id = desk.create(*lines, shipping=euros(400), shipping_address=GERMAN)

        order, sheet = desk.order(id), desk.sheet(id)

        assert desk.taxes(id) == [570, 140, 1, 86, 76]
        assert (order.tax_included, order.total) == (False, euros(6450 + 400 + 873))
        assert (sheet.status, sheet.country) == (TaxAnswerStatus.RATES, "DE")
        assert [each.rate_id for each in sheet.taxed] == [
            desk.standard,
            desk.reduced,
            desk.standard,
            desk.standard,
        ]
        assert sheet.taxed[-1].line_id is None

    def test_follow_what_is_changed(self, desk):
        lines = (goods("MUG", 3), goods("MUG", 1, tax=euros(1)))
        id = desk.create(*lines, shipping=euros(400), shipping_address=GERMAN)

        tenth = OrderDiscount("Tenth", None, 400, "EUR")
        desk.update(id, discounts=(tenth,))
        assert desk.taxes(id) == [513, 1, 76]
        desk.update(id, shipping_address=address(country="AT", region=None))
        assert desk.taxes(id) == [540, 1, 80]
        desk.update(id, shipping_tax=euros(0), tax_included=True)
        assert desk.taxes(id) == [450, 1, 0]
        desk.update(id, lines=(goods("BOOK", 1),))
        assert desk.taxes(id) == [100, 0]
        desk.update(id, shipping_tax=None, shipping=None)
        assert (desk.taxes(id), desk.broken()) == ([100, 0], [])

    def test_are_taxed_anew_when_placed_and_never_after(self, desk):
        id = desk.create(goods("MUG", 2))
        desk.world.run(update_tax_rate, UpdateTaxRate(id=desk.standard, rate_ppm=160_000))

        desk.place_draft(id)
        desk.world.run(remove_tax_rate, RemoveTaxRate(id=desk.standard))

        assert desk.taxes(id) == [320, 0]
        assert desk.order(id).total == euros(2320)
        assert desk.sheet(id).taxed[0].rate == 16

    def test_are_not_placed_without_a_rate(self, desk):
        id = desk.create(goods("MUG", 1), shipping_address=address())

        assert desk.taxes(id) == [0, 0]
        assert desk.refused(place_order, PlaceOrder(id=id)) == ["NO_TAX_RATE"]
        again = CreateOrder(
            channel="web", lines=(goods("MUG"),), shipping_address=address(), place=True
        )
        assert desk.refused(create_order, again) == ["NO_TAX_RATE"]
        desk.rate("Export", category=TaxCategory.EXPORT)
        desk.place_draft(id)
        assert desk.sheet(id).taxed[0].reason == "Export outside the EU"

    def test_of_businesses_bear_no_tax_where_they_owe_it(self, desk):
        vat = TaxId(TaxIdKind.VAT, "ATU12345675")
        draft = CustomerDraft(kind=CustomerKind.COMPANY, name="Wien GmbH", tax_ids=(vat,))
        customer = desk.world.run(create_customer, CreateCustomer(draft=draft)).value
        vienna = address(country="AT", region=None)

        id = desk.place(goods("MUG", 3), customer_id=customer, shipping_address=vienna)

        (line,) = desk.invoice_lines(desk.bill(id))
        assert (line.tax_category, line.tax_minor) == (TaxCategory.REVERSE_CHARGE, 0)
        assert line.tax_reason == "Reverse charge"

    def test_are_rounded_as_a_whole_if_the_channel_says_so(self, desk):
        three = [goods("MUG", 1, unit_price=price(130_000)) for _ in range(3)]
        assert desk.taxes(desk.create(*three)) == [2, 2, 2, 0]
        desk.terms(rounding=TaxRounding.ORDER, prices_include_tax=True)

        id = desk.create(*three)

        assert desk.taxes(id) == [2, 2, 2, 0]
        assert desk.order(id).tax_included
        assert sum(desk.taxes(desk.create(*three, tax_included=False))) == 7

    def test_keep_the_tax_that_a_quote_offered(self, desk):
        id = desk.create(goods("MUG", 2))
        until = NOW + timedelta(days=3)
        desk.world.run(send_quote, SendQuote(id=id, valid_until=until))
        desk.world.run(update_tax_rate, UpdateTaxRate(id=desk.standard, rate_ppm=160_000))

        desk.place_draft(id)

        assert desk.order(id).total == euros(2380)


class TestChannelsWithoutIt:
    def test_are_as_they_were_and_cost_no_statement_more(self, desk):
        desk.terms(source=TaxSource.GIVEN)

        with count_statements(desk.world.database) as seen:
            id = desk.place(goods("MUG", 3), goods("MUG", 1, tax=euros(1)))

        assert not [each for each in seen if "tax_rates" in each or "order_taxes" in each]
        assert (desk.taxes(id), desk.sheet(id)) == ([0, 1, 0], None)
        assert not desk.order(id).tax_included


class TestPlaced:
    def test_are_edited_at_the_rates_that_they_froze(self, desk):
        id = desk.place(goods("MUG", 3), goods("BOOK", 2), shipping=euros(400))
        desk.world.run(update_tax_rate, UpdateTaxRate(id=desk.standard, rate_ppm=160_000))
        mug, book = desk.lines(id)

        command = EditOrder(
            id=id,
            lines=(
                LineChange(line_id=mug.id, quantity=5),
                LineChange(line_id=book.id, unit_price=price(20_000_000)),
            ),
            add_lines=(goods("MUG", 1), goods("MUG", 1, tax=euros(7))),
            shipping=euros(200),
        )
        desk.world.run(edit_order, command)

        assert desk.taxes(id) == [950, 280, 160, 7, 38]
        fourth = OrderDiscount("Off", None, 1100, "EUR")
        desk.world.run(edit_order, EditOrder(id=id, discounts=(fourth,)))
        assert desk.taxes(id)[-2:] == [7, 38]
        assert sum(desk.taxes(id)[:3]) < 950 + 280 + 160
        lines = (LineChange(line_id=mug.id, tax=euros(1)),)
        desk.world.run(edit_order, EditOrder(id=id, lines=lines))
        assert mug.id not in desk.sheet(id).verdicts
        assert desk.broken() == []

    def test_get_a_delivery_that_is_taxed_as_the_goods_that_were_there(self, desk):
        id = desk.place(goods("BOOK", 2), goods("MUG", 1))

        desk.world.run(edit_order, EditOrder(id=id, shipping=euros(1000)))

        assert desk.taxes(id) == [140, 190, 70]
        assert desk.broken() == []

    def test_are_split_with_the_tax_of_the_delivery(self, desk):
        id = desk.place(goods("MUG", 3), shipping=euros(400))
        (mug,) = desk.lines(id)
        command = SplitOrder(id=id, lines=(LineQuantity(mug.id, 1),), shipping=euros(100))

        part = desk.world.run(split_order, command).value

        assert [desk.order(each).shipping_tax_minor for each in (id, part)] == [57, 19]
        assert [desk.order(each).current.total for each in (id, part)] == [euros(2737), euros(1309)]
        assert [each.tax_rate for each in desk.invoice_lines(desk.bill(part))] == [19, 19]
        assert desk.broken() == []

    def test_are_split_cancelled_and_billed_with_their_rates(self, desk):
        id = desk.place(goods("MUG", 3), goods("BOOK", 2), shipping=euros(400))
        mug, book = desk.lines(id)
        gone = (LineQuantity(line_id=mug.id, quantity=1),)
        other = desk.world.run(split_order, SplitOrder(id=id, lines=gone)).value
        gone = (LineQuantity(line_id=book.id, quantity=1),)
        desk.world.run(cancel_order, CancelOrder(id=id, lines=gone, reason=CancelReason.CUSTOMER))

        whole, part = (desk.invoice(desk.bill(each)) for each in (id, other))

        assert desk.order(id).current.tax + desk.order(other).current.tax == euros(570 + 70 + 76)
        assert whole.tax + part.tax == euros(570 + 70 + 76)
        rates = {each.tax_rate for each in desk.invoice_lines(whole.id)}
        assert rates == {19, 7}
        assert [each.rate for each in desk.sheet(other).taxed] == [19]
        assert desk.broken() == []


class Provider:
    """One that answers by a rate of its own, or as it is told to."""

    def __init__(self, answer=None):
        self.asked = []
        self._answer = answer

    def taxes(self, question, timeout_s):
        self.asked.append((question, timeout_s))
        if isinstance(self._answer, Exception):
            raise self._answer
        good = RateEngine([rate(1, 210_000, country=None)]).taxes(question)
        return self._answer(good) if self._answer else good


class TestProvider:
    def ask(self, desk, id, provider):
        return AskTaxProvider(desk.world.database, {"outside": provider}, lambda: NOW)(id)

    def test_is_asked_about_drafts_and_its_word_counts(self, desk):
        desk.terms(provider="outside")
        id = desk.create(goods("MUG", 2), shipping=euros(100), shipping_address=GERMAN)
        assert (desk.taxes(id), desk.sheet(id).status) == ([380, 19], TaxAnswerStatus.ASKED)
        assert "orders.ask_tax_provider" in desk.jobs()
        provider = Provider()

        assert self.ask(desk, id, provider)
        assert not self.ask(desk, id, provider)
        desk.place_draft(id, now=NOW + timedelta(days=1))

        ((question, timeout_s),) = provider.asked
        assert (question.place.postal_code, timeout_s) == ("10115", 10.0)
        assert (desk.taxes(id), desk.order(id).total) == ([420, 21], euros(2541))
        assert desk.sheet(id).status is TaxAnswerStatus.ANSWERED
        assert [each.type for each in desk.log(id)][1:] == ["order.taxed", "order.placed"]
        (line, _) = desk.invoice_lines(desk.bill(id))
        assert line.tax_rate == 21
        assert desk.broken() == []

    def test_comes_with_a_package_that_is_installed(self, desk, tmp_path, monkeypatch):
        (tmp_path / "acme_taxes.py").write_text(
            "from tests.taxes.test_order_taxes import Provider as Acme", encoding="utf-8"
        )
        info = tmp_path / "acme_taxes-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-taxes\nVersion: 1\n")
        (info / "entry_points.txt").write_text(f"[{TAX_ENGINES}]\noutside = acme_taxes:Acme\n")
        monkeypatch.syspath_prepend(tmp_path)
        desk.terms(provider="outside")
        id = desk.create(goods("MUG", 2))

        work = tax_tasks(desk.world.database, installed(TAX_ENGINES))[ASK_JOB].work

        assert work({"id": ids.text("ord", id)}, lambda *_: True) is False
        assert desk.sheet(id).status is TaxAnswerStatus.ANSWERED

    def test_that_is_silent_or_answers_garbage_leaves_the_rates(self, desk):
        desk.terms(provider="outside")
        first, second, third, last = made = [desk.create(goods("MUG", 2)) for _ in range(4)]

        for silence in (TaxProviderSilent(), TimeoutError()):
            with pytest.raises(TaxProviderSilent):
                self.ask(desk, first, Provider(silence))
        assert self.ask(desk, second, Provider(lambda good: TaxAnswer(())))
        assert self.ask(desk, third, Provider(lambda good: None))
        assert self.ask(desk, last, Provider(ValueError("broken")))
        for id in made:
            desk.place_draft(id)

        statuses = [desk.sheet(id).status.value for id in made]
        assert statuses == ["rates", "failed", "failed", "failed"]
        assert [desk.taxes(id) for id in made] == [[380, 0]] * 4
        assert desk.sheet(last).message == "ValueError: broken"

    def test_that_failed_is_asked_again_once_the_draft_is_saved(self, desk):
        desk.terms(provider="outside", needs_provider=True)
        id = desk.create(goods("MUG", 2))
        assert self.ask(desk, id, Provider(ValueError("\0")))
        assert desk.sheet(id).message == "ValueError: \ufffd"
        assert desk.refused(place_order, PlaceOrder(id=id)) == ["TAX_NOT_ANSWERED"]

        desk.update(id, note="Once more")

        assert desk.sheet(id).status is TaxAnswerStatus.ASKED
        assert self.ask(desk, id, Provider())
        desk.place_draft(id)
        assert desk.taxes(id) == [420, 0]

    def test_ends_a_quote_whose_tax_it_changes_within_the_same_total(self, desk):
        desk.terms(provider="outside", prices_include_tax=True)
        id = desk.create(goods("MUG", 2))
        until = NOW + timedelta(days=3)
        desk.world.run(send_quote, SendQuote(id=id, valid_until=until))
        total = desk.order(id).total

        assert self.ask(desk, id, Provider())

        assert (desk.order(id).total, desk.order(id).quoted_until) == (total, None)

    def test_answers_in_vain_where_the_draft_is_another_one_by_then(self, desk):
        desk.terms(provider="outside", needs_provider=True)
        id = desk.create(goods("MUG", 2))
        assert desk.refused(place_order, PlaceOrder(id=id)) == ["TAX_NOT_ANSWERED"]

        def meanwhile(good):
            desk.update(id, lines=(goods("MUG", 5),))
            return good

        assert not self.ask(desk, id, Provider(meanwhile))
        assert desk.taxes(id) == [950, 0]
        assert self.ask(desk, id, Provider())
        desk.place_draft(id)
        assert desk.taxes(id) == [1050, 0]


class TestRates:
    def test_of_the_same_goods_follow_each_other(self, desk):
        def refused(**values):
            given = {"name": "New", "country": "DE", "rate_ppm": 1, "valid_from": date(2025, 1, 1)}
            return desk.refused(create_tax_rate, CreateTaxRate(**{**given, **values}))

        assert refused() == ["TAX_RATE_OVERLAPS"]
        end = UpdateTaxRate(id=desk.standard, valid_until=date(2025, 3, 2))
        desk.world.run(update_tax_rate, end)
        assert refused(valid_from=date(2025, 3, 1)) == ["TAX_RATE_OVERLAPS"]
        desk.rate("Later", country="DE", rate_ppm=200_000, valid_from=date(2025, 3, 2))

        today = desk.create(goods("MUG", 1))
        desk.terms(time_zone="Pacific/Auckland")
        evening = datetime(2025, 3, 1, 12, tzinfo=UTC)
        assert desk.taxes(today) == [190, 0]
        assert desk.taxes(desk.create(goods("MUG", 1), now=evening)) == [200, 0]

    def test_of_the_same_goods_are_made_once_by_several_at_once(self, desk):
        def make(country):
            wanted = CreateTaxRate(
                name="New", country=country, rate_ppm=1, valid_from=date(2025, 1, 1)
            )
            try:
                desk.world.run(create_tax_rate, wanted)
            except TaxRateOverlaps:
                return "refused"
            return "made"

        for country in ("FR", "IT", "ES"):
            assert sorted(at_once(*[partial(make, country)] * 4)) == ["made", *["refused"] * 3]
        assert desk.broken() == []

    def test_are_refused_where_they_make_no_sense(self, desk):
        def refused(**values):
            given = {"name": "New", "country": "FR", "rate_ppm": 1, "valid_from": date(2025, 1, 1)}
            return desk.refused(create_tax_rate, CreateTaxRate(**{**given, **values}))

        assert refused(country=None, region="SP") == ["REGION_WITHOUT_COUNTRY"]
        assert refused(country="XX") == ["UNKNOWN_COUNTRY"]
        assert refused(rate_ppm=0) == ["RATE_CONTRADICTS"]
        assert refused(category=TaxCategory.ZERO) == ["RATE_CONTRADICTS"]
        assert refused(hs_prefix="4x") == ["INVALID_HS_PREFIX"]
        assert refused(hs_prefix="49", tax_class="books") == ["TAX_CLASS_OR_HS_CODE"]
        assert refused(valid_until=date(2025, 1, 1)) == ["ENDS_BEFORE_IT_APPLIES"]
        gone = replace(UpdateTaxRate(id=desk.standard), name="Gone")
        desk.world.run(remove_tax_rate, RemoveTaxRate(id=desk.standard))
        assert desk.refused(update_tax_rate, gone) == ["UNKNOWN_TAX_RATE"]
