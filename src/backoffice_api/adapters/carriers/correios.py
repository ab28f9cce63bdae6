"""Correios: prices, days, pre-postings and their labels over Correios Web Services (CWS).

Source: the manuals at https://www.correios.com.br/atendimento/developers/manuais ("Uso da API
Token", "API Preço", "API Prazo") and the reference of the API Pré-Postagem (PPN) at
https://cws.correios.com.br. Written from these; not run against the service itself, which takes a
contract. The codes of services are those of the contract, as 03220 (SEDEX) and 03298 (PAC).

A pre-posting bears our key as its remark (`observacao`), and those that wait to be posted can be
listed, so that one which was made without an answer is found again. While the Correios still make
its declaration of contents (PENDENTE), theirs is not listed; what is never posted is not billed.
"""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any
from urllib.parse import quote

from backoffice_api.adapters.carriers.brazil import (
    COUNTRY,
    CURRENCY,
    Party,
    centavos,
    customer,
    digits,
    reais,
    reference_of,
    shop,
    sides_cm,
)
from backoffice_api.adapters.carriers.correios_wire import (
    BRASILIA,
    CorreiosSettings,
    CorreiosWire,
    Tokens,
    moment,
)
from backoffice_api.adapters.carriers.rest import Answer, bought_already
from backoffice_api.domain.shipping.model.carriers import Carrier
from backoffice_api.domain.shipping.model.handover import Manifest, Pickup
from backoffice_api.domain.shipping.model.rating import LineKind, PriceLine
from backoffice_api.domain.shipping.model.shipments import LabelFormat, Shipment
from backoffice_api.domain.shipping.ports import (
    CarrierRate,
    CarrierRefusal,
    CarrierSilent,
    Consignment,
    Declaration,
    LabelFile,
    LabelOrder,
    Purchase,
    RateRequest,
)

PAGE_SIZE, PAGES_MAX = 50, 40
_PARCEL = "2"
_BILLED = "2"
_PENDING, _ENDED = "7", frozenset({"4", "5", "6"})  # expired, cancelled, refunded
_WAITING = ("PREATENDIDO", "PREPOSTADO")
_LABELS = "/prepostagem/v1/prepostagens/rotulo"
_LIST = "/prepostagem/v2/prepostagens"


