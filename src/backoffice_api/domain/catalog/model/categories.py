"""Categories: a tree in which products are filed, for people who look for something.

The path of a category is the ids of those above it and its own. What lies under a category begins
with its path, so that a subtree is a stretch of one index.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.catalog.model.slugs import check_slug
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Faults, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.tables import TEXT_LENGTH_MAX
from backoffice_api.domain.kernel.texts import check_text

CATEGORIES_MAX = 5_000
DEPTH_MAX = 10
OF_PRODUCT_MAX = 20
_SEGMENT_LENGTH = 33
PATH_LENGTH_MAX = DEPTH_MAX * _SEGMENT_LENGTH

# Comes behind every character of a path.
AFTER_PATHS = "~"


class CategorySortKey(Choice):
    """By what a list of categories is sorted."""

    POSITION = "position", "The order that people gave to those with the same parent."
    NAME = "name", "The name, by code point."
    CREATED_AT = "created_at", "When the category was made."


@dataclass(frozen=True, slots=True)
class Category:
    """`path` and `position` are not of the row: they move with others."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    parent_id: UUID | None
    name: str
    slug: str
    description: str


@dataclass(frozen=True, slots=True)
class ProductCategory:
    """Where a product is filed. One of its categories is the primary one."""

    category_id: UUID
    is_primary: bool


@dataclass(frozen=True, slots=True)
class CategoryCreated(Event):
    type = "category.created"
    subject = "ctg"
    summary = "Category {name} was created."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class CategoryUpdated(Event):
    type = "category.updated"
    subject = "ctg"
    summary = "Category {name} was changed."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class CategoryMoved(Event):
    """`position`: its place among those with the same parent, from 0."""

    type = "category.moved"
    subject = "ctg"
    summary = "Category {name} was moved."
    id: UUID
    version: int
    name: str
    position: int


@dataclass(frozen=True, slots=True)
class CategoryDeleted(Event):
    type = "category.deleted"
    subject = "ctg"
    summary = "Category {name} was deleted."
    id: UUID
    version: int
    name: str


@dataclass(frozen=True, slots=True)
class ProductCategoriesSet(Event):
    type = "product.categories_set"
    subject = "prd"
    summary = "The categories of product {title} were set."
    id: UUID
    version: int
    title: str


@dataclass(eq=False)
class UnknownCategory(Missing):
    """There is no category with this id."""

    id: UUID
    message = "There is no such category."


@dataclass(eq=False)
class CategoryInItself(Refused):
    """A category cannot lie under itself or under what lies under it."""

    message = "A category cannot lie under itself."


@dataclass(eq=False)
class TooDeep(Refused):
    """The tree would have more levels than are allowed."""

    maximum: int
    message = "Categories are at most {maximum} levels deep."


@dataclass(eq=False)
class NotASibling(Refused):
    """The category to stand behind has another parent."""

    id: UUID
    message = "The category to stand behind has another parent."


@dataclass(eq=False)
class CategoryNotEmpty(Refused):
    """Other categories lie under it, or collections have rules about it."""

    categories: int
    collections: int
    message = "{categories} categories lie under it, {collections} collections name it."


@dataclass(eq=False)
class PrimaryNotAmong(Refused):
    """The primary category is none of those that the product is filed in."""

    message = "The primary category is one of the categories."


def check_category(faults: Faults, *, name: str, slug: str, description: str) -> None:
    check_text(name, faults, "name")
    check_slug(slug, faults)
    check_text(description, faults, "description", minimum=0, maximum=TEXT_LENGTH_MAX)


def path_under(parent: str, id: UUID) -> str:
    """The path of a category whose parent has the path `parent`; that of a root is empty.

    Raises:
        TooDeep: it would lie deeper than `DEPTH_MAX` levels.
    """
    path = f"{parent}{id.hex}/"
    check_depth(path)
    return path


def check_depth(path: str) -> None:
    """Refuse a path that is too long.

    Raises:
        TooDeep: it has more than `DEPTH_MAX` levels.
    """
    if len(path) > PATH_LENGTH_MAX:
        raise TooDeep(DEPTH_MAX)


def ids_on(path: str) -> Sequence[UUID]:
    """The categories on a path, from the root down, the last one too."""
    return [UUID(part) for part in path.split("/")[:-1]]
