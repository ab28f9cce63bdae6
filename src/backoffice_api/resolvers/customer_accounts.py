"""What can be asked and done with contacts, locations, notes and groups of customers."""

from collections.abc import Callable
from functools import partial
from typing import Any

import strawberry
from strawberry import UNSET

from backoffice_api.domain.customers.commands import contacts as on_contacts
from backoffice_api.domain.customers.commands import groups as on_groups
from backoffice_api.domain.customers.commands import locations as on_locations
from backoffice_api.domain.customers.commands import notes as on_notes
from backoffice_api.domain.customers.queries import accounts as queries
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.patch import KEEP
from backoffice_api.schema.connections import Connection, Count, counted, listed
from backoffice_api.schema.customer_accounts import (
    CustomerContactInput,
    CustomerContactRemoveInput,
    CustomerContactUpdateInput,
    CustomerGroup,
    CustomerGroupChangeMembersInput,
    CustomerGroupCreateInput,
    CustomerGroupFilter,
    CustomerGroupPayload,
    CustomerGroupSort,
    CustomerGroupUpdateInput,
    CustomerLocationInput,
    CustomerLocationRemoveInput,
    CustomerLocationUpdateInput,
    CustomerNoteAddInput,
    CustomerNoteRemoveInput,
)
from backoffice_api.schema.customers import READ, CustomerAddressInput, CustomerPayload
from backoffice_api.schema.money import MoneyInput
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.payloads import keep


@strawberry.type
class CustomerAccountQuery:
    customer_groups: Connection[CustomerGroup] = listed(
        queries.group_list,
        "Groups of customers, by name.",
        scope=READ,
        filter=CustomerGroupFilter,
        sort=CustomerGroupSort,
    )
    customer_groups_count: Count = counted(
        queries.group_list,
        "How many groups of customers there are.",
        scope=READ,
        filter=CustomerGroupFilter,
    )


