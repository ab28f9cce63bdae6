"""What the office needs of views, runs and comments: examples of their inputs, and some of them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.proofs.office import Office

# Fields that an input needs besides those that its type demands.
WANTED: Mapping[str, tuple[str, ...]] = {
    "BulkRunItemsInput": ("list",),
    "BulkRunInput": ("input",),
    "CommentEditInput": ("body",),
    "SavedViewCreateInput": ("filter",),
    "SavedViewUpdateInput": ("filter",),
}

ALL = {"list": {"target": "locations", "filter": {"code": {"eq": "VIEW"}}}}


def furnish(office: "Office") -> Mapping[str, Any]:
    """Examples by the names of arguments and input fields."""
    place = office._id("locationCreate", "location", input={"code": "VIEW", "name": "View"})
    passes = {"code": {"eq": "VIEW"}}
    saved = {"name": "Places", "target": "locations", "filter": passes}
    view = office._id("savedViewCreate", "savedView", input=saved)
    gone = office._id("savedViewCreate", "savedView", input=saved)
    change = {"mutation": "locationUpdate", "items": ALL, "input": {"name": "Seen"}}
    run, waiting = (office._id("bulkRun", "bulkRun", input=change) for _ in range(2))
    said = {"subjectId": place, "body": "Here."}
    comment, other = (office._id("commentAdd", "comment", input=said) for _ in range(2))
    return {
        "SavedViewCreateInput.target": "locations",
        "SavedViewCreateInput.filter": passes,
        "SavedViewUpdateInput.filter": {},
        "SavedViewShareInput.sharing": "EVERYBODY",
        **{f"savedView{verb}.id": view for verb in ("Update", "Share")},
        "savedViewRemove.id": gone,
        "savedView.id": view,
        "BulkRunInput.mutation": "locationUpdate",
        "BulkRunInput.input": {"name": "Seen"},
        "BulkRunListInput.target": "locations",
        "BulkRunItemsInput.list": ALL["list"],
        "bulkRun.id": run,
        "bulkRunCancel.id": waiting,
        "CommentAddInput.subjectId": place,
        "commentEdit.id": comment,
        "commentRemove.id": other,
        "comments.subject": place,
    }
