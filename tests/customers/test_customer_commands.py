"""What can be done with customers, by commands, on both databases."""

from datetime import timedelta
from uuid import UUID

import pytest

from backoffice_api.domain.customers import queries
from backoffice_api.domain.customers.commands.customers import (
    ArchiveCustomer,
    CreateCustomer,
    RestoreCustomer,
    UpdateCustomer,
    archive_customer,
    create_customer,
    restore_customer,
    update_customer,
)
from backoffice_api.domain.customers.model import (
    MACHINE,
    CustomerKind,
    CustomerStatus,
    TaxId,
    TaxIdTaken,
    UnknownCustomer,
)
from backoffice_api.domain.kernel.contacts import InvalidEmail
from backoffice_api.domain.kernel.errors import DomainError, SeveralFaults, StaleVersion
from backoffice_api.domain.kernel.events import MASKED
from backoffice_api.domain.kernel.external_ids import ExternalId, ExternalIdTaken
from backoffice_api.domain.kernel.log import event_list
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.states import InvalidTransition
from tests.customers.people import (
    CNPJ,
    CPF,
    OTHER_CPF,
    SHOP,
    VAT,
    address,
    create,
    draft,
    events,
    profile,
)
from tests.databases import count_statements
from tests.world import NOW

LATER = NOW + timedelta(hours=1)
NOBODY = UUID(int=1)


def last_changes(world):
    page = world.read(event_list.page, PageRequest(size=1, descending=True))
    return {each["path"]: (each["before"], each["after"]) for each in page.rows[0].changes}


