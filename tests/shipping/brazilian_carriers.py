"""Servers on loopback that speak as Melhor Envio and the Correios do, and can misbehave."""

import json
import threading
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

PDF = b"%PDF-1.4 a label"
SENDER = {"document": "12.345.678/0001-95", "phone": "+55 13 99999-0000", "district": "Centro"}
LOST = object()


class Shop(ThreadingHTTPServer):
    """What it has sold lies in `sold`, by id. `faults`: what happens instead, once, by path.

    A fault is a pair of status and answer, or LOST: it does what it is asked and hangs up.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, str, Any, Mapping[str, str]]] = []
        self.faults: dict[str, Any] = {}
        self.sold: dict[str, dict[str, Any]] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def paths(self) -> list[str]:
        return [f"{method} {path}" for method, path, _, _ in self.asked]

    def answer(self, method: str, path: str, given: Any, headers: Mapping[str, str]) -> Any:
        """Status and JSON, or bytes."""
        raise NotImplementedError


class MelhorEnvioShop(Shop):
    """Sells as Melhor Envio does: cart, checkout, generate, print, cancel."""

    def __init__(self) -> None:
        super().__init__()
        self.cart: dict[str, dict[str, Any]] = {}
        self.label_url = f"{self.url}/files/label.pdf"

    def answer(self, method: str, path: str, given: Any, headers: Mapping[str, str]) -> Any:
        if path.startswith("/files/"):
            assert "authorization" not in headers
            return 200, PDF
        assert headers["authorization"] == "Bearer me-token"
        assert headers["user-agent"] == "backoffice-api (it@shop.example)"
        id = path.rpartition("/")[2]
        match method, path.removeprefix("/api/v2/me"):
            case "POST", "/shipment/calculate":
                return 200, [
                    {"id": 1, "name": "PAC", "price": "25.10", "custom_price": "23.72",
                     "delivery_time": 6, "custom_delivery_time": 5},
                    {"id": 2, "name": "SEDEX", "error": "Transportadora não atende este trecho."},
                    {"id": 3, "name": ".Package", "price": "19,90", "delivery_time": 4},
                ]  # fmt: skip
            case "POST", "/cart":
                return 201, self._into_cart(given)
            case "GET", "/cart":
                return 200, {"data": list(self.cart.values()), "last_page": 1}
            case "GET", "/orders":
                return 200, {"data": list(self.sold.values()), "last_page": 1}
            case "GET", "/orders/search":
                return 200, [*self.sold.values(), {"id": "x", "self_tracking": "ME-OF-ANOTHER"}]
            case "DELETE", _:
                return (204, {}) if self.cart.pop(id, None) else (404, {"message": "Not found"})
            case "POST", "/shipment/checkout":
                (id,) = given["orders"]
                self.sold[id] = {**self.cart.pop(id), "status": "released", "paid_at": DAY}
                return 200, {"purchase": {"status": "paid"}}
            case "POST", "/shipment/generate":
                (id,) = given["orders"]
                self.sold[id] |= {"generated_at": DAY, "self_tracking": f"ME26{id[-4:]}BR"}
                return 200, {id: {"status": True, "message": "Envio gerado com sucesso"}}
            case "POST", "/shipment/cancel":
                id = given["order"]["id"]
                if self.sold[id]["status"] == "canceled":
                    return 422, {"errors": {"order.id": ["O envio já foi cancelado."]}}
                self.sold[id]["status"] = "canceled"
                return 200, {id: {"canceled": True}}
            case "GET", of if of.startswith("/imprimir/pdf/"):
                return 200, [self.label_url]
            case "GET", of if of.startswith("/orders/"):
                return 200, self.sold[id]
        return 404, {"message": "Not found"}

    def _into_cart(self, given: Any) -> Any:
        id = f"6e1c864a-fe48-4ae7-baaa-{len(self.asked):012}"
        tags = given["options"]["tags"]
        item = {"id": id, "price": "18.42", "status": "pending", "tags": tags, "created_at": DAY}
        self.cart[id] = item
        return item


class CorreiosShop(Shop):
    """Takes pre-postings as the Correios do; a label is ready when it is asked for twice."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens = 0
        self.good: set[str] = set()
        self.receipts: dict[str, int] = {}

    def answer(self, method: str, path: str, given: Any, headers: Mapping[str, str]) -> Any:
        if path == "/token/v1/autentica/cartaopostagem":
            basic = b64decode(headers["authorization"].removeprefix("Basic ")).decode()
            assert (basic, given["numero"]) == ("shop:secret-code", "0067599079")
            self.tokens += 1
            self.good.add(f"Bearer T{self.tokens}")
            return 201, {"token": f"T{self.tokens}", "expiraEm": "2998-01-01T00:00:00"}
        if headers["authorization"] not in self.good:
            return 403, {"msgs": ["GTW-006: Token inválido"]}
        assert headers["accept-language"] == "pt-BR"
        id = path.rpartition("/")[2]
        made = self.sold.get(id, {})
        match method, path:
            case "POST", "/preco/v1/nacional":
                first, second = given["parametrosProduto"]
                return 200, [
                    {"coProduto": first["coProduto"], "pcFinal": "1.023,45"},
                    {"coProduto": second["coProduto"], "txErro": "PRC-127: CEP inválido."},
                ]
            case "POST", "/prazo/v1/nacional":
                latest = "2025-03-11T23:59:59"
                return 200, [
                    {"coProduto": each["coProduto"], "prazoEntrega": 4, "dataMaxima": latest}
                    for each in given["parametrosPrazo"]
                ]
            case "POST", "/prepostagem/v1/prepostagens":
                id = f"PR{len(self.sold)}"
                number = f"AD96144197{len(self.sold)}BR"
                made = {**given, "id": id, "codigoObjeto": number, "statusAtual": 7}
                self.sold[id] = made
                return 200, made
            case "GET", "/prepostagem/v2/prepostagens":
                return self._listed(given)
            case "DELETE", _:
                if made["statusAtual"] == 5:
                    return 400, {"msgs": ["PPN-301: Pré-postagem já cancelada."]}
                made["statusAtual"] = 5
                return 200, {"resultadoCancelamento": "OK"}
            case "POST", "/prepostagem/v1/prepostagens/rotulo/assincrono/pdf":
                return 200, {"idRecibo": given["idsPrePostagem"][0]}
            case "GET", of if of.startswith("/prepostagem/v1/prepostagens/rotulo/download/"):
                self.receipts[id] = self.receipts.get(id, 0) + 1
                if self.receipts[id] == 1:
                    return 400, {"msgs": ["PPN-291: Em processamento"]}
                return 200, {"nome": "rotulo.pdf", "dados": b64encode(PDF).decode()}
            case "GET", "/srorastro/v1/objetos":
                return 200, {"objetos": [SRO]}
        return 404, {"msgs": ["Rota não encontrada"]}

    def _listed(self, given: Any) -> Any:
        for made in self.sold.values():  # The declarations of contents are made in the meantime.
            made["statusAtual"] = 2 if made["statusAtual"] == 7 else made["statusAtual"]
        if id := given.get("id"):
            return 200, {"itens": [self.sold[id]]}
        found = [each for each in self.sold.values() if each["statusAtual"] == 2]
        if given["status"] != "PREPOSTADO" or not found:
            return 404, {"msgs": ["PPN-344: Não existem pré-postagens"]}
        return 200, {"itens": found, "page": {"size": 50, "number": 0}}


DAY = "2025-03-01 12:00:00"
SRO: dict[str, Any] = {
    "codObjeto": "AD961441970BR",
    "eventos": [
        {
            "codigo": "BDE",
            "tipo": "01",
            "dtHrCriado": "2025-02-27T14:32:00",
            "descricao": "Objeto entregue ao destinatário",
            "unidade": {
                "tipo": "Unidade de Distribuição",
                "endereco": {"cidade": "SAO PAULO", "uf": "SP"},
            },
        }
    ],
}


@contextmanager
def running(server: Shop) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield
    server.shutdown()
    thread.join()
    server.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Shop

    def do_GET(self) -> None:
        self._do()

    do_POST = do_DELETE = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Nothing is said."""

    def _do(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        given = json.loads(body) if body else query
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append((self.command, parts.path, given, headers))
        fault = self.server.faults.pop(parts.path, None)
        if fault is None or fault is LOST:
            status, answer = self.server.answer(self.command, parts.path, given, headers)
        else:
            status, answer = fault
        if fault is LOST or answer is LOST:
            self.close_connection = True
            return
        sent = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)
