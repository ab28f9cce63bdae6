"""Trusted documents: texts that the operator hands the server, so that clients send only their ids.

Three formats are read, by what they hold and not by their names: `*.graphql` files; JSON objects
from id to text, as `persisted-documents.json` of @graphql-codegen's client preset and the file of
relay-compiler's `persistConfig`; and Apollo's persisted query manifests.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from backoffice_api.engine.errors import RequestError
from backoffice_api.engine.prepare import Preparer

_APOLLO_FORMAT = "apollo-persisted-query-manifest"
_HASH_PREFIX = "sha256:"
_FAULTS_MAX = 20


class TrustedDocumentsError(Exception):
    """Trusted documents that cannot be used. `faults` has one sentence for each, with the file."""

    def __init__(self, faults: Sequence[str]) -> None:
        shown = list(faults[:_FAULTS_MAX])
        if len(faults) > _FAULTS_MAX:
            shown.append(f"and {len(faults) - _FAULTS_MAX} more.")
        super().__init__("\n".join(("The trusted documents cannot be used:", *shown)))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class TrustedDocument:
    """One text. `id` is what its file calls it; None: the file is the text. `origin` names both."""

    text: str
    origin: str
    id: str | None = None

    @property
    def hash(self) -> str:
        """SHA-256 of the text in hexadecimal digits."""
        return sha256(self.text.encode()).hexdigest()

    @property
    def ids(self) -> Sequence[str]:
        """What asks for it: its hash, with the prefix `sha256:` and without, and its id."""
        hashes = (_HASH_PREFIX + self.hash, self.hash)
        return hashes if self.id is None else (*hashes, self.id)


def read_trusted(path: Path) -> Sequence[TrustedDocument]:
    """The documents of a file, or of all `*.graphql` and `*.json` files below a folder.

    Raises TrustedDocumentsError where there are none, or where a file cannot be read.
    """
    found: list[TrustedDocument] = []
    faults: list[str] = []
    for file in _files(path):
        try:
            found += _read(file)
        except (OSError, ValueError) as fault:
            faults.append(f"{file}: {fault}")
    if not found and not faults:
        faults.append(f"{path}: there is no *.graphql or *.json file.")
    if faults:
        raise TrustedDocumentsError(faults)
    return found


def load_trusted(preparer: Preparer, path: Path) -> None:
    """Have the preparer trust the documents at `path`.

    Besides the ids of the documents, the name of an operation in a `*.graphql` file asks for it,
    where only one of these files has an operation of this name.

    Raises TrustedDocumentsError where a document is not valid in the schema, passes a limit, or
    has the id of another one.
    """
    faults: list[str] = []
    known: dict[str, TrustedDocument] = {}
    named: dict[str, dict[str, TrustedDocument]] = defaultdict(dict)
    for document in read_trusted(path):
        same = next((known[id] for id in document.ids if id in known), document)
        if same.text != document.text:
            faults.append(f"{document.origin}: {same.origin} has the same id and another text.")
            continue
        try:
            names = preparer.trust(document.text, document.ids)
        except RequestError as refusal:
            faults += [f"{document.origin}: {_words(each)}" for each in refusal.reasons()]
            continue
        known.update(dict.fromkeys(document.ids, document))
        if document.id is None:
            for name in names:
                named[name][document.hash] = document
    if faults:
        raise TrustedDocumentsError(faults)
    for name, documents in named.items():
        if len(documents) == 1 and name not in known:
            [hash] = documents
            preparer.name(name, hash, name)


def _words(reason: RequestError) -> str:
    places = ", ".join(f"{at.line}:{at.column}" for at in reason.locations)
    return f"{reason.message} ({places})" if places else reason.message


def _files(path: Path) -> Sequence[Path]:
    if not path.is_dir():
        return [path]
    return sorted(
        each for each in path.rglob("*") if each.suffix in (".graphql", ".json") and each.is_file()
    )


def _read(file: Path) -> Sequence[TrustedDocument]:
    """Raises OSError or ValueError, whose text says why."""
    content = file.read_bytes()
    if file.suffix != ".json":
        return [TrustedDocument(content.decode(), str(file))]
    try:
        manifest: object = orjson.loads(content)
    except orjson.JSONDecodeError as fault:
        raise ValueError(f"it is not JSON: {fault}") from None
    return [_checked(TrustedDocument(text, f"{file} ({id})", id)) for id, text in _texts(manifest)]


def _checked(document: TrustedDocument) -> TrustedDocument:
    id = document.id or ""
    if id.startswith(_HASH_PREFIX) and id not in document.ids[:1]:
        raise ValueError(f"{id} is not the hash of its text.")
    return document


def _texts(manifest: object) -> Iterator[tuple[str, str]]:
    """The ids and the texts of a manifest."""
    wrong = ValueError(
        "it is neither an object from ids to texts nor a persisted query manifest of Apollo."
    )
    if not isinstance(manifest, dict):
        raise wrong
    pairs: list[tuple[Any, Any]] = list(manifest.items())
    if manifest.get("format") == _APOLLO_FORMAT:
        operations = manifest.get("operations")
        if not isinstance(operations, list) or not all(isinstance(o, dict) for o in operations):
            raise wrong
        pairs = [(each.get("id"), each.get("body")) for each in operations]
    for id, text in pairs:
        if not isinstance(id, str) or not isinstance(text, str):
            raise wrong
        yield id, text