class TestCreateCustomer:
    def test_keeps_everything_in_canonical_form(self, world):
        id = create(
            world,
            kind=CustomerKind.COMPANY,
            email=" Sales@Example.COM ",
            phone="+55 (11) 91234-5678",
            locale="PT-br",
            country="BR",
            note="Pays late.",
            tags=("wholesale", " vip "),
            tax_ids=(
                TaxId(VAT.kind, "de 136.695.976"),
                TaxId(CNPJ.kind, "11.222.333/0001-81"),
            ),
            external_ids=(SHOP,),
        )

        made = profile(world, id)
        assert (made.version, made.created_at, made.updated_at) == (1, NOW, NOW)
        assert made.kind is CustomerKind.COMPANY
        assert made.status is CustomerStatus.ACTIVE
        assert (made.name, made.email, made.phone) == (
            "Ana Silva",
            "Sales@example.com",
            "+5511912345678",
        )
        assert (made.locale, made.country, made.note) == ("pt-BR", "BR", "Pays late.")
        assert made.tags == ("vip", "wholesale")
        assert made.tax_ids == (CNPJ, VAT)
        assert made.external_ids == (SHOP,)

    def test_tells_what_was_made_without_personal_values(self, world):
        create(world, email="ana@example.com", tax_ids=(CPF,), tags=("vip",), country="BR")

        assert events(world) == [("customer.created", 1)]
        assert last_changes(world) == {
            "kind": (None, "person"),
            "name": (None, MASKED),
            "email": (None, MASKED),
            "country": (None, "BR"),
            "status": (None, "active"),
            "tags": (None, ["vip"]),
            "tax_ids": (None, MASKED),
            "external_ids": (None, MASKED),
        }

    def test_tells_all_faults_at_once_and_writes_nothing(self, world):
        wrong = CreateCustomer(
            draft=draft(
                name=" ",
                email="ana",
                phone="1234",
                locale="portuguese",
                country="XX",
                note="",
                tags=("vip", "vip", "t" * 61),
                tax_ids=(CPF, CPF, TaxId(CPF.kind, "52998224726")),
            ),
            addresses=(
                address(lines=(), country="UK", is_default_billing=True),
                address(postal_code="1" * 21, is_default_billing=True),
            ),
        )

        with pytest.raises(SeveralFaults) as refusal:
            world.run(create_customer, wrong)

        assert {(each.code, each.path) for each in refusal.value.faults} == {
            ("INVALID_TEXT", ("name",)),
            ("INVALID_EMAIL", ("email",)),
            ("INVALID_PHONE", ("phone",)),
            ("INVALID_LOCALE", ("locale",)),
            ("UNKNOWN_COUNTRY", ("country",)),
            ("INVALID_TEXT", ("note",)),
            ("DUPLICATE", ("tags", 1)),
            ("INVALID_TEXT", ("tags", 2)),
            ("TAX_ID_TAKEN", ("tax_ids", 1, "value")),
            ("INVALID_TAX_ID", ("tax_ids", 2, "value")),
            ("SEVERAL_DEFAULTS", ("addresses",)),
            ("INVALID_ADDRESS_LINES", ("addresses", 0, "lines")),
            ("UNKNOWN_COUNTRY", ("addresses", 0, "country")),
            ("INVALID_TEXT", ("addresses", 1, "postal_code")),
        }
        assert events(world) == []

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"tags": tuple(map(str, range(51)))}, "TOO_MANY"),
            ({"tax_ids": tuple(TaxId(VAT.kind, f"DK{n:08}") for n in range(21))}, "TOO_MANY"),
            ({"addresses": (address(),) * 21}, "TOO_MANY"),
            (
                {"external_ids": (SHOP, ExternalId(SHOP.system, "other"))},
                "TOO_MANY_EXTERNAL_IDS",
            ),
        ],
    )
    def test_bounds_its_lists(self, world, values, code):
        with pytest.raises(DomainError) as refusal:
            create(world, **values)

        assert [each.code for each in refusal.value.reasons()] == [code]
        assert events(world) == []

    def test_takes_as_much_as_the_bounds_allow(self, world):
        numbers = tuple(TaxId(VAT.kind, f"DK{number:08}") for number in range(20))
        id = create(
            world,
            tags=tuple(f"{number:060}" for number in range(50)),
            tax_ids=numbers,
            addresses=(address(),) * 20,
        )

        made = profile(world, id)
        assert len(made.tags) == 50
        assert made.tax_ids == numbers
        assert len(world.read(queries.addresses_of, id)) == 20

    def test_refuses_the_tax_id_of_another(self, world):
        create(world, tax_ids=(CPF,))

        with pytest.raises(TaxIdTaken) as refusal:
            create(world, tax_ids=(OTHER_CPF, TaxId(CPF.kind, "529.982.247-25")))

        assert refusal.value.path == ("tax_ids", 1, "value")
        assert str(refusal.value) == "This CPF is taken: a tax id names one customer."
        assert events(world) == [("customer.created", 1)]

    def test_takes_one_number_under_two_kinds(self, world):
        """The same digits mean another thing in another register."""
        first = create(world, tax_ids=(TaxId(VAT.kind, f"IT{CPF.value}"),))
        second = create(world, tax_ids=(CPF,))

        assert first != second

    def test_refuses_the_external_id_of_another(self, world):
        create(world, external_ids=(SHOP,))

        with pytest.raises(ExternalIdTaken):
            create(world, external_ids=(SHOP,))

        assert events(world) == [("customer.created", 1)]

    def test_lets_customers_share_a_mailbox(self, world):
        create(world, email="family@example.com")
        create(world, email="Family@example.com")

        assert events(world) == [("customer.created", 1)] * 2

    def test_takes_the_same_number_of_statements_for_any_lists(self, world):
        with count_statements(world.database) as few:
            create(world, tags=("a",), tax_ids=(CPF,), addresses=(address(),), external_ids=(SHOP,))
        with count_statements(world.database) as many:
            create(
                world,
                tags=("a", "b", "c"),
                tax_ids=(OTHER_CPF, CNPJ, VAT),
                addresses=(address(),) * 9,
                external_ids=(ExternalId("shop", "2"),),
            )

        assert len(many) == len(few)


