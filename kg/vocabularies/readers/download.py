"""Vocabulary files from the web."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Final

import httpx

from kg.config import LIMITS, VERSION
from kg.errors import RemoteError

__all__ = ["fetched", "is_url"]

_SECONDS: Final = 60.0
_AGENT: Final = f"trialkg/{VERSION}"


def is_url(text: str) -> bool:
    """Whether a text names a file on the web.

    >>> is_url("https://nlmpubs.nlm.nih.gov/projects/mesh/rdf/mesh.nt.gz"), is_url("mesh.nt.gz")
    (True, False)
    """
    return text.lower().startswith(("http://", "https://"))


@contextmanager
def fetched(url: str) -> Iterator[Path]:
    """A file from the web, for as long as the block lasts, under the name that it has there.

    Raises:
        RemoteError: the server does not answer, refuses, sends less than it said, or sends too much.
    """
    try:
        name = PurePosixPath(httpx.URL(url).path).name or "vocabulary"
    except httpx.InvalidURL as error:
        raise RemoteError(f"is no URL: {error}", place=url, remedy="check the address") from error
    with TemporaryDirectory(prefix="trialkg-") as folder:
        path = Path(folder) / name
        try:
            with (
                httpx.stream(
                    "GET", url, follow_redirects=True, timeout=_SECONDS, headers={"User-Agent": _AGENT}
                ) as answer,
                path.open("wb") as file,
            ):
                answer.raise_for_status()
                # As it is sent: a .gz file that the server declares as encoded would be unpacked on the way.
                for piece in answer.iter_raw():
                    file.write(piece)
                    if file.tell() > LIMITS.vocabulary_bytes:
                        raise RemoteError(
                            f"sends more than {LIMITS.vocabulary_bytes:,} bytes",
                            place=url,
                            remedy="is it the right file?",
                        )
        except httpx.HTTPStatusError as error:
            raise RemoteError(f"answers {error.response.status_code}", place=url, remedy="check the address") from error
        except httpx.HTTPError as error:
            raise RemoteError(f"cannot be fetched: {error}", place=url, remedy="try again, or download it") from error
        yield path
