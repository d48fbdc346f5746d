"""XML made to hurt: entities, document types, depth, width, length, encodings. Each is refused, or read as it is.

What memory a document costs is measured in a process of its own.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kg.config import Limits
from kg.errors import RecordError
from kg.sources import Form, RawRecord, Reject, decode, read
from kg.sources.ctgov_xml.elements import parsed

ID = "<id_info><nct_id>NCT01234567</nct_id></id_info>"
RECORD = f"<clinical_study>{ID}<brief_title>Größe – TITLE</brief_title></clinical_study>"
MEMORY = 200 * 2**20

BOMB = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
DOCTYPES = {
    "bomb": f'<!DOCTYPE clinical_study [<!ENTITY e0 "lol">{BOMB}]>',
    "long entity": f'<!DOCTYPE clinical_study [<!ENTITY e11 "{"x" * 100_000}">]>',
    "file": '<!DOCTYPE clinical_study [<!ENTITY e11 SYSTEM "{secret}">]>',
    "address": '<!DOCTYPE clinical_study [<!ENTITY e11 SYSTEM "http://127.0.0.1:9/x">]>',
    "parameter": '<!DOCTYPE clinical_study [<!ENTITY % p SYSTEM "{secret}">%p;<!ENTITY e11 "x">]>',
    "external": '<!DOCTYPE clinical_study SYSTEM "{secret}">',
    "lower case": '<!doctype clinical_study [<!ENTITY e11 "x">]>',
    "after a comment": '<!-- <clinical_study> --><?pi x?>\n<!DOCTYPE clinical_study [<!ENTITY e11 "x">]>',
}


@pytest.mark.parametrize("kind", DOCTYPES)
@pytest.mark.parametrize("place", ["text", "attribute"])
def test_document_types_are_refused_and_nothing_is_opened(kind: str, place: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET")
    doctype = DOCTYPES[kind].replace("{secret}", secret.as_uri())
    use = "<brief_title>&e11;</brief_title>" if place == "text" else "<brief_title kind='&e11;'>x</brief_title>"
    (tmp_path / "a.xml").write_text(f"<?xml version='1.0'?>\n{doctype}<clinical_study>{ID}{use}</clinical_study>")
    (reject,) = read([tmp_path / "a.xml"])
    assert isinstance(reject, Reject)
    assert "document type" in reject.reason
    assert "SECRET" not in reject.reason
    assert reject.whole_input


@pytest.mark.parametrize("reference", ["&e11;", "&nbsp;", "&#0;", "&#xFFFE;"])
def test_references_that_are_not_declared_are_refused(reference: str, tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(f"<clinical_study>{ID}<source>{reference}</source></clinical_study>")
    (reject,) = read([tmp_path / "a.xml"])
    assert isinstance(reject, Reject)
    assert "malformed XML" in reject.reason


def test_a_document_type_within_the_record_is_malformed() -> None:
    with pytest.raises(RecordError, match="malformed"):
        parsed(f"<clinical_study><!DOCTYPE a>{ID}</clinical_study>".encode())


def test_inclusions_are_elements_like_others(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET")
    include = f"<i:include xmlns:i='http://www.w3.org/2001/XInclude' parse='text' href='{secret.as_uri()}'/>"
    study = decode(RawRecord(f"<clinical_study>{ID}{include}</clinical_study>".encode(), Form.XML, "a"))
    assert "SECRET" not in repr(study)
    assert len(study.reading_notes) == 3


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("utf-16", "UTF-16"),
        ("utf-16-le", None),
        ("utf-32", "UTF-16"),
    ],
)
def test_wide_encodings_are_refused(name: str, reason: str | None, tmp_path: Path) -> None:
    text = f"<?xml version='1.0' encoding='{name}'?>{RECORD}"
    (tmp_path / "a.xml").write_bytes(text.encode(name))
    (reject,) = read([tmp_path / "a.xml"])
    assert isinstance(reject, Reject)
    assert reason is None or reason in reject.reason
    with pytest.raises(RecordError, match="UTF-16"):
        decode(RawRecord(text.encode(name), Form.XML, "a"))


@pytest.mark.parametrize("declared", ["utf-7", "ebcdic-cp-us", "utf-16", "cp037", "x-unknown", ""])
def test_encodings_that_are_not_read_are_named(declared: str, tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(f"<?xml version='1.0' encoding='{declared}'?>{RECORD}".encode())
    (reject,) = read([tmp_path / "a.xml"])
    assert isinstance(reject, Reject)
    assert repr(declared) in reject.reason


@pytest.mark.parametrize("declared", ["UTF-8", "ISO-8859-1", "windows-1252", "latin1"])
def test_declared_encodings_are_read(declared: str) -> None:
    text = RECORD.replace("–", "-") if declared in ("ISO-8859-1", "latin1") else RECORD
    data = f"<?xml version='1.0' encoding='{declared}'?>{text}".encode(declared)
    title = decode(RawRecord(data, Form.XML, "a")).protocol_section.identification_module.brief_title
    assert title == text.partition("<brief_title>")[2].partition("<")[0]


@pytest.mark.parametrize("declaration", ["", "<?xml version='1.0' encoding='utf-8'?>", "<?xml version='1.0'?>"])
@pytest.mark.parametrize("byte", [b"\xff", b"\xe9", b"\xc0\x80", b"\xed\xa0\x80"])
def test_bytes_that_are_not_of_the_encoding_are_refused(declaration: str, byte: bytes, tmp_path: Path) -> None:
    data = declaration.encode() + RECORD.encode().replace(b"TITLE", byte)
    (tmp_path / "a.xml").write_bytes(data)
    (reject,) = read([tmp_path / "a.xml"])
    assert isinstance(reject, Reject)
    assert "malformed XML" in reject.reason


def test_a_mark_at_the_start_is_no_text() -> None:
    assert decode(RawRecord(b"\xef\xbb\xbf" + RECORD.encode(), Form.XML, "a")).nct_id == "NCT01234567"


def test_depth_is_limited() -> None:
    deep = "<a>" * 300 + "</a>" * 300
    with pytest.raises(RecordError, match="malformed XML"):
        parsed(f"<clinical_study>{ID}{deep}</clinical_study>".encode())
    read_ = decode(
        RawRecord(f"<clinical_study>{ID}{'<a>' * 200}{'</a>' * 200}</clinical_study>".encode(), Form.XML, "a")
    )
    assert len(read_.reading_notes) == 1


def test_tags_and_attributes_are_counted() -> None:
    with pytest.raises(RecordError, match="more than 100 tags"):
        parsed(b"<clinical_study>" + b"<a/>" * 200 + b"</clinical_study>", nodes=100)
    with pytest.raises(RecordError, match="more than 100 tags"):
        parsed(b"<clinical_study " + b" ".join(b"a%d=''" % n for n in range(200)) + b"/>", nodes=100)


def test_a_name_of_another_language_is_not_the_root() -> None:
    with pytest.raises(RecordError, match="not of a study"):
        decode(RawRecord(RECORD.replace("<clinical_study>", "<clinical_study xmlns='urn:x'>").encode(), Form.XML, "a"))


def test_markup_in_places_and_values_does_not_reach_the_report() -> None:
    read_ = decode(
        RawRecord(
            f"<clinical_study>{ID}<strange>a&#10;b&#x85;\u202e</strange></clinical_study>".encode(), Form.XML, "a"
        )
    )
    assert read_.reading_notes == ["no field takes strange: 'a b  '"]


CHILD = """
import sys
from kg.sources import RawRecord, decode, read
import kg.sources.ctgov_xml  # what the parser itself takes is not the document's
before = int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
for found in read([sys.argv[1]]):
    if isinstance(found, RawRecord):
        print("read", len(decode(found).reading_notes))
    else:
        print("refused", found.reason)
