"""A back office with one of everything, behind the real application and its HTTP endpoint."""

import io
import json
import logging
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from uuid import UUID

import httpx2
import orjson
import structlog
from graphql import GraphQLField, GraphQLObjectType
from PIL import Image
from sqlalchemy import select, text, update

from backoffice_api.adapters.storage import LocalFolder
from backoffice_api.app import create_app
from backoffice_api.bulk_jobs.bench import Bench
from backoffice_api.bulk_jobs.exports import export_all
from backoffice_api.bulk_jobs.imports import import_slice
from backoffice_api.domain.all_tables import metadata
from backoffice_api.domain.bulk.commands.files import ReceiveFile, receive_file
from backoffice_api.domain.bulk.model.files import ticket_hash
from backoffice_api.domain.identity.queries.staff import staff_by_email_keys
from backoffice_api.domain.identity.tables import api_tokens, sessions
from backoffice_api.domain.kernel import ids, jobs
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.ids import IdSource
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.sealed_rows import key_holders
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from backoffice_api.domain.privacy.tables import reads
from backoffice_api.resolvers.schema import schema
from backoffice_api.settings import Settings
from backoffice_api.web import logs
from tests.application import Application
from tests.execute.steps import dump
from tests.proofs import (
    accounting,
    admitting,
    banking,
    billing,
    booking,
    buying,
    changing,
    collecting,
    corresponding,
    deciding,
    desking,
    discounting,
    exchanging,
    forecasting,
    forgetting,
    fulfilling,
    hooking,
    judging,
    knowing,
    marking_down,
    owing,
    paying,
    promising,
    returning,
    ruling,
    sealing,
    sending_back,
    shelving,
    shipping,
    storing,
    taxing,
    telling,
    ticketing,
    viewing,
)
from tests.proofs.canaries import PLAIN, spilled
from tests.proofs.inputs import Inputs, document
from tests.serving import new_token

SHOWN = "{ userErrors { code message path } effects { kind } replayed }"
PASSWORD = "a sentence that nobody guesses"
FAR = "2999-01-01T00:00:00Z"
ADDRESS = {"lines": ["Rua Augusta 1"], "city": "São Paulo", "country": "BR"}

# What a right input has besides what its type asks for.
# Rooms that know their own inputs, in the order in which they are furnished.
ROOMS = (
    knowing,
    storing,
    shelving,
    buying,
    changing,
    deciding,
    viewing,
    shipping,
    fulfilling,
    paying,
    returning,
    exchanging,
    sending_back,
    collecting,
    telling,
    billing,
    accounting,
    booking,
    owing,
    forecasting,
    banking,
    ticketing,
    desking,
    discounting,
    taxing,
    marking_down,
    promising,
    corresponding,
    judging,
    forgetting,
    hooking,
    ruling,
    admitting,
    sealing,
)

WANTED: Mapping[str, tuple[str, ...]] = {
    "ChannelLookup": ("code",),
    "CustomFieldFilter": ("isNull",),
    "CustomerLookup": ("id",),
    "DeviceLookup": ("id",),
    "DeviceRegisterInput": ("tokenId",),
    "LocationLookup": ("code",),
    "OrderLookup": ("id",),
    "PriceListLookup": ("code",),
    "ProductLookup": ("id",),
    "StaffLookup": ("id",),
    "VariantLookup": ("id",),
    "OrderCreateInput": ("lines",),
    "OrderLineInput": ("sku",),
    "StockAdjustLineInput": ("delta",),
    "VariantSetCostInput": ("unitCost",),
    "CustomerUpdateInput": ("name",),
    "CustomerAddressUpdateInput": ("city",),
    "CategoryLookup": ("slug",),
    "CategoryMoveInput": ("parentId",),
    "CollectionLookup": ("slug",),
    "CollectionSetProductsInput": ("includedIds",),
    "CustomFieldInput": ("value",),
    "VariantSetCustomsInput": ("hsCode",),
    "VariantSetFiscalProfileInput": ("data",),
    "TokenSetBudgetInput": ("budget",),
}


