"""Suppliers, what they sell, and where they are paid. On both databases."""

import pytest

from backoffice_api.domain.approvals.model.refusals import ApproverIsCreator
from backoffice_api.domain.customers.model import TaxId
from backoffice_api.domain.kernel.bank_accounts import InvalidBic, InvalidIban
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.kernel.log import event_list
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.states import InvalidTransition
from backoffice_api.domain.kernel.tax_ids import InvalidTaxId, TaxIdKind
from backoffice_api.domain.kernel.texts import InvalidText, OutOfRange
from backoffice_api.domain.purchasing import queries
from backoffice_api.domain.purchasing.commands.bank import (
    ApproveBankChange,
    ProposeBankChange,
    RejectBankChange,
    approve_bank_change,
    propose_bank_change,
    reject_bank_change,
)
from backoffice_api.domain.purchasing.commands.items import (
    ArchiveSupplierItem,
    BreakDraft,
    CreateSupplierItem,
    UpdateSupplierItem,
    archive_supplier_item,
    create_supplier_item,
    update_supplier_item,
)
from backoffice_api.domain.purchasing.commands.suppliers import (
    CreateSupplier,
    UpdateSupplier,
    create_supplier,
    update_supplier,
)
from backoffice_api.domain.purchasing.model.bank import (
    AccountNumberNeeded,
    BankChangeKind,
    BankDetails,
    BankDetailsMismatch,
    StaffNeeded,
    UnknownBankAccount,
)
from backoffice_api.domain.purchasing.model.items import InvalidPriceBreaks, SupplierSkuTaken
from backoffice_api.domain.purchasing.model.suppliers import (
    Contact,
    SupplierAddress,
    SupplierCodeTaken,
    SupplierTaxIdTaken,
)
from tests.purchasing.desk import ANNA, BERT, Desk, price
from tests.world import CLERK

CNPJ = TaxId(TaxIdKind.CNPJ, "11.222.333/0001-81")
IBAN = "DE89 3704 0044 0532 0130 00"


def refused(desk: Desk, handler, command, **how) -> list[type[DomainError]]:
    with pytest.raises(DomainError) as refusal:
        desk.world.run(handler, command, **how)
    assert desk.broken() == []
    return [type(each) for each in refusal.value.reasons()]


class TestSuppliers:
    def test_keep_their_lists_in_canonical_form(self, desk: Desk) -> None:
        address = SupplierAddress(None, ("Rua A, 1",), None, "Santos", "SP", None, "BR")
        id = desk.supplier(
            "NOVA",
            contacts=(Contact("Rita", "sales", "Rita@NOVA.example", "+55 11 91234 5678"),),
            addresses=(address,),
            tax_ids=(CNPJ,),
            external_ids=(ExternalId("erp", "7"),),
        )

        found = desk.world.read(queries.supplier_profile, id)

        assert found.contacts == (Contact("Rita", "sales", "Rita@nova.example", "+5511912345678"),)
        assert found.addresses == (address,)
        assert found.tax_ids == (TaxId(TaxIdKind.CNPJ, "11222333000181"),)
        assert found.external_ids == (ExternalId("erp", "7"),)

    def test_change_what_is_given(self, desk: Desk) -> None:
        id = desk.supplier("NOVA", contacts=(Contact("Rita"),), payment_days=14)

        desk.world.run(update_supplier, UpdateSupplier(id=id, code="NEU", contacts=()))

        found = desk.world.read(queries.supplier_profile, id)
        assert (found.code, found.contacts, found.payment_days) == ("NEU", (), 14)
        assert found.version == 2

    def test_have_codes_and_tax_ids_of_their_own(self, desk: Desk) -> None:
        desk.supplier("NOVA", tax_ids=(CNPJ,))
        same_code = CreateSupplier(code="NOVA", name="x", currency="EUR")
        same_tax_id = CreateSupplier(code="X", name="x", currency="EUR", tax_ids=(CNPJ,))

        assert refused(desk, create_supplier, same_code) == [SupplierCodeTaken]
        assert refused(desk, create_supplier, same_tax_id) == [SupplierTaxIdTaken]

    def test_are_refused_with_all_that_is_wrong(self, desk: Desk) -> None:
        wrong = CreateSupplier(
            code="",
            name="x",
            currency="EUR",
            over_tolerance_percent=101,
            tax_ids=(TaxId(TaxIdKind.CNPJ, "11222333000182"),),
        )

        assert refused(desk, create_supplier, wrong) == [InvalidText, OutOfRange, InvalidTaxId]

    def test_leave_no_personal_data_in_the_log(self, desk: Desk) -> None:
        desk.supplier("NOVA", contacts=(Contact("Rita", None, "rita@nova.example"),))

        page = desk.world.read(event_list.page, PageRequest())

        assert "rita" not in str([each.changes for each in page.rows]).lower()