class TestUpdateCustomer:
    def test_keeps_what_is_absent_and_clears_what_is_none(self, world):
        id = create(world, email="ana@example.com", phone="+5511912345678", tags=("vip",))

        command = UpdateCustomer(id=id, name="Ana Souza", email=None)
        world.run(update_customer, command, now=LATER)

        changed = profile(world, id)
        assert (changed.version, changed.created_at, changed.updated_at) == (2, NOW, LATER)
        assert (changed.name, changed.email, changed.phone) == ("Ana Souza", None, "+5511912345678")
        assert changed.tags == ("vip",)
        assert last_changes(world) == {"name": (MASKED, MASKED), "email": (MASKED, None)}

    def test_replaces_lists_as_a_whole(self, world):
        id = create(world, tags=("old", "vip"), tax_ids=(CPF, CNPJ), external_ids=(SHOP,))

        other = ExternalId("erp", "K-1")
        command = UpdateCustomer(
            id=id, tags=("vip", "new"), tax_ids=(CPF, VAT), external_ids=(other,)
        )
        world.run(update_customer, command)

        changed = profile(world, id)
        assert changed.tags == ("new", "vip")
        assert changed.tax_ids == (CPF, VAT)
        assert changed.external_ids == (other,)
        assert last_changes(world) == {
            "tags": (["old", "vip"], ["new", "vip"]),
            "tax_ids": (MASKED, MASKED),
            "external_ids": (MASKED, MASKED),
        }

    def test_does_nothing_where_nothing_differs(self, world):
        id = create(world, email="Ana@example.com", tags=("a", "b"))

        command = UpdateCustomer(id=id, email="Ana@EXAMPLE.com", tags=("b", "a"))
        answer = world.run(update_customer, command, now=LATER)

        assert answer.effects == []
        assert profile(world, id).version == 1
        assert profile(world, id).updated_at == NOW

    def test_frees_the_tax_id_that_it_gives_up(self, world):
        first = create(world, tax_ids=(CPF,))
        world.run(update_customer, UpdateCustomer(id=first, tax_ids=()))

        second = create(world, tax_ids=(CPF,))

        assert world.read(queries.owners_by_tax_ids, [CPF]) == {CPF: second}

    def test_refuses_the_tax_id_of_another(self, world):
        create(world, tax_ids=(CPF,))
        second = create(world, name="Bia")

        with pytest.raises(TaxIdTaken):
            world.run(update_customer, UpdateCustomer(id=second, name="Bea", tax_ids=(CPF,)))

        assert profile(world, second).name == "Bia"

    def test_refuses_a_wrong_value(self, world):
        id = create(world, email="ana@example.com")

        with pytest.raises(InvalidEmail):
            world.run(update_customer, UpdateCustomer(id=id, email="ana@"))

        assert profile(world, id).email == "ana@example.com"

    def test_refuses_an_unknown_one(self, world):
        with pytest.raises(UnknownCustomer):
            world.run(update_customer, UpdateCustomer(id=NOBODY, name="Bia"))

    def test_compares_the_version(self, world):
        id = create(world)
        world.run(update_customer, UpdateCustomer(id=id, name="Bia"), expected_version=1)

        with pytest.raises(StaleVersion):
            world.run(update_customer, UpdateCustomer(id=id, name="Cris"), expected_version=1)

        assert profile(world, id).name == "Bia"


class TestArchiveAndRestore:
    def test_take_out_of_use_and_back(self, world):
        id = create(world)

        world.run(archive_customer, ArchiveCustomer(id=id))
        assert profile(world, id).status is CustomerStatus.ARCHIVED
        assert last_changes(world) == {"status": ("active", "archived")}

        world.run(restore_customer, RestoreCustomer(id=id))
        assert profile(world, id).status is CustomerStatus.ACTIVE
        assert events(world) == [
            ("customer.created", 1),
            ("customer.archived", 2),
            ("customer.restored", 3),
        ]

    @pytest.mark.parametrize("archived", [False, True])
    def test_follow_the_table(self, world, archived):
        id = create(world)
        if archived:
            world.run(archive_customer, ArchiveCustomer(id=id))
        verbs = {
            "update": (update_customer, UpdateCustomer(id=id, name="Bia")),
            "archive": (archive_customer, ArchiveCustomer(id=id)),
            "restore": (restore_customer, RestoreCustomer(id=id)),
        }
        present = CustomerStatus.ARCHIVED if archived else CustomerStatus.ACTIVE
        before = events(world)

        # The others are tried with what they are about.
        others = {"record_consent", "merge", "undo_merge"}
        assert set(verbs) | others == set(MACHINE.moves)
        for name in set(verbs) - set(MACHINE.allowed(present)):
            with pytest.raises(InvalidTransition):
                world.run(*verbs[name])
        assert events(world) == before

    def test_refuse_an_unknown_one(self, world):
        with pytest.raises(UnknownCustomer):
            world.run(archive_customer, ArchiveCustomer(id=NOBODY))
        with pytest.raises(UnknownCustomer):
            world.run(restore_customer, RestoreCustomer(id=NOBODY))

    def test_keep_the_tax_id_taken(self, world):
        id = create(world, tax_ids=(CPF,))
        world.run(archive_customer, ArchiveCustomer(id=id))

        with pytest.raises(TaxIdTaken):
            create(world, tax_ids=(CPF,))
