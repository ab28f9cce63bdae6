"""What the office needs of feedback: surveys with answers, and reviews in every state."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.proofs.office import Office

# Fields that an input needs besides those that its type demands.
WANTED: Mapping[str, tuple[str, ...]] = {
    "ProductReviewCreateInput": ("variantId",),
    "ProductReviewImportInput": ("sku",),
    "SurveySubjectInput": ("orderId",),
}


def furnish(office: "Office") -> Mapping[str, Any]:
    """Examples by the names of arguments and input fields."""
    price = {"amount": "10.00", "currency": "EUR"}
    made = office.do(
        "productCreate",
        "product { variants(first: 1) { nodes { id } } }",
        input={"title": "Judged", "variants": [{"sku": "JUDGED", "prices": [price]}]},
    )
    variant = made["variants"]["nodes"][0]["id"]

    def order() -> str:
        lines = [{"sku": "JUDGED", "quantity": 1}]
        return office._id(
            "orderCreate", "order", input={"channel": {"code": "web"}, "lines": lines}
        )

    def answered() -> str:
        return office._id(
            "surveyRecord", "survey", input={"subject": {"orderId": order()}, "score": 4}
        )

    def review() -> str:
        return office._id(
            "productReviewCreate", "review", input={"rating": 4, "variantId": variant}
        )

    return {
        "survey.id": answered(),
        "surveyRemove.id": answered(),
        "SurveySubjectInput.orderId": order(),
        "SurveyRecordInput.score": 5,
        "FeedbackPolicySetInput.linkBase": "https://shop.example/survey-links/",
        "productReview.id": review(),
        "productReviewPublish.id": review(),
        "productReviewHide.id": review(),
        "productReviewAnswer.id": review(),
        "productReviewRemove.id": review(),
        "ProductReviewCreateInput.rating": 5,
        "ProductReviewCreateInput.variantId": variant,
        "ProductReviewImportInput.rating": 5,
        "ProductReviewImportInput.sku": "JUDGED",
        "ProductReviewImportInput.writtenAt": "2025-01-01T00:00:00Z",
    }
