"""Run on its own: a PDF at its input, the electronic invoice in it at its output.

The extra `factur-x` brings the reader.
"""

import sys
from contextlib import suppress
from io import BytesIO

from pypdf import PdfReader

# What the standards call the file; the first that is there counts.
NAMES = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml")
BYTES_MAX = 5_000_000
NOTHING = 3
_MEMORY_BYTES = 1 << 30


def find(pdf: bytes) -> bytes | None:
    """The invoice that is embedded in a PDF. None: there is none."""
    files = {each.name.lower(): each for each in PdfReader(BytesIO(pdf)).attachment_list}
    for name in NAMES:
        if name in files:
            return bytes(files[name].content)
    return None


def limit_memory() -> None:
    """Have the process end when it takes more than a gigabyte, where the system can see to it."""
    with suppress(ImportError):
        import resource  # not on Windows

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))


if __name__ == "__main__":
    limit_memory()
    found = find(sys.stdin.buffer.read())
    if found is None or len(found) > BYTES_MAX:
        sys.exit(NOTHING)
    sys.stdout.buffer.write(found)
