"""Melhor Envio and the Correios, spoken to over HTTP: one label, whatever happens on the way."""

import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert

from backoffice_api.adapters.carriers import rest
from backoffice_api.adapters.carriers.brazil import centavos, customer, street_and_number
from backoffice_api.adapters.carriers.finding import KnownCarriers
from backoffice_api.adapters.tracking_webhooks import MelhorEnvioSigner, told_in
from backoffice_api.domain.fulfillment.tables import fulfillment_lines, parcel_lines
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.orders.model.orders import AddressKind, OrderAddress
from backoffice_api.domain.orders.queries import lines_by_orders
from backoffice_api.domain.payments.ports import BadSignatureError
from backoffice_api.domain.shipping import queries
from backoffice_api.domain.shipping.commands.labels import (
    BuyLabel,
    VoidLabel,
    buy_label,
    void_label,
)
from backoffice_api.domain.shipping.commands.quotes import CreateRateQuote, create_rate_quote
from backoffice_api.domain.shipping.model.carriers import (
    Carrier,
    CarrierKind,
    CarrierService,
    CarrierStatus,
)
from backoffice_api.domain.shipping.model.quotes import Destination
from backoffice_api.domain.shipping.model.shipments import (
    LabelFormat,
    Shipment,
    ShipmentStatus,
)
from backoffice_api.domain.shipping.ports import (
    CarrierPort,
    CarrierRefusal,
    CarrierSilent,
    Declaration,
    DeclaredItem,
    LabelOrder,
    Purchase,
    RateRequest,
)
from backoffice_api.domain.tracking.model.states import TrackingState
from backoffice_api.domain.tracking.ports import SourceFailsError
from backoffice_api.domain.tracking.queries import trackings_by_parcels
from backoffice_api.tasks.tracking import TrackingWork
from tests.shipping.brazilian_carriers import (
    DAY,
    LOST,
    PDF,
    SENDER,
    SRO,
    CorreiosShop,
    MelhorEnvioShop,
    Shop,
    running,
)
from tests.shipping.desk import SENDER as OURS
from tests.shipping.desk import Desk
from tests.world import NOW

AN_ID = UUID("0195538a-7c00-7000-8000-000000000001")
KEY = f"{AN_ID.hex}1"
MUGS = Declaration("52998224725", None, (DeclaredItem("Mug", 2, Money(1_050, "BRL")),))
CODES = {"ME": CarrierKind.MELHOR_ENVIO, "COR": CarrierKind.CORREIOS}


def secrets(**shops: Shop) -> str:
    """What signs in to the servers, by the codes of the carriers."""
    given: dict[str, Any] = {
        "ME": {"token": "me-token", "contact": "it@shop.example"},
        "COR": {
            "user": "shop",
            "access_key": "secret-code",
            "card": "0067599079",
            "contract": "9912345678",
            "region": 74,
        },
    }
    return json.dumps(
        {code: {**given[code], "sender": SENDER, "url": each.url} for code, each in shops.items()}
    )


def carrier(code: str, **more: Any) -> Carrier:
    made = Carrier(
        AN_ID, 1, NOW, NOW, code, code, CODES[code], CarrierStatus.ACTIVE, "BRL", None, None,
        "America/Sao_Paulo", OURS.name, OURS.lines, OURS.city, OURS.region, OURS.postal_code,
        OURS.country, 0,
    )  # fmt: skip
    return replace(made, **more)


def order(declaration: Declaration = MUGS, *, is_return: bool = False) -> LabelOrder:
    service = CarrierService(
        AN_ID, 1, NOW, NOW, AN_ID, "03220" if is_return else "3", "Any", CarrierStatus.ACTIVE,
        1, 3, None, False, None, None, None, None, (), False,
    )  # fmt: skip
    shipment = Shipment(
        AN_ID, 1, NOW, NOW, "S1", AN_ID, AN_ID, AN_ID, AN_ID, AN_ID, ShipmentStatus.PENDING,
        800, 205, 150, 90, "BRL", 0, 0, None, None, "Ana Souza", ("Rua Augusta 100", "Apto 9"),
        "Consolação", "São Paulo", "SP", "01304-001", "BR", "+5511988887777", 1, KEY, None, None,
        None, None, None, None, None, None,
    )  # fmt: skip
    return LabelOrder(KEY, shipment, service, is_return, declaration)


