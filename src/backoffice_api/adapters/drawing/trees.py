"""XML that is written, never read: elements in the order in which they are added."""

from collections.abc import Mapping
from xml.etree import ElementTree


class Element:
    """An element, and the namespaces by their prefixes."""

    __slots__ = ("_namespaces", "tree")

    def __init__(
        self,
        name: str,
        namespaces: Mapping[str, str],
        parent: ElementTree.Element | None = None,
        attributes: Mapping[str, str] | None = None,
    ) -> None:
        given = dict(attributes or {})
        self._namespaces = namespaces
        self.tree = (
            ElementTree.Element(name, given)
            if parent is None
            else ElementTree.SubElement(parent, name, given)
        )

    def add(self, name: str, text: str | None = "", **attributes: str) -> "Element":
        """A further element below this one, and that element. None: nothing is added."""
        prefix, _, local = name.partition(":")
        parent = None if text is None else self.tree
        full = f"{{{self._namespaces[prefix]}}}{local}"
        made = Element(full, self._namespaces, parent, attributes)
        if text:
            made.tree.text = _clean(text)
        return made


def written(
    tree: ElementTree.Element, namespaces: Mapping[str, str], *, is_indented: bool = True
) -> bytes:
    """The tree as a file in UTF-8."""
    for prefix, name in namespaces.items():
        ElementTree.register_namespace(prefix, name)
    if is_indented:
        ElementTree.indent(tree)
    return bytes(ElementTree.tostring(tree, encoding="UTF-8", xml_declaration=True))


def _clean(text: str) -> str:
    """Without the characters that XML 1.0 has no room for (2.2: Char)."""
    return "".join(each for each in text if each >= " " or each in "\t\n\r")
