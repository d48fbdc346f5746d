"""A delta turns the old dump into the new one: statement by statement, by the tools that people have."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, parse

from kg.catalog import apply_delta, data, export, export_delta, verify
from kg.catalog.data import study_part
from kg.catalog.writing import Part
from kg.errors import InputError, StoreError, UsageError
from kg.namespaces import PREFIXES, study_iri
from kg.store.embedded import remove_study
from kg.store.generations import StoreDirectory
from kg.store.pin import in_use

TKG = PREFIXES["tkg"]
Statements = Callable[..., list[Quad]]


def change(store: Store, statements: Statements) -> None:
    """One study goes, one comes, one says something else, and an organization has another name."""
    remove_study(store, "NCT99999901")
    store.extend(statements(3))
    study = NamedNode(study_iri("NCT99999902"))
    title = next(store.quads_for_pattern(study, NamedNode(TKG + "officialTitle"), None))
    store.remove(title)
    store.add(Quad(study, title.predicate, Literal("Another title\nof two lines")))
    store.add(Quad(study, NamedNode(TKG + "conditionConcept"), NamedNode(PREFIXES["mesh"] + "D003920")))
    sponsor = NamedNode(PREFIXES["organization"] + "example-inc-00000001")
    store.add(Quad(sponsor, NamedNode(PREFIXES["skos"] + "altLabel"), Literal("Example")))


@pytest.fixture(scope="module")
def directory(statements: Statements, tmp_path_factory: pytest.TempPathFactory) -> StoreDirectory:
    """A store whose second generation has other statements than the first."""
    found = StoreDirectory(tmp_path_factory.mktemp("delta") / "trials.kg")
    with found.writing() as draft:
        draft.store.extend(statements(1, 2, 12))
    with found.writing() as draft:
        change(draft.store, statements)
    return found


def dump(folder: Path, output: Path) -> set[bytes]:
    """The statements of studies and concepts of an export, also written as one file of N-Triples."""
    lines = set((folder / "studies.nt").read_bytes().splitlines(keepends=True))
    for quad in parse((folder / "concepts.ttl").read_bytes(), RdfFormat.TURTLE):
        lines.add(f"{quad.triple} .\n".encode())
    output.write_bytes(b"".join(sorted(lines)))
    return lines


@pytest.fixture(scope="module")
def dumps(directory: StoreDirectory, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The dumps of both generations, as files; beside them, the exports ``first`` and ``second``."""
    folder = tmp_path_factory.mktemp("dumps")
    for number, name in ((1, "first"), (2, "second")):
        export(directory.generation(number), folder / name, formats=["nt", "ttl"])
        dump(folder / name, folder / f"{name}.nt")
    return folder / "first.nt", folder / "second.nt"