@pytest.fixture
def melhor_envio() -> Iterator[MelhorEnvioShop]:
    server = MelhorEnvioShop()
    with running(server):
        yield server


@pytest.fixture
def correios(monkeypatch: pytest.MonkeyPatch) -> Iterator[CorreiosShop]:
    monkeypatch.setattr(rest, "PAUSE_S", 0.001)
    server = CorreiosShop()
    with running(server):
        yield server


def port(desk_folder: Any, code: str, server: Shop, **more: Any) -> CarrierPort:
    return KnownCarriers(desk_folder, secrets(**{code: server})).of(carrier(code, **more))


def bought(port: CarrierPort, order: LabelOrder) -> Purchase:
    """What a worker does who finds a call that was begun: it asks, and buys what was not sold."""
    return port.find_label(order) or port.buy_label(order)


class TestMelhorEnvio:
    def test_sells_a_label_in_four_steps(self, tmp_path, melhor_envio) -> None:
        sold = port(tmp_path, "ME", melhor_envio).buy_label(order())

        (id,) = melhor_envio.sold
        assert (sold.reference, sold.cost_minor, sold.currency) == (id, 1_842, "BRL")
        assert sold.tracking_number == f"ME26{id[-4:]}BR"
        assert [(each.format, each.content) for each in sold.files] == [(LabelFormat.PDF, PDF)]
        item = melhor_envio.asked[0][2]
        assert (item["service"], item["volumes"]) == (
            3,
            [{"length": 21, "width": 15, "height": 9, "weight": 0.8}],
        )
        assert item["from"]["company_document"] == "12345678000195"
        assert item["to"] == {
            "name": "Ana Souza",
            "document": "52998224725",
            "phone": "11988887777",
            "address": "Rua Augusta",
            "number": "100",
            "complement": "Apto 9",
            "district": "Consolação",
            "city": "São Paulo",
            "state_abbr": "SP",
            "country_id": "BR",
            "postal_code": "01304001",
        }
        assert item["products"] == [{"name": "Mug", "quantity": 2, "unitary_value": 10.5}]
        assert item["options"]["non_commercial"] is True

    def test_names_the_invoice_where_there_is_one(self, tmp_path, melhor_envio) -> None:
        port(tmp_path, "ME", melhor_envio).buy_label(order(replace(MUGS, fiscal_key="3" * 44)))

        options = melhor_envio.asked[0][2]["options"]
        assert (options["non_commercial"], options["invoice"]) == (False, {"key": "3" * 44})

    def test_brings_a_parcel_back(self, tmp_path, melhor_envio) -> None:
        port(tmp_path, "ME", melhor_envio).buy_label(order(is_return=True))

        item = melhor_envio.asked[0][2]
        assert (item["from"]["name"], item["to"]["name"]) == ("Ana Souza", OURS.name)

    @pytest.mark.parametrize(
        "path", ["cart", "shipment/checkout", "shipment/generate", "orders/*", "imprimir/pdf/*"]
    )
    @pytest.mark.parametrize("fault", [LOST, (503, {}), (422, {"message": "Não"})])
    def test_sells_one_label_wherever_it_breaks_off(
        self, tmp_path, melhor_envio, path, fault, monkeypatch
    ) -> None:
        monkeypatch.setattr(rest, "PAUSE_S", 999.0)  # No time for a second try.
        monkeypatch.setattr(
            melhor_envio, "answer", _faulty(melhor_envio, f"/api/v2/me/{path}", fault)
        )
        with pytest.raises((CarrierSilent, CarrierRefusal)) as ended:
            port(tmp_path, "ME", melhor_envio).buy_label(order())
        is_refused = isinstance(ended.value, CarrierRefusal)
        assert is_refused == (
            isinstance(fault, tuple) and fault[0] == 422 and "paid" not in str(melhor_envio.sold)
        )

        sold = bought(port(tmp_path, "ME", melhor_envio), order())

        assert [sold.reference] == list(melhor_envio.sold)
        assert melhor_envio.cart == {}

    def test_takes_out_of_the_cart_what_cannot_be_paid(self, tmp_path, melhor_envio) -> None:
        no = (422, {"errors": {"orders.0": ["Saldo insuficiente."]}})
        melhor_envio.faults["/api/v2/me/shipment/checkout"] = no

        with pytest.raises(CarrierRefusal) as refusal:
            port(tmp_path, "ME", melhor_envio).buy_label(order())

        assert str(refusal.value) == "orders.0: Saldo insuficiente."
        assert (refusal.value.code, refusal.value.status) == ("orders.0", 422)
        assert (melhor_envio.cart, melhor_envio.sold) == ({}, {})

    def test_buys_no_second_one_while_the_first_stays_in_the_cart(
        self, tmp_path, melhor_envio
    ) -> None:
        melhor_envio.faults["/api/v2/me/cart"] = LOST
        with pytest.raises(CarrierSilent):
            port(tmp_path, "ME", melhor_envio).buy_label(order())
        (id,) = melhor_envio.cart
        melhor_envio.faults[f"/api/v2/me/cart/{id}"] = (422, {"message": "Em pagamento"})

        with pytest.raises(CarrierSilent, match="Em pagamento"):
            port(tmp_path, "ME", melhor_envio).find_label(order())

    def test_takes_a_label_back_however_often(self, tmp_path, melhor_envio) -> None:
        at = port(tmp_path, "ME", melhor_envio)
        sold = at.buy_label(order())
        given = replace(order().shipment, carrier_reference=sold.reference)
        melhor_envio.faults["/api/v2/me/shipment/cancel"] = LOST
        with pytest.raises(CarrierSilent):
            at.void_label(given)

        at.void_label(given)

        assert [each["status"] for each in melhor_envio.sold.values()] == ["canceled"]
        assert at.find_label(order()) is None
        melhor_envio.sold[sold.reference or ""]["status"] = "posted"
        melhor_envio.faults["/api/v2/me/shipment/cancel"] = (422, {"message": "Já postado"})
        with pytest.raises(CarrierRefusal, match="Já postado"):
            at.void_label(given)

    @pytest.mark.parametrize(
        "url",
        ["http://169.254.169.254/latest/meta-data", "https://evil.example/x.pdf", "file:///etc/x",
         "https://amazonaws.com.evil.example/x", "no address"],
    )  # fmt: skip
    def test_fetches_no_file_from_elsewhere(self, tmp_path, melhor_envio, url: str) -> None:
        melhor_envio.label_url = url

        with pytest.raises(CarrierSilent, match="address"):
            port(tmp_path, "ME", melhor_envio).buy_label(order())

    def test_sends_no_token_over_a_bare_wire(self, tmp_path) -> None:
        given = json.dumps(
            {"ME": {"token": "t", "contact": "c", "sender": SENDER, "url": "http://x.example"}}
        )
        with pytest.raises(CarrierRefusal, match="https"):
            KnownCarriers(tmp_path, given).of(carrier("ME"))

    def test_says_what_is_wrong_in_the_settings_and_never_what_is_there(self, tmp_path) -> None:
        given = json.dumps({"ME": {"token": ["hush"], "contact": "c", "sender": SENDER}})
        with pytest.raises(CarrierRefusal) as refusal:
            KnownCarriers(tmp_path, given).of(carrier("ME"))
        assert "$.token" in str(refusal.value)
        assert "hush" not in str(refusal.value)
        with pytest.raises(CarrierRefusal, match="BRL"):
            KnownCarriers(tmp_path, given).of(carrier("ME", currency="EUR"))

    def test_bounds_what_it_reads_and_how_long_it_waits(
        self, tmp_path, melhor_envio, monkeypatch
    ) -> None:
        monkeypatch.setattr(rest, "ANSWER_BYTES_MAX", 100)
        with pytest.raises(CarrierSilent, match="too large"):
            port(tmp_path, "ME", melhor_envio).rates(REQUEST)
        slow = rest.Wire(melhor_envio.url, lambda _: rest.Said(None, ""), time_s=0)
        with pytest.raises(CarrierSilent, match="within the time"):
            slow.ask("GET", "/api/v2/me/cart")

    def test_reads_messages_that_it_has_signed(self) -> None:
        label = {"id": "x", "status": "delivered", "self_tracking": "ME26X", "tracking": "AA1BR",
                 "posted_at": DAY, "delivered_at": "2025-03-03 09:00:00"}  # fmt: skip
        body = json.dumps({"event": "order.delivered", "data": label}).encode()
        signed = hmac.new(b"secret", body, sha256).hexdigest()
        signer = MelhorEnvioSigner("secret")

        event = signer.check_event({"x-me-signature": signed}, body, NOW)
        told = told_in("melhor_envio", body.decode())

        assert event.type == "order.delivered"
        assert [(each.number, each.code, each.occurred_at) for each in told] == [
            ("ME26X", "posted", datetime(2025, 3, 1, 12, tzinfo=UTC)),
            ("ME26X", "delivered", datetime(2025, 3, 3, 9, tzinfo=UTC)),
        ]
        assert not told_in("melhor_envio", '{"event": "order.created", "data": {"id": "x"}}')
        with pytest.raises(BadSignatureError):
            signer.check_event({"x-me-signature": "0" * 64}, body, NOW)