after = int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
print((after - before) * 1024)
"""


def in_a_process(path: Path) -> tuple[str, int]:
    """What became of a file, and how many bytes of memory it took at most."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(path)], capture_output=True, text=True, timeout=120, check=True
    )
    *said, memory = done.stdout.splitlines()
    return "\n".join(said), int(memory)


def written(path: Path, opening: str, piece: str, size: int, closing: str = "") -> Path:
    with path.open("w") as file:
        file.write(f"<clinical_study>{ID}{opening}")
        for _ in range(size // (2**20)):
            file.write(piece * (2**20 // len(piece)))
        file.write(f"{closing}</clinical_study>")
    return path


NASTY = {
    "nested": ("", "<a>", "", "tags and attributes"),
    "wide": ("", "<a/>", "", "tags and attributes"),
    "attributes": ("<a ", "a='' ", "/>", "tags and attributes"),
    "references": ("<a>", "&#65;", "</a>", None),
    "comments": ("", "<!---->", "", "tags and attributes"),
    "instructions": ("", "<?a?>", "", "tags and attributes"),
    "data sections": ("<a>", "<![CDATA[]]>", "</a>", "tags and attributes"),
    "long name": ("<", "a", "/>", None),
    "long value": ("<a b='", "x", "'/>", None),
    "white space": ("<a>", " ", "</a>", None),
}


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
@pytest.mark.parametrize("kind", NASTY)
def test_documents_at_the_limit_of_length_take_bounded_memory(kind: str, tmp_path: Path) -> None:
    opening, piece, closing, reason = NASTY[kind]
    said, memory = in_a_process(written(tmp_path / "a.xml", opening, piece, 60 * 2**20, closing))
    sys.stdout.write(f"{kind}: {said[:120]}, {memory / 2**20:.0f} MiB\n")
    assert reason is None or reason in said
    assert memory < 60 * 2**20 + MEMORY


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_most_nodes_that_are_read_take_bounded_memory(tmp_path: Path) -> None:
    nodes = Limits().xml_nodes // 2**20 * 2**20
    said, memory = in_a_process(written(tmp_path / "a.xml", "<a>", "<a/>", nodes * 4, "</a>"))
    sys.stdout.write(f"{said[:120]}, {memory / 2**20:.0f} MiB\n")
    assert said.startswith("read")
    assert memory < MEMORY


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_a_gigabyte_of_nesting_is_refused_by_its_length(tmp_path: Path) -> None:
    said, memory = in_a_process(written(tmp_path / "a.xml", "", "<a>", 2**30))
    assert "longer than" in said
    assert memory < MEMORY