class TestSupplierItems:
    def test_have_skus_of_their_own_within_a_supplier(self, desk: Desk) -> None:
        other = desk.supplier("OTHER")
        desk.item("ACME-A", desk.a, (1, 1), supplier_id=other, is_preferred=False)
        same = CreateSupplierItem(supplier_id=desk.acme, variant_id=desk.b, supplier_sku="ACME-A")

        assert refused(desk, create_supplier_item, same) == [SupplierSkuTaken]

    def test_take_the_preference_from_the_one_that_had_it(self, desk: Desk) -> None:
        other = desk.supplier("OTHER")

        newer = desk.item("O-A", desk.a, (1, 1), supplier_id=other)

        found = desk.world.read(queries.items_by_ids, [desk.item_a, newer])
        assert (found[desk.item_a].is_preferred, found[newer].is_preferred) == (False, True)
        assert found[desk.item_a].version == 2

    def test_have_prices_from_one_piece_on(self, desk: Desk) -> None:
        def prices(*breaks: BreakDraft) -> UpdateSupplierItem:
            return UpdateSupplierItem(id=desk.item_a, prices=breaks)

        desk.world.run(
            update_supplier_item, prices(BreakDraft(10, price(2)), BreakDraft(1, price(3)))
        )

        found = desk.world.read(queries.prices_by_items, [desk.item_a])[desk.item_a]
        assert [(each.from_quantity, each.price_micro) for each in found] == [(1, 3), (10, 2)]
        assert refused(desk, update_supplier_item, prices(BreakDraft(10, price(2)))) == [
            InvalidPriceBreaks
        ]

    def test_are_archived_without_their_preference(self, desk: Desk) -> None:
        desk.world.run(archive_supplier_item, ArchiveSupplierItem(id=desk.item_a))

        found = desk.world.read(queries.items_by_ids, [desk.item_a])[desk.item_a]
        assert (found.status.name, found.is_preferred) == ("ARCHIVED", False)
        assert refused(
            desk, update_supplier_item, UpdateSupplierItem(id=desk.item_a, pack_size=2)
        ) == [InvalidTransition]


class TestBankChanges:
    def propose(self, desk: Desk, caller=ANNA, **values):
        given = {
            "kind": BankChangeKind.ADD,
            "details": BankDetails("ACME GmbH", IBAN, "cobadeffxxx"),
            **values,
        }
        command = ProposeBankChange(supplier_id=desk.acme, **given)
        return desk.world.run(propose_bank_change, command, caller=caller).value

    def approve(self, desk: Desk, change, caller=BERT):
        desk.world.run(approve_bank_change, ApproveBankChange(id=change), caller=caller)

    def accounts(self, desk: Desk):
        return desk.world.read(queries.accounts_by_suppliers, [desk.acme]).get(desk.acme, [])

    def test_change_nothing_until_another_person_approves(self, desk: Desk) -> None:
        change = self.propose(desk)
        before = self.accounts(desk)

        assert refused(desk, approve_bank_change, ApproveBankChange(id=change), caller=ANNA) == [
            ApproverIsCreator
        ]
        assert refused(desk, approve_bank_change, ApproveBankChange(id=change), caller=CLERK) == [
            StaffNeeded
        ]
        self.approve(desk, change)

        assert before == []
        (account,) = self.accounts(desk)
        assert (account.iban, account.bic) == ("DE89370400440532013000", "COBADEFFXXX")
        assert account.masked_number == "DE••••3000"
        assert desk.broken() == []

    def test_replace_and_remove_accounts(self, desk: Desk) -> None:
        self.approve(desk, self.propose(desk))
        (account,) = self.accounts(desk)
        by_number = BankDetails("ACME", account_number="123456", bank_code="021000021")
        replace = {"kind": BankChangeKind.REPLACE, "account_id": account.id, "details": by_number}

        change, stale = self.propose(desk, **replace), self.propose(desk, **replace)
        self.approve(desk, change)

        (newer,) = self.accounts(desk)
        assert (newer.iban, newer.account_number) == (None, "123456")
        assert refused(desk, approve_bank_change, ApproveBankChange(id=stale), caller=BERT) == [
            UnknownBankAccount
        ]
        remove = {"kind": BankChangeKind.REMOVE, "account_id": newer.id, "details": None}
        self.approve(desk, self.propose(desk, **remove))
        assert self.accounts(desk) == []
        assert desk.broken() == []

    def test_can_be_rejected_once(self, desk: Desk) -> None:
        change = self.propose(desk)

        desk.world.run(reject_bank_change, RejectBankChange(id=change), caller=ANNA)

        assert self.accounts(desk) == []
        assert refused(desk, approve_bank_change, ApproveBankChange(id=change), caller=BERT) == [
            InvalidTransition
        ]

    @pytest.mark.parametrize(
        ("values", "faults"),
        [
            ({"details": None}, [BankDetailsMismatch]),
            ({"kind": BankChangeKind.REPLACE}, [BankDetailsMismatch]),
            ({"details": BankDetails("x")}, [AccountNumberNeeded]),
            ({"details": BankDetails("x", account_number="1")}, [AccountNumberNeeded]),
            (
                {"details": BankDetails("x", "DE89370400440532013001", "NOBIC")},
                [InvalidIban, InvalidBic],
            ),
        ],
    )
    def test_are_refused(self, desk: Desk, values, faults) -> None:
        given = {
            "kind": BankChangeKind.ADD,
            "details": BankDetails("ACME GmbH", IBAN),
            **values,
        }

        command = ProposeBankChange(supplier_id=desk.acme, **given)

        assert refused(desk, propose_bank_change, command) == faults

    def test_leave_no_numbers_in_the_log(self, desk: Desk) -> None:
        self.approve(desk, self.propose(desk))

        page = desk.world.read(event_list.page, PageRequest())

        told = str([(each.changes, each.data) for each in page.rows])
        assert "(personal)" in told
        assert "3704" not in told