REQUEST = RateRequest(
    "BR", "SP", "01304-001", "São Paulo", 800, 200, 150, 90, 0, "BRL", ("1", "2", "3")
)


class TestCorreios:
    def test_makes_a_pre_posting_and_fetches_its_label(self, tmp_path, correios) -> None:
        known = KnownCarriers(tmp_path, secrets(COR=correios))

        sold = known.of(carrier("COR")).buy_label(order())

        assert (sold.tracking_number, sold.reference) == ("AD961441970BR", "PR0")
        assert [each.content for each in sold.files] == [PDF]
        sent = correios.sold["PR0"]
        assert sent["observacao"] == KEY
        assert sent["destinatario"] == {
            "nome": "Ana Souza",
            "cpfCnpj": "52998224725",
            "dddCelular": "11",
            "celular": "988887777",
            "endereco": {
                "cep": "01304001",
                "logradouro": "Rua Augusta",
                "numero": "100",
                "complemento": "Apto 9",
                "bairro": "Consolação",
                "cidade": "São Paulo",
                "uf": "SP",
            },
        }
        assert sent["itensDeclaracaoConteudo"] == [
            {"conteudo": "Mug", "quantidade": "2", "valor": "10.50"}
        ]
        # One token does for all, until it is refused.
        correios.good.clear()
        assert known.of(carrier("COR")).find_label(order()) is not None
        assert correios.tokens == 2

    @pytest.mark.parametrize("path", ["", "/rotulo/assincrono/pdf"])
    def test_makes_one_pre_posting_wherever_it_breaks_off(self, tmp_path, correios, path) -> None:
        correios.faults[f"/prepostagem/v1/prepostagens{path}"] = LOST
        with pytest.raises(CarrierSilent):
            port(tmp_path, "COR", correios).buy_label(order())

        sold = bought(port(tmp_path, "COR", correios), order())

        assert [sold.reference] == list(correios.sold)

    def test_says_no_in_their_words(self, tmp_path, correios) -> None:
        no = (400, {"msgs": ["PPN-295: Serviço não permitido", "PPN-296: CEP inválido"]})
        correios.faults["/prepostagem/v1/prepostagens"] = no

        with pytest.raises(CarrierRefusal) as refusal:
            port(tmp_path, "COR", correios).buy_label(order())

        assert refusal.value.code == "PPN-295"
        assert str(refusal.value) == "PPN-295: Serviço não permitido; PPN-296: CEP inválido"
        abroad = OrderAddress(AddressKind.SHIPPING, "X", ("Y 1",), None, "Z", None, None, "PT")
        elsewhere = replace(order().shipment, country=abroad.country)
        with pytest.raises(CarrierRefusal, match="within Brazil"):
            port(tmp_path, "COR", correios).buy_label(replace(order(), shipment=elsewhere))
        with pytest.raises(CarrierRefusal, match="contents"):
            port(tmp_path, "COR", correios).buy_label(order(Declaration()))

    def test_takes_a_pre_posting_back_however_often(self, tmp_path, correios) -> None:
        at = port(tmp_path, "COR", correios)
        sold = at.buy_label(order(is_return=True))
        assert correios.sold["PR0"]["logisticaReversa"] == "S"
        given = replace(order().shipment, carrier_reference=sold.reference)

        at.void_label(given)
        at.void_label(given)

        assert correios.sold["PR0"]["statusAtual"] == 5
        assert at.find_label(order()) is None

    def test_takes_back_no_other_pre_posting(self, tmp_path, correios) -> None:
        at = port(tmp_path, "COR", correios)
        for reference in (None, ""):
            asked = len(correios.asked)
            with pytest.raises(CarrierRefusal, match="not known"):
                at.void_label(replace(order().shipment, carrier_reference=reference))
            assert len(correios.asked) == asked
        correios.sold["PR9"] = {"id": "PR1", "statusAtual": 5}
        with pytest.raises(CarrierRefusal):
            at.void_label(replace(order().shipment, carrier_reference="PR9"))

    def test_tells_prices_and_days(self, tmp_path, correios) -> None:
        asked = replace(REQUEST, services=("03220", "03298"))

        (rate,) = port(tmp_path, "COR", correios).rates(asked)

        assert (rate.service_code, rate.promised_on) == ("03220", date(2025, 3, 11))
        assert [line.minor for line in rate.lines] == [102_345]


