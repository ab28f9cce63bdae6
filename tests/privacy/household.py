"""One person with everything a shop knows of people."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from backoffice_api.domain.execute import execute
from backoffice_api.domain.invoicing.commands.issuing import CreateInvoice, create_invoice
from backoffice_api.domain.invoicing.commands.sellers import SetSeller, set_seller
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from backoffice_api.domain.media.tables import attached_files
from backoffice_api.domain.orders.commands.closing import CloseOrder, close_order
from backoffice_api.domain.privacy.commands.erasing import (
    ContinueErasures,
    continue_erasures,
)
from tests.customers import people
from tests.invoicing.office import SELLER
from tests.media.received import media_file
from tests.orders.shop import address, goods
from tests.privacy.planting import EMAIL, TOKEN, found
from tests.returns.desk import Desk
from tests.world import World

NAME = f"Zuleika {TOKEN}"
WRITE = """
mutation (
  $order: ID!, $id: ID!, $body: String!, $name: String!, $email: String!, $file: ID!
) {
  commentAdd(input: {subjectId: $order, body: $body, attachmentIds: [$file]}) {
    userErrors { code }
  }
  customerContactAdd(id: $id, input: {name: $name, email: $email}) { userErrors { code } }
  customerNoteAdd(id: $id, input: {body: $body}) { userErrors { code } }
  ticketOpen(
    input: {
      subject: $body, body: $body, customerId: $id, authorName: $name, authorEmail: $email
    }
  ) { userErrors { code } }
}"""


class Household(Desk):
    """Zuleika has bought, sent back, been invoiced, and has another order under way."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        people.create(world, name="Ana Silva", email="ana@example.org", phone="+5511987654321")
        self.zuleika = people.create(
            world,
            name=NAME,
            email=EMAIL,
            note=f"{TOKEN} likes tea",
            tags=(f"tag-{TOKEN}",),
            tax_ids=(people.CPF,),
            addresses=(people.address(recipient=NAME, lines=(f"Rua {TOKEN} 7",)),),
            external_ids=(ExternalId("shop", EMAIL),),
        )
        where = address(recipient=NAME, lines=(f"Rua {TOKEN} 7",))
        given: dict[str, Any] = {
            "customer_id": self.zuleika,
            "email": EMAIL,
            "note": f"For {TOKEN}",
        }
        self.world.run(set_seller, SetSeller(**SELLER, channel_ids=(self.channel_id,)))
        self.bought_id = self.bought(2, shipping_address=where, **given)
        self.world.run(create_invoice, CreateInvoice(order_id=self.bought_id))
        self.return_id = self.back(self.bought_id, note=f"{TOKEN} says it is broken")
        self.refund(self.return_id, note=f"sorry, {TOKEN}")
        self.resolve(self.return_id)
        self.world.run(close_order, CloseOrder(id=self.bought_id, leave_open="Paid elsewhere."))
        self.open_id = self.place(goods("MUG", 1), shipping_address=where, **given)
        self.guest_id = self.create(goods("MUG", 1), email=EMAIL.upper())

    def found(self) -> set[str]:
        with self.world.database.reading.connect() as db:
            return set(found(db))

    def attached(self) -> int:
        """How many files are shown with anything."""
        with self.world.database.reading.connect() as db:
            return db.execute(select(func.count()).select_from(attached_files)).scalar_one()

    async def write(self) -> None:
        """What the staff writes about her, and what she writes herself."""
        given = {"body": f"{NAME} has called", "name": NAME, "email": EMAIL}
        given["file"] = media_file(self.world)
        order, id = ids.text("ord", self.bought_id), ids.text("cus", self.zuleika)
        answer = await self.world.graphql(WRITE, order=order, id=id, **given)
        assert [each["userErrors"] for each in answer.values()] == [[]] * 4

    def go_on(self, now: datetime) -> None:
        """What the worker does on another day."""
        execute(
            self.world.database, continue_erasures, ContinueErasures(), caller=THE_SYSTEM, now=now
        )
