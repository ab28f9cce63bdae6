"""What can be asked and done with saved views."""

from typing import Annotated

import strawberry

from backoffice_api.context import Context, Info
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.views import queries
from backoffice_api.domain.views.commands import saving
from backoffice_api.engine.plan import Choice
from backoffice_api.schema.connections import asked, parameter
from backoffice_api.schema.directives import about
from backoffice_api.schema.lookups import CHOSEN, Choices
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.payloads import keep
from backoffice_api.schema.roots import ROOTS, as_given
from backoffice_api.schema.views import (
    READ,
    SavedView,
    SavedViewCreateInput,
    SavedViewPayload,
    SavedViewShareInput,
    SavedViewUpdateInput,
    view_key,
    visible,
)

_Id = Annotated[strawberry.ID, strawberry.argument(description="Which view.")]
_Target = Annotated[
    str | None,
    strawberry.argument(description="Only views of this list, as `orders`. Null: of all lists."),
]


def _choose(context: Context, arguments: dict[str, str]) -> Choice:
    return Choice("id", view_key(context.caller, ids.parse("viw", arguments["id"])))


async def _saved_view(info: Info, id: _Id) -> SavedView | None:
    chosen = _choose(info.context, {"id": id})
    found: SavedView | None = await info.context.load(queries.views_of_viewers, chosen.key)
    return found


@strawberry.type
class ViewQuery:
    saved_view: SavedView | None = about(
        "One view. Null if there is none, or if it is not shared with you.",
        resolver=_saved_view,
        metadata={CHOSEN: Choices(lambda: {"id": (None, queries.views_of_viewers)}, _choose)},
        scope=READ,
    )
    saved_views: list[SavedView] = asked(
        visible,
        [parameter("target", _Target)],
        "Your views and those that are shared with you, by list and position, at most 250.",
        scope=READ,
        weight=10,
    )


@strawberry.type
class ViewMutation:
    @mutation(saving.creating(ROOTS), SavedViewPayload)
    def saved_view_create(input: SavedViewCreateInput) -> saving.CreateSavedView:
        """Save a filter of a list under a name. Nobody else sees it until it is shared."""
        return saving.CreateSavedView(
            name=input.name,
            target=input.target,
            filter=as_given(input.filter),
            search=input.search,
            sort=as_given(input.sort),
            position=input.position,
            alert_above=input.alert_above,
        )

    @mutation(saving.updating(ROOTS), SavedViewPayload)
    def saved_view_update(id: strawberry.ID, input: SavedViewUpdateInput) -> saving.UpdateSavedView:
        """Change a view of yours. What is absent stays; null clears."""
        return saving.UpdateSavedView(
            id=ids.parse("viw", id),
            name=keep(input.name),
            filter=keep(input.filter, nullable=True),
            search=keep(input.search, nullable=True),
            sort=keep(input.sort, nullable=True),
            position=keep(input.position),
            alert_above=keep(input.alert_above, nullable=True),
        )

    @mutation(saving.share_saved_view, SavedViewPayload)
    def saved_view_share(id: strawberry.ID, input: SavedViewShareInput) -> saving.ShareSavedView:
        """Let others see a view of yours: everybody, some members of staff, or nobody any more."""
        return saving.ShareSavedView(
            id=ids.parse("viw", id),
            sharing=input.sharing,
            staff_ids=tuple(ids.parse("stf", each) for each in input.staff_ids),
        )

    @mutation(saving.remove_saved_view, SavedViewPayload)
    def saved_view_remove(id: strawberry.ID) -> saving.RemoveSavedView:
        """Forget a view of yours. With `access:write`: one that everybody sees."""
        return saving.RemoveSavedView(id=ids.parse("viw", id))