class TestFollowing:
    def test_is_not_held_up_by_one_that_makes_no_sense(
        self, tmp_path, correios, monkeypatch
    ) -> None:
        known = KnownCarriers(tmp_path, secrets(COR=correios))
        source = known.trackers([carrier("COR")])["cor"]
        assert [each.number for each in source.ask("cor", ["AD961441970BR"])] == ["AD961441970BR"]
        monkeypatch.setitem(SRO["eventos"][0], "dtHrCriado", "yesterday")

        assert source.ask("cor", ["AD961441970BR"]) == []
        correios.faults["/srorastro/v1/objetos"] = (503, {})
        with pytest.raises(SourceFailsError):
            source.ask("cor", ["AD961441970BR"])


class TestStates:
    @pytest.mark.parametrize(
        ("written", "state"),
        [
            ("sp", "SP"), ("BR-SP", "SP"), ("São Paulo", "SP"), ("Paraná", "PR"), ("Paraíba", "PB"),
            ("Pará", "PA"), ("Rio Grande  do Sul", "RS"), ("Baviera", ""), ("XX", ""), (None, ""),
        ],
    )  # fmt: skip
    def test_are_told_by_letters_or_name(self, written, state) -> None:
        given = replace(order().shipment, region=written)
        assert customer(given, None).region == state


