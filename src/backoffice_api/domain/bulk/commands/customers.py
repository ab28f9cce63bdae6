"""Rows about customers: found by our id, by the key of the other system, or by e-mail address.

Where a file has neither id nor key, the address becomes the key, so that importing it again finds
the same customer. What a file has no column for stays as it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any
from uuid import UUID

from backoffice_api.domain.bulk.commands.applying import Rows, needed, values
from backoffice_api.domain.bulk.model.fields import ReadRow
from backoffice_api.domain.customers import queries
from backoffice_api.domain.customers.commands.addresses import (
    AddAddress,
    RemoveAddress,
    add_address,
    remove_address,
)
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
    AddressDraft,
    Customer,
    CustomerDraft,
    CustomerKind,
    CustomerStatus,
    Profile,
    UnknownCustomer,
    canonical,
)
from backoffice_api.domain.customers.model.addresses import normalised_address
from backoffice_api.domain.customers.queries.numbers import sorted_tax_ids
from backoffice_api.domain.kernel import external_ids as names
from backoffice_api.domain.kernel.contacts import email_key
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.external_ids import ExternalId

Given = Mapping[str, Any]

_LISTS = ("tags", "tax_ids", "external_ids")


class CustomerRows(Rows):
    """A customer in each row."""

    def prepare(self, rows: Sequence[ReadRow]) -> None:
        db = self.uow.db
        wanted = {name for row in rows for name in self._names(row.given)}
        self.names = dict(names.find(db, "cus", wanted))
        ids = {*self.names.values(), *values(rows, "customer_id")}
        found = queries.customers_by_ids(db, ids)
        tags = queries.tags_by_customers(db, found)
        tax_ids = queries.tax_ids_by_customers(db, found)
        known = names.by_subjects(db, found)
        self.profiles = {
            id: _profile(each, tags.get(id, ()), tax_ids.get(id, ()), known.get(id, ()))
            for id, each in found.items()
        }
        addresses = queries.addresses_by_customers(db, found)
        self.addresses = {
            id: [replace(each, lines=tuple(each.lines)).draft for each in addresses.get(id, ())]
            for id in found
        }

    def each(self, row: ReadRow) -> None:
        if self.attempt(row, lambda: self._write(row.given)):
            self._note(row)

    def _write(self, given: Given) -> None:
        before = self._find(given)
        status = given.get("status")
        if before is None:
            self._create(given)
            return
        if status is CustomerStatus.ACTIVE and before.status is CustomerStatus.ARCHIVED:
            self.do(restore_customer, RestoreCustomer(id=before.id))
        changes = _changes(given)
        if self._differs(before, changes):
            self.do(update_customer, UpdateCustomer(id=before.id, **changes))
        self._put_addresses(before.id, given)
        if status is CustomerStatus.ARCHIVED and before.status is CustomerStatus.ACTIVE:
            self.do(archive_customer, ArchiveCustomer(id=before.id))

    def _create(self, given: Given) -> None:
        changes = _changes(given)
        external_ids = list(changes.pop("external_ids", ()))
        for name in self._names(given)[:1]:
            if name.system not in {each.system for each in external_ids}:
                external_ids.append(name)
        if not external_ids:
            needed({}, "customer_key" if "customer_key" in given else "email")
        if not changes.get("name"):
            changes["name"] = given.get("email") or needed(given, "name")
        draft = CustomerDraft(**{"kind": CustomerKind.PERSON, **changes})
        addresses = given.get("addresses") or ()
        single = _single(given)
        command = CreateCustomer(
            draft=draft,
            addresses=addresses or ((single,) if single else ()),
            external_ids=tuple(external_ids),
        )
        id = self.do(create_customer, command)
        if given.get("status") is CustomerStatus.ARCHIVED:
            self.do(archive_customer, ArchiveCustomer(id=id))

    def _find(self, given: Given) -> Profile | None:
        """Raises: UnknownCustomer."""
        if id := given.get("customer_id"):
            if id not in self.profiles:
                raise UnknownCustomer(id).at("customer_id")
            return self.profiles[id]
        for name in self._names(given):
            if name in self.names:
                return self.profiles[self.names[name]]
        return None

    def _names(self, given: Given) -> list[ExternalId]:
        """Under which external ids the customer of a row may be known."""
        found = [self.named(given["customer_key"].strip())] if given.get("customer_key") else []
        found += given.get("external_ids") or ()
        if not found and given.get("email") and not given.get("customer_id"):
            found.append(self.named(email_key(given["email"])))
        return found

    def _differs(self, before: Profile, changes: Mapping[str, Any]) -> bool:
        """Whether the changes change anything; an update with faults counts as one."""
        after = {name: changes.get(name, getattr(before, name)) for name in _DRAFTED}
        faults = Faults()
        draft = canonical(CustomerDraft(**after), faults)
        if any(True for _ in faults):
            return True
        wanted = {each: getattr(draft, each) for each in _DRAFTED}
        wanted["tags"] = tuple(sorted(draft.tags))
        wanted["tax_ids"] = sorted_tax_ids(draft.tax_ids)
        external_ids = changes.get("external_ids", before.external_ids)
        return (
            wanted != {each: getattr(before, each) for each in _DRAFTED}
            or tuple(sorted(external_ids, key=_name_key)) != before.external_ids
        )

    def _put_addresses(self, id: UUID, given: Given) -> None:
        """All addresses as given, or one more if it is not there; nothing if the file has none."""
        present = self.addresses[id]
        if "addresses" in given:
            wanted = list(given["addresses"] or ())
            if _same(wanted, present):
                return
            for address in queries.addresses_of(self.uow.db, id):
                if address.draft not in wanted:
                    self.do(remove_address, RemoveAddress(id=id, address_id=address.id))
            for draft in wanted:
                if draft not in present:
                    self.do(add_address, AddAddress(id=id, address=draft))
        elif (single := _single(given)) and not any(_is_same_place(single, e) for e in present):
            self.do(add_address, AddAddress(id=id, address=single))

    def _note(self, row: ReadRow) -> None:
        """A later row may be about the same customer."""
        found = names.find(self.uow.db, "cus", self._names(row.given)) if self.uow.told else {}
        self.names |= found
        id = row.given.get("customer_id") or next(iter(found.values()), None)
        if id is not None and self.uow.told and self.uow.told[-1].event.id == id:
            self.profiles[id] = queries.profile(self.uow.db, id)
            self.addresses[id] = [each.draft for each in queries.addresses_of(self.uow.db, id)]


_DRAFTED = tuple(each.name for each in fields(CustomerDraft))


def _changes(given: Given) -> dict[str, Any]:
    """What the row says of the customer itself."""
    found = {name: given[name] for name in _DRAFTED if name in given}
    for name in _LISTS:
        if name in given:
            found[name] = given[name] or ()
    parts = [given.get(name) for name in ("first_name", "last_name")]
    if not found.get("name") and any(parts):
        found["name"] = " ".join(part.strip() for part in parts if part)
    # A customer always has these: nothing in the cell says nothing.
    return {
        name: value for name, value in found.items() if value is not None or name not in _ALWAYS
    }


_ALWAYS = ("kind", "name")


def _single(given: Given) -> AddressDraft | None:
    """The one address that foreign files have in columns of its own."""
    if not given.get("address1") or not given.get("city"):
        return None
    lines = tuple(line for line in (given["address1"], given.get("address2")) if line)
    found = AddressDraft(
        label=None,
        recipient=given.get("company"),
        lines=lines,
        district=None,
        city=given["city"],
        region=given.get("region"),
        postal_code=given.get("postal_code"),
        country=given.get("address_country") or given.get("country") or "",
        is_default_shipping=True,
        is_default_billing=True,
    )
    return normalised_address(found)


def _is_same_place(one: AddressDraft, other: AddressDraft) -> bool:
    """Whether two are the same but for what they are the default for."""
    return replace(one, is_default_shipping=False, is_default_billing=False) == replace(
        other, is_default_shipping=False, is_default_billing=False
    )


def _same(wanted: Sequence[AddressDraft], present: Sequence[AddressDraft]) -> bool:
    return len(wanted) == len(present) and set(wanted) == set(present)


def _name_key(name: ExternalId) -> tuple[str, str]:
    return name.system, name.key


def _profile(
    customer: Customer,
    tags: Sequence[str],
    tax_ids: Sequence[Any],
    external_ids: Sequence[ExternalId],
) -> Profile:
    return Profile(
        **{each.name: getattr(customer, each.name) for each in fields(Customer)},
        tags=tuple(tags),
        tax_ids=sorted_tax_ids(tax_ids),
        external_ids=tuple(external_ids),
    )
