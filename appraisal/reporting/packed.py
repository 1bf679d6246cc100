"""Office files (docx, xlsx) that are the same bytes from the same content, and text that their XML can hold."""

from __future__ import annotations

import io
import re
import zipfile

# What a zip can say at least; a real moment would differ in each run, an invented one would be read as a fact.
MOMENT = (1980, 1, 1, 0, 0, 0)
STAMP = b"1980-01-01T00:00:00Z"
CORE = "docProps/core.xml"
# Characters that XML 1.0 refuses, and halves of a surrogate pair, which no encoding writes.
REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def writable(text: str) -> str:
    r"""Give a text that an XML part can hold: a mark stands for each character that it cannot.

    Examples
    --------
    >>> writable("市\x0b局") == "市\N{REPLACEMENT CHARACTER}局"
    True
    """
    return REFUSED.sub("\N{REPLACEMENT CHARACTER}", text)


def packed_anew(content: bytes) -> bytes:
    """Pack an office file again without the moment of its making.

    Parameters
    ----------
    content : bytes
        A docx or xlsx as its library saved it.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = zipfile.ZipInfo(name, MOMENT)
            part.compress_type, part.external_attr, part.create_system = zipfile.ZIP_DEFLATED, 0o600 << 16, 3
            new.writestr(part, _timeless(old.read(name)) if name == CORE else old.read(name))
    return packed.getvalue()


def _timeless(core: bytes) -> bytes:
    return re.sub(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*", rb"\g<1>" + STAMP, core)