@pytest.fixture(scope="module")
def delta(directory: StoreDirectory, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export_delta(directory, tmp_path_factory.mktemp("out") / "delta", 1).output


def test_generations_that_are_read_are_marked(
    directory: StoreDirectory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = [str(directory.generation(number).path.parent) for number in (1, 2)]
    seen = []

    def walked(store: Store, nct_id: str) -> Part:
        seen.append(tuple(map(in_use, folders)))
        return study_part(store, nct_id)

    monkeypatch.setattr(data, "study_part", walked)
    export(directory, tmp_path / "export")
    assert set(seen) == {(False, True)}
    seen.clear()
    export_delta(directory, tmp_path / "delta", 1)
    assert set(seen) == {(True, True)}
    assert not any(map(in_use, folders))


def test_it_turns_the_old_dump_into_the_new(dumps: tuple[Path, Path], delta: Path, tmp_path: Path) -> None:
    old, new = (set(path.read_bytes().splitlines()) for path in dumps)
    assert old - new
    assert new - old
    number = apply_delta(dumps[0], delta, tmp_path / "made.nt")
    assert set((tmp_path / "made.nt").read_bytes().splitlines()) == new
    assert number == len(new)


def test_it_says_no_more_than_what_differs(dumps: tuple[Path, Path], delta: Path) -> None:
    old, new = (set(path.read_bytes().splitlines(keepends=True)) for path in dumps)
    ontology = set((delta / "added.nt").read_bytes().splitlines(keepends=True)) - (new - old)
    assert not ontology
    assert set((delta / "removed.nt").read_bytes().splitlines(keepends=True)) == old - new
    assert set((delta / "added.nt").read_bytes().splitlines(keepends=True)) == new - old


def test_the_update_of_a_triple_store(dumps: tuple[Path, Path], delta: Path) -> None:
    store = Store()
    store.load(path=str(dumps[0]), format=RdfFormat.N_TRIPLES)
    store.update(f"DELETE DATA {{ {(delta / 'removed.nt').read_text('utf-8')} }}")
    store.update(f"INSERT DATA {{ {(delta / 'added.nt').read_text('utf-8')} }}")
    wanted = Store()
    wanted.load(path=str(dumps[1]), format=RdfFormat.N_TRIPLES)
    assert set(store) == set(wanted)


@pytest.mark.skipif(not shutil.which("comm"), reason="no comm on the path")
def test_the_commands_of_its_readme(dumps: tuple[Path, Path], delta: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(delta, folder)
    shutil.copy(dumps[0], folder / "old.nt")
    text = (folder / "README.md").read_text("utf-8")
    commands = [line.strip() for line in text.splitlines() if line.startswith("    ")]
    assert len(commands) == 2
    for command in commands:
        subprocess.run(command, shell=True, cwd=folder, check=True)  # noqa: S602 - our own words
    assert (folder / "new.nt").read_bytes() == dumps[1].read_bytes()


def test_what_is_told_of_it(directory: StoreDirectory, dumps: tuple[Path, Path], tmp_path: Path) -> None:
    report = export_delta(directory, tmp_path / "delta", 1)
    assert verify(report.output) == []
    assert report.studies == ("NCT99999901", "NCT99999902", "NCT99999903")
    assert (report.before, report.after) == tuple(path.read_bytes().count(b"\n") for path in dumps)
    assert report.after == report.before + report.added - report.removed
    text = (report.output / "README.md").read_text("utf-8")
    assert f"| {report.added:,} statements, SHA-256" in text
    # Once more, over itself and over an export: the same bytes.
    again = export_delta(directory, tmp_path / "delta", 1)
    for name in ("added.nt", "removed.nt", "README.md", "CHECKSUMS.sha256"):
        assert (again.output / name).read_bytes() == (report.output / name).read_bytes()


@pytest.mark.parametrize(("form", "layout"), [("nt", "whole"), ("ttl.gz", "study"), ("trig", "partition")])
def test_since_an_earlier_export(
    directory: StoreDirectory, delta: Path, tmp_path: Path, form: str, layout: str
) -> None:
    export(directory.generation(1), tmp_path / "old", formats=[form], layout=layout)
    report = export_delta(directory, tmp_path / "delta", tmp_path / "old")
    for name in ("added.nt", "removed.nt"):
        assert (report.output / name).read_bytes() == (delta / name).read_bytes()
    assert report.replaced == ()


def test_files_of_another_version_of_the_software_come_along(directory: StoreDirectory, tmp_path: Path) -> None:
    folder = export(directory.generation(1), tmp_path / "old", formats=["nt"]).output
    (folder / "codes.ttl").write_text("# older\n")
    with pytest.raises(InputError, match=r"not as it was written: codes.ttl: changed"):
        export_delta(directory, tmp_path / "delta", folder)
    lines = (folder / "CHECKSUMS.sha256").read_text("utf-8").splitlines()
    digest = subprocess.run(["sha256sum", "codes.ttl"], cwd=folder, capture_output=True, check=True, text=True).stdout
    text = "\n".join(digest.rstrip() if line.endswith(" codes.ttl") else line for line in lines) + "\n"
    (folder / "CHECKSUMS.sha256").write_text(text, encoding="utf-8")
    report = export_delta(directory, tmp_path / "delta", folder)
    assert report.replaced == ("codes.ttl",)
    assert (report.output / "codes.ttl").read_bytes() != (folder / "codes.ttl").read_bytes()


def test_of_some_studies(directory: StoreDirectory, tmp_path: Path) -> None:
    report = export_delta(directory, tmp_path / "delta", 1, select=["NCT99999901", "NCT99999912"])
    assert report.studies == ("NCT99999901",)
    assert report.added == 1  # the name of the organization
    with pytest.raises(UsageError, match="not in the store: NCT00000000"):
        export_delta(directory, tmp_path / "delta", 1, select=["NCT00000000"])


def test_a_generation_that_is_gone_and_the_newest(directory: StoreDirectory, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"generation 7 is not there, or not any more .*there are 1, 2;"):
        export_delta(directory, tmp_path / "delta", 7)
    with pytest.raises(UsageError, match="generation 2 is the newest"):
        export_delta(directory, tmp_path / "delta", 2)
    assert list(tmp_path.iterdir()) == []


def test_an_earlier_export_without_readable_studies(directory: StoreDirectory, tmp_path: Path) -> None:
    export(directory.generation(1), tmp_path / "old", formats=["jsonld"])
    with pytest.raises(InputError, match="no file of studies that can be read statement by statement"):
        export_delta(directory, tmp_path / "delta", tmp_path / "old")


def test_another_dump_and_a_changed_delta_are_refused(dumps: tuple[Path, Path], delta: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="statements to remove are not there"):
        apply_delta(dumps[1], delta, tmp_path / "made.nt")
    shutil.copytree(delta, tmp_path / "copy")
    (tmp_path / "copy" / "added.nt").write_text("")
    with pytest.raises(InputError, match=r"the delta has changed: added.nt"):
        apply_delta(dumps[0], tmp_path / "copy", tmp_path / "made.nt")
    assert [path.name for path in tmp_path.iterdir()] == ["copy"]
