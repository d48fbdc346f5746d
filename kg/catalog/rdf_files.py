"""The statements of studies as RDF files: all in one file, ten thousand numbers to a file, or each in its own."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Final

from kg.catalog.files import FILE_TYPES
from kg.catalog.rdf_forms import FORMS, Form, split_form, used_prefixes
from kg.catalog.writing import Part, Setting, Written
from kg.namespaces import PREFIXES

__all__ = ["FORMATS", "Document", "RdfFiles", "Shelf"]

FORMATS: Final = tuple(f"{form}{end}" for end in ("", ".gz") for form in FORMS)
"""The forms in which statements can be written, plain and compressed by gzip."""

_COMMENT: Final = (
    "Studies registered at ClinicalTrials.gov, one after the other, then the organizations that they name.",
    "Sorted; written by trialkg. What the licence covers: README.md.",
)
_DESCRIPTION: Final = (
    "The registered studies with their parts, links and shortcuts, and the organizations that they name."
)
_ORGANIZATIONS: Final = "organizations"


class Document:
    """One file of statements, begun with its comment and what its form begins with.

    Gzip members carry no time and no name, so that the same statements give the same bytes.

    Args:
        path: the file.
        form: one of :data:`FORMATS`.
        comment: lines for the head of the file, where the form has comments.
        sparse: whether to declare only the prefixes that are used, and hold the text back until the end for that: the
            list of all is longer than some studies.
    """

    def __init__(self, path: Path, form: str, comment: Sequence[str] = (), *, sparse: bool = False) -> None:
        plain, compressed = split_form(form)
        self._form: Form = FORMS[plain]
        self._stack = ExitStack()
        self._file: IO[bytes] | gzip.GzipFile = self._stack.enter_context(path.open("wb"))
        if compressed:
            self._file = self._stack.enter_context(gzip.GzipFile("", "wb", fileobj=self._file, mtime=0))
        if self._form.comments:
            self._file.write("".join(f"# {line}\n" for line in comment).encode())
        self._between = b""
        self._held: list[bytes] | None = [] if sparse else None
        if not sparse:
            self._file.write(self._form.head(PREFIXES))

    def write(self, part: Part) -> None:
        """Append a part: all that the file says about its subjects."""
        if part.text:
            self.add(self._form.body(part.text, part.subjects if self._form.end not in ("nt", "nq") else []))

    def add(self, text: bytes) -> None:
        """Append text of the form."""
        if self._held is None:
            self._file.write(self._between)
            self._file.write(text)
        else:
            self._held += (self._between, text)
        self._between = self._form.between

    def finish(self) -> None:
        """Complete the file."""
        if self._held is not None:
            text = b"".join(self._held)
            self._file.write(self._form.head(used_prefixes(text)))
            self._file.write(text)
            self._held = None
        self._file.write(self._form.foot)
        self.close()

    def close(self) -> None:
        """Let go of the file; may be called again."""
        self._stack.close()


class Shelf:
    """The files of one form in a layout; one of them is open at a time.

    A file of ten thousand numbers has the name that the registry's own bulk file gives such a folder:
    ``NCT0414xxxx``.

    Args:
        setting: where, and in which layout.
        stem: the name of the file or folder, without its end.
        form: one of :data:`FORMATS`.
        comment: lines for the head of each file.
    """

    def __init__(self, setting: Setting, stem: str, form: str, comment: Sequence[str]) -> None:
        plain, self.compressed = split_form(form)
        self.form = FORMS[plain].end
        self._end = self.form + (".gz" if self.compressed else "")
        self._of = form
        self._comment = comment
        self._layout = setting.layout
        self._place = ""
        self._document: Document | None = None
        if self._layout == "whole":
            self.name = f"{stem}.{self._end}"
            self._folder = setting.folder
            self._open(stem)
        else:
            self.name = f"{stem}-{self._end.replace('.', '-')}/"
            self._folder = setting.folder / self.name
            self._folder.mkdir()

    def document(self, nct_id: str) -> Document:
        """The file for a study; for organizations, the last of all, where the id is empty."""
        if self._document and (self._layout == "whole" or self._place == self._place_of(nct_id)):
            return self._document
        return self._open(self._place_of(nct_id))

    def _place_of(self, nct_id: str) -> str:
        if not nct_id:
            return _ORGANIZATIONS
        several = f"{nct_id[:7]}xxxx"
        return several if self._layout == "partition" else f"{several}/{nct_id}"

    def _open(self, place: str) -> Document:
        if self._document:
            self._document.finish()
        self._place = place
        path = self._folder / f"{place}.{self._end}"
        path.parent.mkdir(exist_ok=True)
        sparse = self._layout == "study" and place != _ORGANIZATIONS
        self._document = Document(path, self._of, self._comment, sparse=sparse)
        return self._document

    def finish(self) -> None:
        """Complete the last file."""
        if self._document:
            self._document.finish()

    def close(self) -> None:
        """Let go of it; may be called again."""
        if self._document:
            self._document.close()

    def title(self, what: str) -> str:
        """What it is, with the form, for people."""
        compressed = ", gzip" if self.compressed else ""
        files = {"whole": "", "partition": ", by number", "study": ", by study"}[self._layout]
        return f"{what} ({FILE_TYPES[self.form].title}{compressed}{files})"


class RdfFiles:
    """A :class:`kg.catalog.writing.Writer` of RDF.

    Args:
        setting: where and what.
        form: one of :data:`FORMATS`.
    """

    def __init__(self, setting: Setting, form: str) -> None:
        self._shelf = Shelf(setting, "studies", form, _COMMENT)

    def write(self, part: Part) -> None:
        """Append a study or organization."""
        self._shelf.document(part.name if part.is_study else "").write(part)

    def finish(self) -> Sequence[Written]:
        """Complete the files."""
        self._shelf.finish()
        shelf = self._shelf
        return [
            Written(
                shelf.name, shelf.title("Studies"), _DESCRIPTION, shelf.form, is_rdf=True, compressed=shelf.compressed
            )
        ]

    def close(self) -> None:
        """Let go of the files."""
        self._shelf.close()
