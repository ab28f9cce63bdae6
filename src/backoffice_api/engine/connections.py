"""Pages as values of the compiler: the connection of the Relay specification, and what is in it."""

from backoffice_api.engine.values import Level, Object, RowOf, Scope, Unsupported, Value


class _Part(Value):
    """Something that is there only as its attributes."""

    may_be_none = False

    def __init__(self, scope: Scope, level: Level, page: str) -> None:
        self.scope = scope
        self.level = level
        self.page = page

    def _text(self, source: str, *, may_be_none: bool = False) -> Value:
        return Object(self.scope, source, may_be_none=may_be_none, is_text=True)

    def _cursors(self) -> str:
        return f"cursor_{self.level.number}"


class PageOf(_Part):
    """The page under the name `page`, whose rows are those of the level."""

    def attribute(self, name: str) -> Value:
        match name:
            case "nodes":
                return _Rows(self, RowOf(self.level))
            case "edges":
                return _Rows(self, _Edge(self.scope, self.level, self.page))
            case "page_info":
                return _PageInfo(self.scope, self.level, self.page)
        raise Unsupported(f"{name} of a page")

    def walk(self) -> str:
        return f"{self.level.place} in {self.page}.rows"


class _Rows(Value):
    """One value for each row of a page."""

    may_be_none = False

    def __init__(self, page: PageOf, item: Value) -> None:
        self._page = page
        self._item = item

    def attribute(self, name: str) -> Value:
        raise Unsupported(f"{name} of a list")

    def items(self, variable: str) -> tuple[str, str, Value]:
        return self._page.walk(), self._page.walk(), self._item


class _Edge(_Part):
    def attribute(self, name: str) -> Value:
        if name == "node":
            return RowOf(self.level)
        if name == "cursor":
            number = self.level.number
            return self._text(f"{self._cursors()}(_sort_{number}, _id_{number})")
        raise Unsupported(f"{name} of an edge")


class _PageInfo(_Part):
    def attribute(self, name: str) -> Value:
        match name:
            case "has_next_page":
                return Object(self.scope, f"{self.page}.has_next", may_be_none=False)
            case "has_previous_page":
                return Object(self.scope, f"{self.page}.has_previous", may_be_none=False)
            case "start_cursor":
                return self._cursor(0)
            case "end_cursor":
                return self._cursor(-1)
        raise Unsupported(f"{name} of a page")

    def _cursor(self, at: int) -> Value:
        where = "-3:-1" if self.level.is_owned else "-2:"
        cursor = f"{self._cursors()}(*{self.page}.rows[{at}][{where}])"
        source = f"({cursor} if {self.page}.rows else None)"
        return self._text(source, may_be_none=True)