class TestOverTheDesk:
    """The same through commands and the worker, on both databases."""

    def test_buys_follows_and_gives_back_one_label(self, desk: Desk, melhor_envio) -> None:
        known = KnownCarriers(desk.folder, secrets(ME=melhor_envio))
        desk.carriers = known
        service = _service(desk, "ME", "3")
        _, (parcel,) = desk.pack(800)
        id = desk.ship_parcel(parcel, service)
        _fill(desk, id)
        melhor_envio.faults["/api/v2/me/shipment/checkout"] = LOST
        desk.run(buy_label, BuyLabel(id=id))
        assert [desk.work(), desk.work()] == [1, 0]

        found = desk.shipment(id)
        (sold,) = melhor_envio.sold.values()
        assert (found.status, found.tracking_number) == (
            ShipmentStatus.LABELLED,
            sold["self_tracking"],
        )
        assert (found.cost_minor, found.carrier_reference) == (1_842, sold["id"])
        assert melhor_envio.paths().count("POST /api/v2/me/cart") == 1
        cart = next(given for _, path, given, _ in melhor_envio.asked if path.endswith("/cart"))
        assert cart["products"] == [{"name": "Thing MUG", "quantity": 1, "unitary_value": 10.0}]
        sold |= {"posted_at": DAY, "status": "posted"}
        later = desk.hour + timedelta(days=1)
        TrackingWork(desk.world.database, {}, lambda: later, known).poll()
        tracking = desk.world.read(trackings_by_parcels, [parcel])[parcel]
        assert tracking.state is TrackingState.PICKED_UP
        desk.run(void_label, VoidLabel(id=id))
        desk.work()
        assert desk.shipment(id).status is ShipmentStatus.VOIDED
        assert desk.broken() == []

    def test_compares_prices(self, desk: Desk, melhor_envio, correios) -> None:
        desk.carriers = KnownCarriers(desk.folder, secrets(ME=melhor_envio, COR=correios))
        names = {
            _service(desk, "ME", "1"): "PAC",
            _service(desk, "ME", "3"): ".Package",
            _service(desk, "COR", "03220"): "03220",
            _service(desk, "COR", "03298"): "03298",
        }
        to = Destination(country="BR", postal_code="01304-001", city="São Paulo")
        asked = CreateRateQuote(currency="BRL", destination=to, weight_g=800)

        quote = desk.run(create_rate_quote, asked)
        desk.work()

        found = desk.world.read(queries.candidates_by_quotes, [quote])[quote]
        assert [
            (names[each.service_id], each.total_minor) for each in found if not each.refusals
        ] == [(".Package", 1_990), ("PAC", 2_372), ("03220", 102_345)]