class Correios:
    """One contract with the Correios."""

    can_be_asked = True
    repeats_safely = False

    def __init__(self, carrier: Carrier, settings: CorreiosSettings, tokens: Tokens) -> None:
        self._carrier = carrier
        self._settings = settings
        self._correios = CorreiosWire(settings, tokens)

    def rates(self, request: RateRequest) -> Sequence[CarrierRate]:
        if request.country != COUNTRY or not request.services:
            return ()
        way = {
            "cepOrigem": digits(self._carrier.sender_postal_code),
            "cepDestino": digits(request.postal_code),
        }
        length, width, height = sides_cm(request.length_mm, request.width_mm, request.height_mm)
        parcel = {
            **way,
            "psObjeto": str(request.weight_g),
            "tpObjeto": _PARCEL,
            "comprimento": str(length),
            "largura": str(width),
            "altura": str(height),
            "nuContrato": self._settings.contract,
            "nuDR": self._settings.region,
        }
        if request.value_minor:
            parcel["vlDeclarado"] = str(reais(request.value_minor))
        prices = self._batch("/preco/v1/nacional", "parametrosProduto", request.services, parcel)
        days = self._batch("/prazo/v1/nacional", "parametrosPrazo", request.services, way)
        rates = (_rate(code, prices.get(code), days.get(code)) for code in request.services)
        return [each for each in rates if each is not None]

    def buy_label(self, order: LabelOrder) -> Purchase:
        sends = self._pre_posting(order)
        made = self._correios.ask("POST", "/prepostagem/v1/prepostagens", sends=sends).fields
        return self._finished(made, order)

    def find_label(self, order: LabelOrder) -> Purchase | None:
        with bought_already():
            for status in _WAITING:
                for made in self._listed(status):
                    if made.get("observacao") == order.key:
                        return self._finished(made, order)
        return None

    def void_label(self, shipment: Consignment) -> None:
        id = reference_of(shipment)
        path = f"/prepostagem/v1/prepostagens/{quote(id, safe='')}"
        query = {"idCorreiosSolicitanteCancelamento": self._settings.user}
        try:
            self._correios.ask("DELETE", path, query=query)
        except CarrierRefusal:
            # One that was cancelled before cannot be cancelled again, which is fine.
            if _status(self._standing(id)) not in _ENDED:
                raise

    def close_manifest(self, manifest: Manifest, shipments: Sequence[Shipment]) -> str | None:
        """It knows no manifests of pre-postings: each is posted by itself."""
        return None

    def request_pickup(self, pickup: Pickup) -> str:
        raise CarrierRefusal("The Correios fetch what is agreed in the contract")

    def cancel_pickup(self, pickup: Pickup) -> None:
        """There is none to be cancelled."""

    def _batch(
        self, path: str, name: str, services: Sequence[str], each: Mapping[str, Any]
    ) -> Mapping[str, Mapping[str, Any]]:
        """What it answers for each service, by their codes."""
        asked = [
            {"coProduto": code, "nuRequisicao": str(number), **each}
            for number, code in enumerate(services, start=1)
        ]
        found = self._correios.ask("POST", path, sends={"idLote": "1", name: asked}).value
        if not isinstance(found, list):
            raise CarrierSilent("The answer is no list of services")
        return {str(each.get("coProduto")): each for each in found if isinstance(each, dict)}

    def _pre_posting(self, order: LabelOrder) -> Mapping[str, Any]:
        shipment, declared = order.shipment, order.declaration
        if not declared.fiscal_key and not declared.items:
            raise CarrierRefusal("Neither an NF-e nor the contents of the parcel are known")
        ours = _party(shop(self._carrier, self._settings.sender))
        theirs = _party(customer(shipment, declared.tax_id))
        length, width, height = sides_cm(shipment.length_mm, shipment.width_mm, shipment.height_mm)
        sends = {
            "idCorreios": self._settings.user,
            "numeroCartaoPostagem": self._settings.card,
            "remetente": theirs if order.is_return else ours,
            "destinatario": ours if order.is_return else theirs,
            "codigoServico": order.service.code,
            "pesoInformado": str(shipment.weight_g),
            "codigoFormatoObjetoInformado": _PARCEL,
            "comprimentoInformado": str(length),
            "larguraInformada": str(width),
            "alturaInformada": str(height),
            "cienteObjetoNaoProibido": "1",
            "modalidadePagamento": _BILLED,
            "observacao": order.key,
            **_papers(declared),
        }
        if order.is_return:
            sends["logisticaReversa"] = "S"
        return sends

    def _finished(self, made: Mapping[str, Any], order: LabelOrder) -> Purchase:
        """The label of a pre-posting that was made; it may be asked for as often as one likes."""
        id, number = _text(made, "id"), _text(made, "codigoObjeto")
        if not id or not number:
            raise CarrierSilent("It names no pre-posting")
        price = made.get("precoPrePostagem")
        with bought_already():
            if _status(made) == _PENDING:
                self._wait_for(id)
            return Purchase(
                tracking_number=number,
                reference=id,
                cost_minor=None if price is None else centavos(price),
                currency=CURRENCY,
                files=(LabelFile(LabelFormat.PDF, self._label(id)),),
                drop_off_code=(_text(made, "eTicket") or None) if order.is_return else None,
            )

    def _wait_for(self, id: str) -> None:
        """Raises: CarrierSilent: the declaration of contents is still being made."""
        for _ in self._correios.wire.tries():
            if _status(self._standing(id)) != _PENDING:
                return
        raise CarrierSilent("The Correios still make the declaration of contents")

    def _label(self, id: str) -> bytes:
        """The PDF, which is made in its own time and fetched with a receipt."""
        sends = {
            "idsPrePostagem": [id],
            "numeroCartaoPostagem": self._settings.card,
            "tipoRotulo": "P",
            "formatoRotulo": "ET",
            "imprimeRemetente": "S",
            "layoutImpressao": "LINEAR_100_150",
        }
        asked = self._correios.ask("POST", f"{_LABELS}/assincrono/pdf", sends=sends).fields
        receipt = quote(_text(asked, "idRecibo"), safe="")
        for _ in self._correios.wire.tries():
            # It says no while it is at it.
            with suppress(CarrierRefusal):
                path = f"{_LABELS}/download/assincrono/{receipt}"
                if data := _text(self._correios.ask("GET", path).fields, "dados"):
                    return _bytes(data)
        raise CarrierSilent("The label is not ready yet")

    def _standing(self, id: str) -> Mapping[str, Any]:
        found = _items(self._correios.ask("GET", _LIST, query={"id": id}))
        return next((each for each in found if each.get("id") == id), {})

    def _listed(self, status: str) -> Iterator[Mapping[str, Any]]:
        """Pre-postings of a status. Raises: CarrierSilent: too many to look through."""
        for page in range(PAGES_MAX):
            query = {"status": status, "page": page, "size": PAGE_SIZE}
            try:
                found = _items(self._correios.ask("GET", _LIST, query=query))
            except CarrierRefusal as refusal:
                if refusal.status == 404:  # There is none.
                    return
                raise
            yield from found
            if len(found) < PAGE_SIZE:
                return
        raise CarrierSilent("There are too many pre-postings to look through")


