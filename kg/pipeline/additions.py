"""What a user names to be added to a store: vocabularies in files or on the web, and corrections of links."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from kg.errors import UsageError
from kg.linking import sssom_table
from kg.linking.corrections import install_corrections
from kg.vocabularies.installed import AGENTS, CORRECTIONS, Vocabulary, install
from kg.vocabularies.readers.detect import open_bundled, open_vocabulary
from kg.vocabularies.readers.download import fetched, is_url
from kg.vocabularies.readers.files import read_head

__all__ = ["Addition", "opened"]

Addition = Callable[[Path], Vocabulary]
"""Installs a vocabulary into the empty folder that it is given."""

_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")


@contextmanager
def opened(given: Sequence[str], *, name: str = "", version: str = "", reason: bool = False) -> Iterator[Addition]:
    """Something to be added, for as long as the block lasts.

    Args:
        given: paths or URLs; none for what ships with the package.
        name: what it shall be called; found out from what it holds when empty.
        version: the version, where the files do not say it.
        reason: whether to let a reasoner check an OWL file and complete its hierarchy.

    Raises:
        UsageError: the name cannot be one.
        VocabularyError: it cannot be read.
        RemoteError: it cannot be fetched.
    """
    if name and not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} cannot be the name of a vocabulary", remedy="small letters, digits and hyphens")
    if name == AGENTS:
        raise UsageError("the drug ontology comes with trialkg", remedy="add yours under another name")
    with ExitStack() as stack:
        paths = [stack.enter_context(fetched(text)) if is_url(text) else Path(text) for text in given]
        if name == CORRECTIONS or (not name and _is_table_of_links(paths)):
            if len(paths) != 1:
                raise UsageError(f"{len(paths)} tables of corrections", remedy="put all corrections into one table")
            yield lambda folder: install_corrections(paths[0], folder)
            return
        found = open_vocabulary(paths, name=name, year=version, reason=reason) if paths else open_bundled(name)
        source = found.source._replace(version=found.source.version or version or "unknown")
        yield lambda folder: install(source, found.name, folder)


def _is_table_of_links(paths: Sequence[Path]) -> bool:
    return len(paths) == 1 and not paths[0].is_dir() and sssom_table.recognises(read_head(paths[0]))
