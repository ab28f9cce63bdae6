"""Each check is silent on what commands wrote, and finds what they would never write."""

from uuid import UUID

import pytest
from sqlalchemy import delete, insert, select, text, update

from backoffice_api.domain.customers import tables
from backoffice_api.domain.customers.checks import CHECKS
from backoffice_api.domain.customers.commands.consents import RecordConsents, record_consents
from backoffice_api.domain.customers.model import CustomerStatus
from backoffice_api.domain.customers.model.consents import (
    ConsentChannel,
    ConsentDraft,
    ConsentSource,
    ConsentStatus,
    LegalBasis,
)
from backoffice_api.domain.customers.tables.consents import consent_states
from backoffice_api.domain.kernel.database import open_database
from backoffice_api.domain.kernel.external_ids import external_ids
from backoffice_api.domain.kernel.search import entries
from backoffice_api.domain.kernel.tax_ids import TaxIdKind
from tests import soundness
from tests.customers.people import CNPJ, CPF, SHOP, VAT, address, create
from tests.world import World

NOBODY = UUID(int=1)


@pytest.fixture
def shop(database_url):
    """Two customers in a database of their own, whose constraints may be dropped."""
    database = open_database(database_url)
    world = World(database, None)
    ana = create(
        world,
        email="Ana@Example.com",
        phone="+55 11 91234-5678",
        tags=("vip",),
        tax_ids=(CPF, CNPJ, VAT),
        addresses=(address(is_default_shipping=True, is_default_billing=True), address()),
        external_ids=(SHOP,),
    )
    create(world, name="Bia", addresses=(address(),))
    said = ConsentDraft(
        channel=ConsentChannel.SMS,
        status=ConsentStatus.GRANTED,
        source=ConsentSource.PHONE,
        legal_basis=LegalBasis.CONTRACT,
    )
    world.run(record_consents, RecordConsents(id=ana, consents=(said,)))
    yield world
    database.dispose()


def broken(world):
    return soundness.broken(world.database, CHECKS)


def write(world, *statements):
    """Past all commands, and past the constraints that stand in the way."""
    table, constraint = tables.customers, "ck_customers_email_key_fits"
    with world.database.writing.connect() as db:
        if db.dialect.name == "sqlite":
            db.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
        else:
            db.execute(text(f"ALTER TABLE {table.name} DROP CONSTRAINT {constraint}"))
        for index in ("shipping", "billing"):
            db.execute(text(f"DROP INDEX uq_customer_addresses_default_{index}"))
        for statement in statements:
            db.execute(statement)
        db.commit()


def too_many(world, check):
    """One row more than a customer may have of something."""
    with world.database.reading.connect() as db:
        owner = db.execute(select(tables.customers.c.id).limit(1)).scalar_one()
    place = {"customer_id": owner, "lines": ["Rua 1"], "city": "Recife", "country": "BR"}
    no_default = {"is_default_shipping": False, "is_default_billing": False}
    return {
        "C6": insert(tables.addresses).values(
            [{"id": UUID(int=number), **place, **no_default} for number in range(21)]
        ),
        "C7": insert(tables.tags).values(
            [{"customer_id": owner, "tag": str(number)} for number in range(51)]
        ),
        "C8": insert(tables.tax_ids).values(
            [
                {"customer_id": owner, "kind": TaxIdKind.VAT, "value": each, "value_index": each}
                for each in map("DK{:08}".format, range(21))
            ]
        ),
    }[check]


class TestChecks:
    def test_hold_for_what_commands_wrote(self, shop):
        assert broken(shop) == []

    def test_have_numbers_of_their_own(self):
        assert len({each.id for each in CHECKS}) == len(CHECKS) == 16

    @pytest.mark.parametrize(
        ("check", "statement"),
        [
            ("C1", update(tables.customers).values(email_key="Ana@example.com")),
            ("C1", update(tables.customers).values(email_key=None)),
            ("C2", update(tables.customers).values(phone="+55 11 91234")),
            ("C2", update(tables.customers).values(phone="5511912345678")),
            (
                "C3",
                update(tables.tax_ids)
                .values(value="de136695976")
                .where(tables.tax_ids.c.kind == "vat"),
            ),
            (
                "C3",
                update(tables.tax_ids)
                .values(value="529.982.247-25")
                .where(tables.tax_ids.c.kind == "cpf"),
            ),
            ("C4", update(tables.addresses).values(is_default_shipping=True)),
            ("C5", update(tables.addresses).values(is_default_billing=True)),
            ("C9", delete(entries)),
            ("C10", insert(entries).values(subject_id=NOBODY, kind="cus", words="ana")),
            ("K12", delete(consent_states)),
            ("K12", update(consent_states).values(status=ConsentStatus.WITHDRAWN)),
            ("K14", update(tables.customers).values(status=CustomerStatus.MERGED)),
            ("C11", update(external_ids).values(subject_id=NOBODY)),
        ],
    )
    def test_find_what_is_wrong(self, shop, check, statement):
        write(shop, statement)

        assert broken(shop) == [check]

    @pytest.mark.parametrize("check", ["C6", "C7", "C8"])
    def test_find_what_is_too_much(self, shop, check):
        write(shop, too_many(shop, check))

        assert broken(shop) == [check]