_FINGERPRINTS = text(
    " UNION ALL ".join(
        f"SELECT '{name}', md5(string_agg(row::text, ' ' ORDER BY row::text)) FROM {name} AS row"
        for name in metadata.tables
    )
)


def roots() -> Mapping[str, tuple[str, GraphQLField]]:
    """Every field of the roots by its name, with the kind of operation that asks it."""
    found: dict[str, tuple[str, GraphQLField]] = {}
    for kind in ("query", "mutation"):
        root = getattr(schema._schema, f"{kind}_type")
        assert isinstance(root, GraphQLObjectType)
        found.update({name: (kind, field) for name, field in root.fields.items()})
    return found


ROOTS = roots()


# What a program may not do, whatever its rights.
FOR_PEOPLE = frozenset({"supplierBankChangeApprove", "ticketTake"})


class Office:
    """Speaks to the application as a client with every right, unless another token is given."""

    def __init__(self, database: Database, client: Application) -> None:
        self.database = database
        self.client = client
        self._known: tuple[object, Mapping[str, Any]] | None = None
        self.token = new_token(database)
        # Tokens of people, by the root fields that they ask in place of the client.
        self.askers: dict[str, str] = {}
        self.examples = self._furnish()
        wanted = {**WANTED, **{name: each for room in ROOMS for name, each in room.WANTED.items()}}
        self.inputs = Inputs(self.examples, wanted)
        self._clerk = self.signed_in("eve@example.com")
        self.keep_still()

    def keep_still(self) -> None:
        """Have no use of a token noted while things are compared: a later one is noted already."""
        with self.database.writing.begin() as db:
            for table in (api_tokens, sessions):
                db.execute(update(table).values(last_used_at=datetime.fromisoformat(FAR)))

    def send(self, content: bytes, token: str | None = None, **headers: str) -> httpx2.Response:
        """Post a body as it is."""
        given = {"content-type": "application/json", **headers}
        given["authorization"] = f"Bearer {token or self.token}"
        return self.client.send("POST", "/graphql", content, **given)

    def ask(
        self, query: str, variables: Mapping[str, Any] | None = None, token: str | None = None
    ) -> httpx2.Response:
        return self.send(orjson.dumps({"query": query, "variables": variables or {}}), token)

    def do(self, name: str, result: str = "", **given: Any) -> Any:
        """Have a mutation done, and what it answers as `result`, if that is named."""
        shown = f"{{ {result or '__typename'} userErrors {{ code path }} }}"
        text = document("mutation", name, ROOTS[name][1], given, shown)
        answer = self.ask(text, given).json()
        assert "errors" not in answer, answer
        assert answer["data"][name]["userErrors"] == [], answer
        return answer["data"][name].get(result.partition(" ")[0])

    def stored(self) -> Mapping[str, Any]:
        """What changes as soon as anything that is stored does; asked of all tables at once."""
        # All is read again only after a commit, be it of others.
        last = self._last_commit()
        if self._known is None or self._known[0] != last:
            self._known = (last, self._fingerprints())
        return self._known[1]

    def _last_commit(self) -> object:
        if self.database.dialect == "sqlite":
            return self._watcher.execute("PRAGMA data_version").fetchone()[0]
        with self.database.reading.connect() as db:
            if db.execute(text("SHOW track_commit_timestamp")).scalar_one() != "on":
                return object()
            return db.execute(text("SELECT xid::text FROM pg_last_committed_xact()")).scalar_one()

    def _fingerprints(self) -> Mapping[str, Any]:
        if self.database.dialect == "sqlite":
            found = dict(dump(self.database))
        else:
            with self.database.reading.connect() as db:
                found = dict(tuple(row) for row in db.execute(_FINGERPRINTS))
        # Whose personal data were read is noted after the answer, and which key a process seals
        # with now and then: in their own time.
        for each in (reads, key_holders):
            found.pop(each.name, None)
        return found

    @cached_property
    def _watcher(self) -> sqlite3.Connection:
        path = self.database.reading.url.database
        assert path is not None
        return sqlite3.connect(path, check_same_thread=False)

    def _furnish(self) -> Mapping[str, Any]:
        """Make one of everything, and for each mutation one on which it can be done."""
        return {
            **_SCALARS,
            **self._places(),
            **self._goods(),
            **self._people(),
            **self._orders(),
            **self._catalog(),
            **self._jobs(),
            **self._files(),
            **{name: each for room in ROOMS for name, each in room.furnish(self).items()},
        }

    def token_for(self, name: str) -> str:
        """The token with which a root field is asked."""
        return self.askers.get(name, self._clerk if name in FOR_PEOPLE else self.token)

    def signed_in(self, email: str) -> str:
        """The token of somebody of the staff who may do anything, and who is there from now on."""
        with self.database.reading.connect() as db:
            known = staff_by_email_keys(db, [email])
        if not known:
            person = {"name": "Eve", "email": email, "password": PASSWORD}
            scopes = [each.name for each in Scope]
            self._id("staffCreate", "staff", input={**person, "scopes": scopes})
        login = {"email": email, "password": PASSWORD}
        token: str = self.client.post("/login", json=login).json()["token"]
        return token

    def staff_id(self, email: str) -> UUID:
        """The member of staff with this address."""
        with self.database.reading.connect() as db:
            return staff_by_email_keys(db, [email])[email].id

    def public_id(self, email: str) -> str:
        """The same, as it is named on the wire."""
        return ids.text("stf", self.staff_id(email))

    def _id(self, name: str, result: str, **given: Any) -> str:
        id: str = self.do(name, f"{result} {{ id }}", **given)["id"]
        return id

    def _archived(self, noun: str, **input: Any) -> str:
        id = self._id(f"{noun}Create", noun, input=input)
        self.do(f"{noun}Archive", id=id)
        return id

    def _places(self) -> dict[str, Any]:
        channel = self._id(
            "channelCreate", "channel", input={"code": "web", "name": "Web", "currency": "EUR"}
        )
        old = self._archived("channel", code="old", name="Old", currency="EUR")
        self.north = self._id("locationCreate", "location", input={"code": "N", "name": "North"})
        empty = self._id("locationCreate", "location", input={"code": "E", "name": "Empty"})
        closed = self._archived("location", code="C", name="Closed")
        return {
            **{f"channel{verb}.id": channel for verb in ("Update", "Archive")},
            "channelRestore.id": old,
            "ChannelLookup.code": "web",
            "ChannelCreateInput.code": "new",
            **{f"location{verb}.id": empty for verb in ("Update", "Archive")},
            "locationRestore.id": closed,
            "LocationLookup.code": "N",
            "LocationCreateInput.code": "NEW",
            "StockAdjustLineInput.locationId": self.north,
            "StockSafetyLineInput.locationId": self.north,
        }

    def _goods(self) -> dict[str, Any]:
        price = {"amount": "10.00", "currency": "EUR"}
        variants = [{"sku": "MUG", "prices": [price], "optionValues": ["Red"]}]
        product = self.do(
            "productCreate",
            "product { id variants(first: 1) { nodes { id } } }",
            input={"title": "Mug", "optionNames": ["Colour"], "variants": variants},
        )
        mug = product["variants"]["nodes"][0]["id"]
        adjusted = {"lines": [{"variantId": mug, "locationId": self.north, "delta": 100}]}
        self.do("stockAdjust", input=adjusted)
        again = {"sku": "OLD", "optionValues": ["Blue"]}
        blue = self._id(
            "variantCreate", "variant", input={"productId": product["id"], "variant": again}
        )
        self.do("variantArchive", id=blue)
        box = {"sku": "BOX", "optionValues": ["Box"]}
        kit = self._id(
            "variantCreate", "variant", input={"productId": product["id"], "variant": box}
        )
        other = self.do(
            "productCreate",
            "product { variants(first: 1) { nodes { id } } }",
            input={"title": "Pot", "variants": [{"sku": "POT"}]},
        )
        pot = other["variants"]["nodes"][0]["id"]
        return {
            **{f"product{verb}.id": product["id"] for verb in ("Update", "Archive")},
            "productRestore.id": self._archived("product", title="Old"),
            "ProductLookup.id": product["id"],
            **{f"variant{verb}.id": mug for verb in ("Update", "Archive", "SetCost")},
            "variantRestore.id": blue,
            "variantSetComponents.id": kit,
            "variantMerge.id": pot,
            "VariantMergeInput.intoId": mug,
            "productVariantsGenerate.id": product["id"],
            "OptionValuesInput.name": "Colour",
            "OptionValuesInput.values": ["Violet"],
            "ProductVariantsGenerateInput.skuPattern": "MUG-{Colour}",
            "KitComponentInput.variantId": mug,
            "VariantLookup.id": mug,
            "VariantInput.sku": "NEW",
            "VariantCreateInput.productId": product["id"],
            "VariantCreateInput.variant": {"sku": "NEW", "optionValues": ["Green"]},
            "OrderLineInput.sku": "MUG",
            "OrderLineInput.variantId": mug,
            "StockAdjustLineInput.variantId": mug,
            "StockSafetyLineInput.variantId": mug,
        }

    def _people(self) -> dict[str, Any]:
        input = {"name": "Ana", "addresses": [ADDRESS]}
        customer = self.do("customerCreate", "customer { id addresses { id } }", input=input)
        address = customer["addresses"][0]["id"]
        person = {"name": "Ada", "email": "ada@example.com", "password": PASSWORD}
        staff = self._id("staffCreate", "staff", input=person)
        gone = self._id("staffCreate", "staff", input={**person, "email": "gone@example.com"})
        self.do("staffDisable", id=gone)
        login = {"email": person["email"], "password": PASSWORD}
        assert self.client.post("/login", json=login).status_code == 200
        with self.database.reading.connect() as db:
            session = db.execute(select(sessions.c.id)).scalar_one()
        token = self._id("tokenCreate", "token", input={"name": "Shop", "scopes": []})
        verbs = ("Update", "Archive", "AddressAdd", "AddressUpdate", "AddressRemove")
        return {
            **{f"customer{verb}.id": customer["id"] for verb in verbs},
            "customerRestore.id": self._archived("customer", name="Old"),
            "CustomerLookup.id": customer["id"],
            "CustomerAddressUpdateInput.addressId": address,
            "CustomerAddressRemoveInput.addressId": address,
            **{f"staff{verb}.id": staff for verb in ("Update", "SetPassword", "Disable")},
            "staffEnable.id": gone,
            "StaffLookup.id": staff,
            **self._prices(),
            "tokenRevoke.id": token,
            "tokenSetBudget.id": token,
            "TokenSetBudgetInput.budget": 5_000,
            "TokenCreateInput.budget": 5_000,
            "queryCost.document": "{ me { name } }",
            "queryCost.variables": {},
            **self._devices(token),
            "sessionEnd.id": ids.text("ses", session),
        }

    def _prices(self) -> dict[str, Any]:
        def make(code: str) -> str:
            input = {"code": code, "name": code, "currency": "EUR"}
            return self._id("priceListCreate", "priceList", input=input)

        draft, used = make("DRAFT"), make("USED")
        self.do("priceListActivate", id=used)
        text = '{ variant(by: {sku: "MUG"}) { id } channel(by: {code: "web"}) { id } }'
        found = self.ask(text).json()["data"]
        return {
            "priceListActivate.id": draft,
            **{f"priceList{verb}.id": used for verb in ("Update", "Archive", "SetPrices")},
            "PriceListLookup.code": "USED",
            "PriceListCreateInput.code": "NEW",
            "ListPriceInput.variantId": found["variant"]["id"],
            "priceFor.variantId": found["variant"]["id"],
            "priceFor.channelId": found["channel"]["id"],
        }

    def _devices(self, token: str) -> dict[str, Any]:
        own = self.ask("{ me { actor { id } } }").json()["data"]["me"]["actor"]["id"]
        device = self._id(
            "deviceRegister",
            "device",
            input={"code": "SCAN", "name": "Scanner", "tokenId": own, "locationId": self.north},
        )
        old = self._id(
            "deviceRegister", "device", input={"code": "OLD", "name": "Old", "tokenId": own}
        )
        self.do("deviceRetire", id=old)
        return {
            "deviceRestore.id": old,
            "deviceRetire.id": device,
            "DeviceLookup.id": device,
            "DeviceRegisterInput.code": "new",
            "DeviceRegisterInput.tokenId": token,
            "scanBatch.id": device,
            "ScanInput.code": "MUG",
            "ScanInput.scannedAt": "2025-01-01T00:00:00Z",
        }

    def _orders(self) -> dict[str, Any]:
        channel = {"code": "web"}
        charge = {
            "kind": "CHARGE",
            "sku": "POST",
            "title": "Postage",
            "quantity": 1,
            "unitPrice": {"amount": "0.00", "currency": "EUR"},
        }
        mugs = {"sku": "MUG", "quantity": 3}

        def make(*lines: Mapping[str, Any], place: bool = True) -> str:
            input = {"channel": channel, "lines": list(lines), "place": place}
            return self._id("orderCreate", "order", input=input)

        draft, placed, held, closed = make(mugs, place=False), make(mugs), make(mugs), make(charge)
        self.do("orderHold", id=held, input={})
        self.do("orderClose", id=closed)
        by_verb = dict.fromkeys(("Update", "Reserve", "Place"), draft)
        by_verb |= dict.fromkeys(("Cancel", "Hold", "Comment", "Split"), placed)
        by_verb |= {"ReleaseHold": held, "Close": make(charge), "Reopen": closed}
        text = "query ($id: ID!) { order(by: {id: $id}) { lines { nodes { id } } } }"
        lines = self.ask(text, {"id": placed}).json()["data"]["order"]["lines"]["nodes"]
        return {
            **{f"order{verb}.id": id for verb, id in by_verb.items()},
            "OrderLookup.id": placed,
            "OrderLineQuantityInput.lineId": lines[0]["id"],
            "node.id": placed,
            "nodes.ids": [placed],
        }

    def _catalog(self) -> dict[str, Any]:
        """What is kept of products beside themselves. The product and its variant are `Chair`."""
        price = {"amount": "10.00", "currency": "EUR"}
        chair = self.do(
            "productCreate",
            "product { id variants(first: 1) { nodes { id } } }",
            input={"title": "Chair", "variants": [{"sku": "CHAIR", "prices": [price]}]},
        )
        id, variant = chair["id"], chair["variants"]["nodes"][0]["id"]
        category, other = (
            self._id("categoryCreate", "category", input={"name": slug, "slug": slug})
            for slug in ("chairs", "tables")
        )
        rules = [{"field": "TITLE", "operator": "EQ", "value": "Chair"}]
        given = {"name": "Chairs", "slug": "chairs", "rules": rules}
        collection = self._id("collectionCreate", "collection", input=given)
        old = self._archived("collection", name="Old", slug="old")
        return {
            **{f"category{verb}.id": other for verb in ("Update", "Move", "Delete")},
            "CategoryMoveInput.parentId": category,
            "CategoryLookup.slug": "chairs",
            "productSetCategories.id": id,
            "ProductSetCategoriesInput.categoryIds": [category],
            "CategoryCreateInput.slug": "new",
            "CategoryCreateInput.parentId": category,
            **{f"collection{verb}.id": collection for verb in ("Update", "SetProducts", "Archive")},
            "collectionRestore.id": old,
            "CollectionLookup.slug": "chairs",
            "CollectionCreateInput.slug": "new",
            "CollectionSetProductsInput.includedIds": [id],
            "CollectionRuleInput.field": "TITLE",
            "CollectionRuleInput.value": "Chair",
            "variantSetCustoms.id": variant,
            "VariantSetCustomsInput.hsCode": "940161",
            "variantSetFiscalProfile.id": variant,
            "VariantSetFiscalProfileInput.country": "BR",
            "VariantSetFiscalProfileInput.data": {"ncm": "94016100", "origin": "0"},
            "fieldHistory.subject": id,
            "fieldHistory.field": "title",
            **self._fields(id, variant),
            **self._media(id),
            **self._publications(id),
        }

    def _fields(self, product: str, variant: str) -> dict[str, Any]:
        made = {
            owner: self._id(
                "customFieldDefinitionCreate",
                "definition",
                input={"ownerType": owner, "key": "wood", "name": "Wood", "type": "TEXT"},
            )
            for owner in ("PRODUCT", "VARIANT", "CUSTOMER", "ORDER")
        }
        gone = {"ownerType": "ORDER", "key": "gone", "name": "Gone", "type": "TEXT"}
        old = self._id("customFieldDefinitionCreate", "definition", input=gone)
        self.do("customFieldDefinitionArchive", id=old)
        customer = self._id("customerCreate", "customer", input={"name": "Bea"})
        input = {"channel": {"code": "web"}, "lines": [{"sku": "MUG", "quantity": 1}]}
        return {
            "customFieldDefinitionUpdate.id": made["ORDER"],
            "customFieldDefinitionArchive.id": made["ORDER"],
            "customFieldDefinitionRestore.id": old,
            "CustomFieldDefinitionCreateInput.key": "new",
            "CustomFieldInput.key": "wood",
            "CustomFieldInput.value": "oak",
            "CustomFieldFilter.key": "wood",
            "productSetCustomFields.id": product,
            "variantSetCustomFields.id": variant,
            "customerSetCustomFields.id": customer,
            "orderSetCustomFields.id": self._id("orderCreate", "order", input=input),
        }

    def _media(self, product: str) -> dict[str, Any]:
        size = {"byteSize": 1}
        path = self.do("mediaUploadCreate", "path", input=size)
        out = io.BytesIO()
        Image.new("RGB", (2, 2)).save(out, "PNG")
        answer = self.client.send("PUT", path, out.getvalue())
        assert answer.status_code == 201, answer.text
        file = answer.json()["fileId"]
        (medium,) = self.do(
            "productAddMedia", "product { media { id } }", id=product, input={"fileId": file}
        )["media"]
        return {
            "ProductAddMediaInput.fileId": file,
            "productAddMedia.id": product,
            "productReorderMedia.id": product,
            "ProductReorderMediaInput.mediaIds": [medium["id"]],
            "productMediaUpdate.id": medium["id"],
            "productMediaRemove.id": medium["id"],
        }

    def _publications(self, product: str) -> dict[str, Any]:
        web, shop = (
            self._id(
                "channelCreate", "channel", input={"code": code, "name": code, "currency": "EUR"}
            )
            for code in ("feed", "shop")
        )
        self.do("productPublish", id=product, input={"channelId": web})
        return {
            "productPublish.id": product,
            "productUnpublish.id": product,
            "ProductPublishInput.channelId": shop,
            "ProductUnpublishInput.channelId": web,
            "channelSetReadiness.id": web,
            "ReadinessRuleInput.kind": "IMAGE",
        }

    def _files(self) -> dict[str, Any]:
        """An import that waits, one with a rejected row, and an export that waits and one done."""
        now, new_id = datetime.now(UTC), IdSource()
        bench = Bench(self.database, LocalFolder(Path(mkdtemp())), lambda: now, new_id)

        def uploaded() -> str:
            path = "path file { id }"
            made = self.ask(
                f'mutation {{ bulkUploadCreate(input: {{name: "rows.csv"}}) {{ {path} }} }}'
            ).json()["data"]["bulkUploadCreate"]
            id = ids.parse("fil", made["file"]["id"])
            with bench.storage.writing(id.hex) as writing:
                writing.write(b"sku,currency,price\nNONE,EUR,1\n")
            ticket = ticket_hash(Secret(made["path"].rpartition("/")[2]))
            command = ReceiveFile(
                ticket=ticket, size_bytes=writing.size_bytes, sha256=writing.sha256
            )
            bench.run(receive_file, command, THE_SYSTEM)
            file_id: str = made["file"]["id"]
            return file_id

        def imported() -> str:
            input = {"kind": "PRICES", "fileId": uploaded()}
            return self._id("bulkImportCreate", "bulkImport", input=input)

        def exported() -> str:
            return self._id("bulkExportCreate", "bulkExport", input={"kind": "PRICES"})

        waiting, done, written = imported(), imported(), exported()
        import_slice(bench, ids.parse("bim", done), lambda *_: True, slice_s=None)
        export_all(bench, ids.parse("bex", written), lambda *_: True)
        return {
            "BulkUploadCreateInput.name": "rows.csv",
            "BulkImportCreateInput.fileId": uploaded(),
            "bulkImport.id": done,
            "bulkImportCancel.id": waiting,
            "bulkImportDownload.id": done,
            "bulkImportRetry.id": done,
            "bulkExport.id": written,
            "bulkExportCancel.id": exported(),
            "bulkExportDownload.id": written,
        }

    def _jobs(self) -> dict[str, Any]:
        now, new_id = datetime.now(UTC), IdSource()
        with self.database.writing.begin() as db:
            wanted = [Job("tests.fail", attempts_max=1), Job("tests.wait")]
            failed, waiting = jobs.enqueue(db, wanted, now=now, new_id=new_id)
            (taken,) = jobs.lease(db, ["tests.fail"], now=now)
            jobs.fail(db, taken, "No.", now=now)
        return {
            "jobRetry.id": ids.text("job", failed),
            "jobCancel.id": ids.text("job", waiting),
            "job.id": ids.text("job", waiting),
        }