class TestWords:
    def test_of_streets_and_amounts_are_taken_apart(self) -> None:
        lines = ["Rua do Porto 7", "Av. Paulista, 1000", "Rua 7 de Abril, 12B", "Km 3", "Sítio"]
        assert [street_and_number(each)[1] for each in lines] == ["7", "1000", "12B", "3", "S/N"]
        assert [centavos(each) for each in ("18.42", 18.4, "1.234,56", 7)] == [
            1_842,
            1_840,
            123_456,
            700,
        ]
        for wrong in ("", "-1", "nan", "1e99999999", True, None, {}, "9" * 40):
            with pytest.raises(CarrierSilent):
                centavos(wrong)


def _service(desk: Desk, code: str, service: str) -> UUID:
    known = desk.world.read(queries.carriers_by_codes, [code]).get(code)
    id = known.id if known else desk.new_carrier(code, CODES[code], currency="BRL")
    return desk.new_service(id, service)


def _fill(desk: Desk, shipment_id: UUID) -> None:
    """Put the goods of the order into the parcel of a shipment."""
    shipment = desk.shipment(shipment_id)
    (line,) = desk.world.read(lines_by_orders, [shipment.order_id])[shipment.order_id]
    made = {"id": AN_ID, "fulfillment_id": shipment.fulfillment_id, "order_line_id": line.id,
            "variant_id": line.variant_id, "position": 0, "quantity": 1, "picked": 1, "packed": 1,
            "shipped": 0}  # fmt: skip
    packed = {"parcel_id": shipment.parcel_id, "fulfillment_line_id": AN_ID, "quantity": 1}
    with desk.world.database.writing.begin() as db:
        db.execute(insert(fulfillment_lines).values(made))
        db.execute(insert(parcel_lines).values(packed))


def _faulty(server: Shop, pattern: str, fault: Any) -> Any:
    """Answers with the fault, the first time that a path is asked for."""
    answer, left = server.answer, [fault]

    def faulty(method: str, path: str, given: Any, headers: Any) -> Any:
        head = pattern.removesuffix("*")
        matches = path.startswith(head) if pattern.endswith("*") else path == pattern
        if not (matches and left and method == ("GET" if "*" in pattern else "POST")):
            return answer(method, path, given, headers)
        left.clear()
        if fault is LOST:
            answer(method, path, given, headers)
            return 0, LOST
        return fault

    return faulty
