"""Signs an NF-e with the certificate of its seller (ICP-Brasil, e-CNPJ A1).

Source: Manual de Orientação do Contribuinte 7.0, "Padrão de Assinatura Digital": XML Signature,
enveloped, over `infNFe` by its Id; C14N 1.0, RSA-SHA1, and the certificate of the signer alone.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha1

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates
from cryptography.x509 import Certificate
from lxml import etree

from backoffice_api.adapters.drawing.pipe import Refused

_XMLDSIG = "http://www.w3.org/2000/09/xmldsig#"
_C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"


def signed(xml: bytes, certificate: Mapping[str, str]) -> bytes:
    """The document with its signature. `certificate`: `pfx`, PKCS#12 in Base64, and `password`.

    Raises:
        Refused: the certificate cannot be read, is not of RSA, or is not valid now.
    """
    key, holder = _opened(certificate)
    root = etree.fromstring(xml)
    info = root[0]
    signature = etree.fromstring(f'<Signature xmlns="{_XMLDSIG}"/>')
    root.append(signature)
    about = _add(signature, "SignedInfo")
    _add(about, "CanonicalizationMethod", Algorithm=_C14N)
    _add(about, "SignatureMethod", Algorithm=f"{_XMLDSIG}rsa-sha1")
    reference = _add(about, "Reference", URI=f"#{info.get('Id')}")
    transforms = _add(reference, "Transforms")
    _add(transforms, "Transform", Algorithm=f"{_XMLDSIG}enveloped-signature")
    _add(transforms, "Transform", Algorithm=_C14N)
    _add(reference, "DigestMethod", Algorithm=f"{_XMLDSIG}sha1")
    # The layout of the tax office knows no other digest.
    digest = sha1(_canonical(info), usedforsecurity=False).digest()
    _add(reference, "DigestValue").text = b64encode(digest).decode()
    value = key.sign(_canonical(about), PKCS1v15(), SHA1())  # noqa: S303  # nosec B303
    _add(signature, "SignatureValue").text = b64encode(value).decode()
    holding = _add(_add(signature, "KeyInfo"), "X509Data")
    _add(holding, "X509Certificate").text = b64encode(holder.public_bytes(Encoding.DER)).decode()
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))


def _opened(certificate: Mapping[str, str]) -> tuple[RSAPrivateKey, Certificate]:
    try:
        pfx = b64decode(certificate["pfx"], validate=True)
        key, holder, _ = load_key_and_certificates(pfx, certificate["password"].encode())
    except (KeyError, ValueError):
        raise Refused("The certificate of the seller cannot be opened.") from None
    if not isinstance(key, RSAPrivateKey) or holder is None:
        raise Refused("The certificate of the seller has no RSA key.")
    if not holder.not_valid_before_utc <= datetime.now(UTC) <= holder.not_valid_after_utc:
        until = holder.not_valid_after_utc.date().isoformat()
        raise Refused(f"The certificate of the seller is not valid today; it ends on {until}.")
    return key, holder


def _add(parent: etree._Element, name: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{_XMLDSIG}}}{name}", attributes)


def _canonical(element: etree._Element) -> bytes:
    # As a document of its own: of a part of one, libxml2 takes the namespace away from whatever
    # lies deeper, and nobody else could verify it.
    alone = etree.fromstring(etree.tostring(element, with_tail=False))
    return bytes(etree.tostring(alone, method="c14n"))