_SCALARS: Mapping[str, Any] = {
    "String": PLAIN,
    "Int": 1,
    "BigInt": "1",
    "Decimal": "1.00",
    "Boolean": True,
    "CurrencyCode": "EUR",
    "Secret": PASSWORD,
    "ID": "ord_" + "0" * 32,
    "DateTime": FAR,
    "BarcodeInput.code": "4006381333931",
    "CustomerAddressInput.country": "BR",
    "OrderAddressInput.country": "BR",
    "StaffCreateInput.email": "new@example.com",
    "TaxIdInput.kind": "CPF",
    "TaxIdInput.value": "529.982.247-25",
}


@contextmanager
def open_office(url: str, database: Database) -> Iterator[Office]:
    """The application over the migrated database at `url`, quiet, and without a worker."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    said = io.StringIO()
    try:
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings(
                database_url=url, worker_in_process=False, log_level="debug", files_folder=folder
            )
            logs.configure(settings, said)
            with Application(create_app(settings)) as client:
                yield Office(database, client)
    finally:
        root.handlers, root.level = handlers, level
        structlog.reset_defaults()
    lines = map(json.loads, said.getvalue().splitlines())
    bugs = [line for line in lines if line["level"] in ("error", "critical")]
    assert bugs == [], "The log tells of bugs."
    found = spilled(said.getvalue())
    assert not found, f"The log tells of secrets: {found[:3]}"
