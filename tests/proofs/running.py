"""What the office needs of payment runs: one in every state that a mutation asks for."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from tests.payables.bill_samples import ubl_bill

if TYPE_CHECKING:
    from tests.proofs.office import Office

# Fields that an input needs besides those that its type demands.
WANTED: Mapping[str, tuple[str, ...]] = {
    "BillImportInput": ("xml", "supplierId"),
    "PaymentRunCreateInput": ("billIds",),
}

ANSWER = (
    "<Document><CstmrPmtStsRpt><OrgnlGrpInfAndSts><OrgnlMsgId>{0}</OrgnlMsgId></OrgnlGrpInfAndSts>"
    "<OrgnlPmtInfAndSts><TxInfAndSts><OrgnlEndToEndId>{0}-0001</OrgnlEndToEndId>"
    "<TxSts>ACSC</TxSts></TxInfAndSts></OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
)
CREATE = """
mutation ($input: PaymentRunCreateInput!) {
  done: paymentRunCreate(input: $input) { paymentRun { id } userErrors { code path } }
}
"""


class Running:
    """Runs of one bill each, proposed by the clerk `token` and approved by the office."""

    def __init__(
        self, office: "Office", owed: Callable[[], str], supplier: str, token: str
    ) -> None:
        self.office = office
        self.owed = owed
        self.supplier = supplier
        self.token = token
        details = {"holder": "Shop", "iban": "AT611904300234573201"}
        input = {"name": "House bank", "currency": "EUR", "details": details}
        self.account = office._id("payerAccountSet", "payerAccount", input=input)

    def examples(self) -> Mapping[str, Any]:
        """Examples by the names of arguments and input fields."""
        return {
            "PayerAccountSetInput.name": "Other bank",
            "PaymentRunCreateInput.payerAccountId": self.account,
            "PaymentRunCreateInput.method": "MANUAL",
            "PaymentRunCreateInput.billIds": [self.owed()],
            "paymentRun.id": self._proposed(),
            "paymentRunApprove.id": self._proposed(),
            "paymentRunCancel.id": self._proposed(),
            "paymentRunExport.id": self._approved(),
            "paymentRunRecord.id": self._exported(),
            "PaymentRunRecordInput.isPaid": True,
            "PaymentRunReturnImportInput.content": self._answer(),
            "BillImportInput.xml": ubl_bill(number="FILE-1").decode(),
            "BillImportInput.supplierId": self.supplier,
        }

    def _answer(self) -> str:
        """What a bank says of a run that it was given: its one payment was made."""
        id = self._approved()
        made = self.office.do("paymentRunExport", "paymentRun { number }", id=id)
        return ANSWER.format(made["number"])

    def _proposed(self) -> str:
        input = {"payerAccountId": self.account, "method": "MANUAL", "billIds": [self.owed()]}
        answer = self.office.ask(CREATE, {"input": input}, token=self.token).json()
        assert "errors" not in answer, answer
        assert answer["data"]["done"]["userErrors"] == [], answer
        id: str = answer["data"]["done"]["paymentRun"]["id"]
        return id

    def _approved(self) -> str:
        id = self._proposed()
        self.office.do("paymentRunApprove", id=id)
        return id

    def _exported(self) -> str:
        id = self._approved()
        self.office.do("paymentRunExport", id=id)
        return id