@strawberry.type
class CustomerAccountMutation:
    @mutation(on_contacts.add_contact, CustomerPayload)
    def customer_contact_add(
        id: strawberry.ID, input: CustomerContactInput
    ) -> on_contacts.AddContact:
        """Add a contact to a customer. If it is the primary one, no other one is."""
        return on_contacts.AddContact(id=ids.parse("cus", id), contact=input.value())

    @mutation(on_contacts.update_contact, CustomerPayload)
    def customer_contact_update(
        id: strawberry.ID, input: CustomerContactUpdateInput
    ) -> on_contacts.UpdateContact:
        """Change a contact of a customer. What is absent stays; null clears."""
        return on_contacts.UpdateContact(
            id=ids.parse("cus", id),
            contact_id=ids.parse("cco", input.contact_id),
            name=keep(input.name),
            title=keep(input.title, nullable=True),
            email=keep(input.email, nullable=True),
            phone=keep(input.phone, nullable=True),
            locale=keep(input.locale, nullable=True),
            is_primary=keep(input.is_primary),
            buyer_role=keep(input.buyer_role, nullable=True),
            location_id=_kept(input.location_id, partial(ids.parse, "clo")),
            spend_limit=_kept(input.spend_limit, MoneyInput.value),
        )

    @mutation(on_contacts.remove_contact, CustomerPayload)
    def customer_contact_remove(
        id: strawberry.ID, input: CustomerContactRemoveInput
    ) -> on_contacts.RemoveContact:
        """Remove a contact of a customer."""
        return on_contacts.RemoveContact(
            id=ids.parse("cus", id), contact_id=ids.parse("cco", input.contact_id)
        )

    @mutation(on_locations.add_location, CustomerPayload)
    def customer_location_add(
        id: strawberry.ID, input: CustomerLocationInput
    ) -> on_locations.AddCustomerLocation:
        """Add a location to a company."""
        return on_locations.AddCustomerLocation(id=ids.parse("cus", id), location=input.value())

    @mutation(on_locations.update_location, CustomerPayload)
    def customer_location_update(
        id: strawberry.ID, input: CustomerLocationUpdateInput
    ) -> on_locations.UpdateCustomerLocation:
        """Change a location of a company. What is absent stays."""
        return on_locations.UpdateCustomerLocation(
            id=ids.parse("cus", id),
            location_id=ids.parse("clo", input.location_id),
            name=keep(input.name),
            address=KEEP
            if input.address is None
            else _kept(input.address, CustomerAddressInput.value),
        )

    @mutation(on_locations.remove_location, CustomerPayload)
    def customer_location_remove(
        id: strawberry.ID, input: CustomerLocationRemoveInput
    ) -> on_locations.RemoveCustomerLocation:
        """Remove a location of a company, for which no contact buys."""
        return on_locations.RemoveCustomerLocation(
            id=ids.parse("cus", id), location_id=ids.parse("clo", input.location_id)
        )

    @mutation(on_notes.add_note, CustomerPayload)
    def customer_note_add(
        id: strawberry.ID, input: CustomerNoteAddInput
    ) -> on_notes.AddCustomerNote:
        """Write a note about a customer."""
        return on_notes.AddCustomerNote(id=ids.parse("cus", id), body=input.body)

    @mutation(on_notes.remove_note, CustomerPayload)
    def customer_note_remove(
        id: strawberry.ID, input: CustomerNoteRemoveInput
    ) -> on_notes.RemoveCustomerNote:
        """Remove a note about a customer."""
        return on_notes.RemoveCustomerNote(
            id=ids.parse("cus", id), note_id=ids.parse("cno", input.note_id)
        )

    @mutation(on_groups.create_customer_group, CustomerGroupPayload)
    def customer_group_create(
        input: CustomerGroupCreateInput,
    ) -> on_groups.CreateCustomerGroup:
        """Make a group of customers, without members."""
        return on_groups.CreateCustomerGroup(
            code=input.code, name=input.name, description=input.description
        )

    @mutation(on_groups.update_customer_group, CustomerGroupPayload)
    def customer_group_update(
        id: strawberry.ID, input: CustomerGroupUpdateInput
    ) -> on_groups.UpdateCustomerGroup:
        """Change a group of customers. What is absent stays; null clears."""
        return on_groups.UpdateCustomerGroup(
            id=ids.parse("cgr", id),
            code=keep(input.code),
            name=keep(input.name),
            description=keep(input.description, nullable=True),
        )

    @mutation(on_groups.change_customer_group_members, CustomerGroupPayload)
    def customer_group_change_members(
        id: strawberry.ID, input: CustomerGroupChangeMembersInput
    ) -> on_groups.ChangeCustomerGroupMembers:
        """Put customers into a group and take others out. Who is in, or out, already is so."""
        return on_groups.ChangeCustomerGroupMembers(
            id=ids.parse("cgr", id),
            added_ids=tuple(ids.parse("cus", each) for each in input.added_ids),
            removed_ids=tuple(ids.parse("cus", each) for each in input.removed_ids),
        )

    @mutation(on_groups.archive_customer_group, CustomerGroupPayload)
    def customer_group_archive(id: strawberry.ID) -> on_groups.ArchiveCustomerGroup:
        """Take a group of customers out of use; it keeps its members."""
        return on_groups.ArchiveCustomerGroup(id=ids.parse("cgr", id))

    @mutation(on_groups.restore_customer_group, CustomerGroupPayload)
    def customer_group_restore(id: strawberry.ID) -> on_groups.RestoreCustomerGroup:
        """Take an archived group of customers into use again."""
        return on_groups.RestoreCustomerGroup(id=ids.parse("cgr", id))


def _kept(given: Any, convert: Callable[[Any], Any]) -> Any:
    """A value of an input for a command: what is absent is to be kept, null stands for itself."""
    if given is UNSET:
        return KEEP
    return None if given is None else convert(given)
