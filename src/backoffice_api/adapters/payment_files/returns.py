"""Reads a bank's answer to a file of payments, whatever its form."""

from backoffice_api.adapters.payment_files import cnab240, pain_002
from backoffice_api.domain.payables.model.payment_files import (
    FILE_BYTES_MAX,
    BankReturn,
    UnreadablePaymentFile,
)


def read_return(content: bytes) -> BankReturn:
    """What a bank answers: XML is pain.002, all else a return file of CNAB 240.

    Raises:
        UnreadablePaymentFile: it is neither; it names the line and the field.
    """
    if len(content) > FILE_BYTES_MAX:
        raise UnreadablePaymentFile(0, "file", f"it has more than {FILE_BYTES_MAX} bytes")
    if content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        return pain_002.read_return(content)
    try:
        # As text from a client; a bank's own bytes are in another code.
        text = content.decode()
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return cnab240.read_return(text)
