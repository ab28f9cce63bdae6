"""Takes the XML out of a PDF/A-3 (Factur-X, ZUGFeRD), in a process of its own.

A PDF from outside can keep a reader busy for ever or fill its memory: so `pdf_attachment` is run
on its own, with a limit on time and memory.
"""

import subprocess
import sys

from backoffice_api.domain.payables.model.bill_documents import UnreadableBill

TIME_S = 15.0
NOTHING = 3


def xml_of(pdf: bytes) -> bytes:
    """The invoice in a PDF.

    Raises:
        UnreadableBill: there is none in it, or it cannot be read.
    """
    command = [sys.executable, "-I", "-m", f"{__package__}.pdf_attachment"]
    try:
        done = subprocess.run(  # noqa: S603
            command, input=pdf, capture_output=True, timeout=TIME_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise UnreadableBill("PDF", f"reading it took longer than {TIME_S:g} s") from None
    if done.returncode == NOTHING:
        raise UnreadableBill("PDF", "there is no electronic invoice in it")
    if done.returncode:
        raise UnreadableBill("PDF", "it cannot be read")
    return done.stdout