def _rate(
    code: str, price: Mapping[str, Any] | None, days: Mapping[str, Any] | None
) -> CarrierRate | None:
    """None: the service does not take the parcel, or tells no price."""
    if price is None or price.get("txErro") or price.get("pcFinal") is None:
        return None
    try:
        minor = centavos(price["pcFinal"])
    except CarrierSilent:
        return None
    latest = moment((days or {}).get("dataMaxima"))
    day: date | None = latest.astimezone(BRASILIA).date() if latest else None
    return CarrierRate(code, CURRENCY, (PriceLine(LineKind.WEIGHT, code, minor),), day)


def _party(party: Party) -> dict[str, Any]:
    """Cut to what the Correios take."""
    address = {
        "cep": party.postal_code,
        "logradouro": party.street[:50],
        "numero": party.number[:6],
        "complemento": party.complement[:30],
        "bairro": party.district[:30],
        "cidade": party.city[:30],
        "uf": party.region,
    }
    given: dict[str, Any] = {
        "nome": party.name[:50],
        "endereco": {name: value for name, value in address.items() if value},
    }
    if party.document:
        given["cpfCnpj"] = party.document
    if party.email:
        given["email"] = party.email
    if party.phone:
        kind = "celular" if len(party.phone) == 11 else "telefone"
        given |= {f"ddd{kind.capitalize()}": party.phone[:2], kind: party.phone[2:]}
    return given


def _papers(declared: Declaration) -> Mapping[str, Any]:
    if declared.fiscal_key:
        return {"chaveNFe": declared.fiscal_key}
    items = [
        {
            "conteudo": each.title[:60],
            "quantidade": str(each.quantity),
            "valor": f"{each.worth.amount:.2f}",
        }
        for each in declared.items
    ]
    return {"itensDeclaracaoConteudo": items}


def _items(answer: Answer) -> Sequence[Mapping[str, Any]]:
    found = answer.fields.get("itens")
    if not isinstance(found, list):
        raise CarrierSilent("The answer is no list of pre-postings")
    return [each for each in found if isinstance(each, dict)]


def _status(made: Mapping[str, Any]) -> str:
    return str(made.get("statusAtual", ""))


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return value.strip() if isinstance(value, str) else ""


def _bytes(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (NotBase64, ValueError):
        raise CarrierSilent("The label cannot be read") from None
