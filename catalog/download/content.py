"""What a file is, told by its content."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection

from catalog.errors import ChecksumError, WrongKindError
from catalog.foreign import parse_object
from catalog.record import Document

HEAD = 1024  # bytes that tell what a file is
_HTML = re.compile(rb"(\xef\xbb\xbf)?\s*<(!doctype|html|head|body|\?xml|!--)", re.IGNORECASE)
_LFS_POINTER = b"version https://git-lfs.github.com/spec/"


def refuse_impostor(head: bytes, name: str) -> None:
    """Refuse what servers give in the place of a file.

    Parameters
    ----------
    head : bytes
        The first bytes of the file.
    name : str
        What to call it in the error.

    Raises
    ------
    WrongKindError
        An empty file, an HTML page, a Git LFS pointer.
    """
    if not head:
        kind = "an empty file"
    elif _HTML.match(head):
        kind = "an HTML page"
    elif head.startswith(_LFS_POINTER):
        kind = "a Git LFS pointer, not the file that it points to"
    else:
        return
    raise WrongKindError(
        f"{name} is {kind}.",
        why="The server answered, but not with the file.",
    )


def metadata(data: bytes, name: str, sha256: Collection[str] = ()) -> Document:
    """Parse a model's metadata file, and compare it with its known digests.

    Copies of the official files are often re-indented, or end their lines in
    another way, and mean the same. So the digests may also be those of the content
    in the layouts that the official files have: ``json.dumps(…, indent=4)``,
    ASCII or UTF-8, with or without a final newline.

    Parameters
    ----------
    data : bytes
    name : str
        What to call it in the error.
    sha256 : collection of str
        Any of them is good; with none, nothing is compared.

    Raises
    ------
    WrongKindError
        Not a JSON object.
    ChecksumError
        Another content.
    """
    try:
        document = parse_object(data)
    except ValueError as error:
        raise WrongKindError(f"{name} is not a model's metadata.", why=str(error)) from None
    if sha256 and not sha256_of_layouts(data, document) & set(sha256):
        raise ChecksumError(
            f"{name} does not have the expected content.",
            why="Neither it nor the same content in the official layouts has a known SHA-256.",
        )
    return document


def sha256_of_layouts(data: bytes, document: Document) -> set[str]:
    """SHA-256 of a metadata file as it is, and of its content in the official layouts."""
    layouts = {data}
    for ascii_only in (True, False):
        text = json.dumps(document, indent=4, ensure_ascii=ascii_only)
        layouts |= {text.encode(errors="surrogatepass"), f"{text}\n".encode(errors="surrogatepass")}
    return {hashlib.sha256(layout).hexdigest() for layout in layouts}
