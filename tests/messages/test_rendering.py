"""Templates: what may stand in one, and what comes out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.messages.model.facts import (
    CustomerFacts,
    Facts,
    FulfillmentFacts,
    InvoiceFacts,
    LineFacts,
    OrderFacts,
    ParcelFacts,
    RefundFacts,
    ReminderFacts,
    ShopFacts,
    SurveyFacts,
    variables,
)
from backoffice_api.domain.messages.model.rendering import (
    BadTemplate,
    MessageTooLong,
    Wording,
    check_template,
    render,
)
from backoffice_api.domain.messages.model.templates import LOCALES, best_locale, defaults
from backoffice_api.domain.messages.model.topics import SURVEY_TOPICS, TOPICS, MessageTopic

FACTS = Facts(
    shop=ShopFacts(name="Shop"),
    customer=CustomerFacts(name="Ana <b>"),
    order=OrderFacts(
        number="W-1",
        placed_on="2025-03-01",
        subtotal="20.00 EUR",
        discount="0.00 EUR",
        shipping="4.50 EUR",
        tax="0.00 EUR",
        total="24.50 EUR",
        recipient="Ana",
        city="Porto",
        lines=(LineFacts(sku="MUG", title="Mug", quantity=2, subtotal="20.00 EUR"),) * 2,
    ),
    fulfillment=FulfillmentFacts(number="F-1"),
    parcels=(ParcelFacts(carrier="usps", number="N1", state="in_transit", cause=""),),
    refund=RefundFacts(amount="5.00 EUR"),
    invoice=InvoiceFacts(number="I-1", total="24.50 EUR"),
    reminder=ReminderFacts(
        kind="reminder", amount="24.50 EUR", fee="0.00 EUR", due_on="2025-03-01", days_overdue="7"
    ),
    survey=SurveyFacts(link="https://shop.example/s/1", ticket="T-1", closes_on="2025-03-31"),
)
PLACED = MessageTopic.ORDER_PLACED
WORDS = (
    *("{{", "}}", "{%", "%}", "for", "in", "if", "endif", "endfor", "order", ".", "|", "lines"),
    *("number", "l", "(", ")", "[", "'x'", "~", "*", "upper", "set", "=", "not"),
)


def text_of(source, topic=PLACED):
    check_template(source, topic)
    return render(Wording("x", source, None), FACTS).text


class TestRender:
    @pytest.mark.parametrize(
        ("source", "text"),
        [
            ("{{ order.number }} at {{ shop.name|upper }}", "W-1 at SHOP"),
            ("{% for l in order.lines %}{{ loop.index }}{{ l.sku }} {% endfor %}", "1MUG 2MUG "),
            ("{% for l in order.lines if l.quantity > 2 %}x{% else %}none{% endfor %}", "none"),
            ("{% if order.city == 'Porto' and order.lines %}yes{% endif %}", "yes"),
            ("{{ 'a' if order.lines|length == 2 else 'b' }}", "a"),
            ("{{ customer.name ~ '!' }}", "Ana <b>!"),
            ("{{ order.city|default('nowhere')|trim }}", "Porto"),
        ],
    )
    def test_writes_what_the_facts_say(self, source, text):
        assert text_of(source) == text

    @pytest.mark.parametrize(
        "source", ["{% if order.total > 100 %}x{% endif %}", "{{ order.number|trim(1) }}"]
    )
    def test_refuses_to_compare_and_cut_what_has_another_type(self, source):
        with pytest.raises(BadTemplate, match="Line 1: It cannot be written"):
            text_of(source)

    def test_escapes_what_comes_from_people_in_html(self):
        rendered = render(Wording("{{ customer.name }}", "t", "<p>{{ customer.name }}</p>"), FACTS)

        assert rendered.html == "<p>Ana &lt;b&gt;</p>"
        assert rendered.subject == "Ana <b>"

    def test_makes_one_line_of_the_subject(self):
        assert render(Wording(" a\r\nBcc: x\n", "t", None), FACTS).subject == "a Bcc: x"

    def test_stops_what_writes_too_much(self):
        line = "{% for a in order.lines %}{% for b in order.lines %}" + "x" * 19_000
        source = line + "{% endfor %}{% endfor %}"
        check_template(source * 3, PLACED)

        with pytest.raises(MessageTooLong):
            render(Wording("x", source * 3, None), FACTS)


class TestCheckTemplate:
    @pytest.mark.parametrize(
        ("source", "code"),
        [
            ("{{ order.nmber }}", "UNKNOWN_VARIABLE"),
            ("{{ ordr }}", "UNKNOWN_VARIABLE"),
            ("{{ parcels }}", "UNKNOWN_VARIABLE"),
            ("{% for l in order.lines %}{{ l.price }}{% endfor %}", "UNKNOWN_VARIABLE"),
            ("{% for l in order.lines %}{% endfor %}{{ l.sku }}", "UNKNOWN_VARIABLE"),
            ("{{ order.__class__ }}", "UNKNOWN_VARIABLE"),
            ("{{ order.number.__class__.__mro__ }}", "UNKNOWN_VARIABLE"),
            ("{{ order.number.upper }}", "UNKNOWN_VARIABLE"),
            ("{{ loop.index }}", "UNKNOWN_VARIABLE"),
            ("{{ order['number'] }}", "FORBIDDEN_IN_TEMPLATE"),
            ("{{ order.number.upper() }}", "FORBIDDEN_IN_TEMPLATE"),
            ("{{ range(9) }}", "FORBIDDEN_IN_TEMPLATE"),
            ("{{ 'a' * 999999999 }}", "FORBIDDEN_IN_TEMPLATE"),
            ("{{ 9 ** 9 ** 9 }}", "FORBIDDEN_IN_TEMPLATE"),
            ("{{ 'x'|center(999999999) }}", "FORBIDDEN_IN_TEMPLATE"),
            ("{{ '%s'|format(order) }}", "FORBIDDEN_IN_TEMPLATE"),
            ("{{ order|attr('number') }}", "FORBIDDEN_IN_TEMPLATE"),
            ("{{ order.number|safe }}", "FORBIDDEN_IN_TEMPLATE"),
            ("{{ order }}", "FORBIDDEN_IN_TEMPLATE"),
            ("{{ order.lines }}", "FORBIDDEN_IN_TEMPLATE"),
            ("{% set a = 'x' %}", "FORBIDDEN_IN_TEMPLATE"),
            ("{% macro m() %}{% endmacro %}", "FORBIDDEN_IN_TEMPLATE"),
            ("{% include 'x' %}", "FORBIDDEN_IN_TEMPLATE"),
            ("{% import 'x' as x %}", "FORBIDDEN_IN_TEMPLATE"),
            ("{% for c in order.number %}{% endfor %}", "FORBIDDEN_IN_TEMPLATE"),
            ("{% for i in [1, 2] %}{% endfor %}", "FORBIDDEN_IN_TEMPLATE"),
            ("{% for a, b in order.lines %}{% endfor %}", "FORBIDDEN_IN_TEMPLATE"),
            (
                "{% for a in order.lines %}{% for b in order.lines %}{% for c in order.lines %}"
                "{% endfor %}{% endfor %}{% endfor %}",
                "FORBIDDEN_IN_TEMPLATE",
            ),
            ("{% if %}", "BAD_TEMPLATE"),
            ("{{ order", "BAD_TEMPLATE"),
            ("{{ 'x'|nofilter }}", "FORBIDDEN_IN_TEMPLATE"),
            ("{{ " + "(" * 5_000 + " }}", "BAD_TEMPLATE"),
        ],
    )
    def test_refuses_what_is_more_than_plain_writing(self, source, code):
        with pytest.raises(DomainError) as refusal:
            check_template(source, PLACED)

        assert refusal.value.code == code

    def test_says_where_it_is_wrong(self):
        with pytest.raises(DomainError, match=r"Line 3: there is no 'nmber' here\."):
            check_template("a\nb\n{{ order.nmber }}", PLACED)

    @settings(max_examples=60, deadline=None)
    @given(
        some.lists(
            some.sampled_from(WORDS),
            max_size=14,
        )
    )
    def test_takes_nothing_that_cannot_be_written(self, words):
        source = " ".join(words)
        try:
            check_template(source, PLACED)
        except DomainError:
            return

        render(Wording("x", source, source), FACTS)


class TestDefaults:
    @pytest.mark.parametrize("locale", LOCALES)
    @pytest.mark.parametrize("topic", MessageTopic)
    def test_are_templates_that_can_be_written(self, locale, topic):
        wording = defaults(locale)[topic]
        for part in (wording.subject, wording.text, wording.html):
            check_template(part, topic)

        rendered = render(wording, FACTS)

        assert rendered.subject
        number = "T-1" if topic is MessageTopic.TICKET_SURVEY else "W-1"
        assert number in rendered.text + rendered.subject
        assert rendered.text.rstrip().endswith("Shop")

    def test_are_there_for_every_topic(self):
        assert set(TOPICS.values()) | SURVEY_TOPICS == set(MessageTopic) == set(defaults("en"))


class TestVariables:
    def test_name_everything_that_a_template_may_use(self):
        paths = [each.path for each in variables(PLACED)]

        assert "order.lines[].title" in paths
        assert "parcels" not in paths
        assert all(each.says for each in variables(MessageTopic.ORDER_SHIPPED))
        for topic in MessageTopic:
            for each in variables(topic):
                if "[]" not in each.path and each.kind != "list":
                    check_template(f"{{{{ {each.path} }}}}", topic)


class TestBestLocale:
    @pytest.mark.parametrize(
        ("wanted", "there", "best"),
        [
            ("pt-BR", ["en", "pt", "pt-BR"], "pt-BR"),
            ("pt-BR", ["en", "pt"], "pt"),
            ("pt-PT", ["en", "pt-BR"], "pt-BR"),
            ("fr", ["de", "en"], "en"),
            (None, ["de", "pt-BR"], "de"),
            ("fr", [], None),
        ],
    )
    def test_is_the_nearest_there_is(self, wanted, there, best):
        assert best_locale(wanted, there) == best
