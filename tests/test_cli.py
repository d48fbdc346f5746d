from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from kg.cli import app, main
from tests.records import combination, record

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def built(store: Path, tmp_path: Path) -> Path:
    source = tmp_path / "in.ndjson"
    source.write_text(f"{record()}\n{combination()}\n")
    assert main(["build", str(source), "--store", str(store)]) == 0
    return store


def test_build_reports_on_stderr_only(store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "in.ndjson"
    source.write_text(f"{record()}\n{{\n")
    assert main(["build", str(source), "--store", str(store)]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "2 records read: 1 study converted, 0 superseded, 1 rejected" in err
    assert f"rejected: {source}:2: " in err
    assert main(["build", str(source), "--store", str(store), "--strict"]) == 1
    assert main(["build", str(source), "--store", str(store), "--max-rejects", "1"]) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["build", "absent.json"],
        ["convert", "absent.json"],
        ["validate", "absent.json"],
        ["validate", "absent.ttl"],
        ["query"],
        ["query", "no-such-query"],
        ["query", "-q", "SELECT {"],
        ["query", "-f", "absent.rq"],
        ["query", "il2-pd1-same-arm", "--param", "nonsense"],
        ["query", "il2-pd1-same-arm", "--param", "colour=blue"],
        ["export", "-o", "out", "--select", "NCT00000000"],
        ["link", "x", "--kind", "colour"],
        ["serve", "--allow-update"],
        ["serve", "--token-file", "absent"],
        ["serve", "--allow-update", "--token-file", "absent"],
        ["build", "--colour"],
        ["paint"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_exit_2_and_no_traceback(
    arguments: list[str],
    built: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("TRIALKG_STORE", str(built))
    monkeypatch.chdir(tmp_path)
    capfd.readouterr()
    assert main(arguments) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert err
    assert "Traceback" not in err
    if err.startswith("trialkg: "):
        assert err.count("\n") == 1


def test_convert_writes_whole_files_or_none(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in.json").write_text(combination())
    assert main(["convert", str(tmp_path / "in.json"), "-o", str(tmp_path / "out.ttl"), "--format", "ttl"]) == 0
    assert "agent:bempegaldesleukin" in (tmp_path / "out.ttl").read_text()
    (tmp_path / "bad.json").write_text("{}")
    assert main(["convert", str(tmp_path / "bad.json"), "-o", str(tmp_path / "never.nt")]) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.json", "in.json", "out.ttl"]
    capfd.readouterr()
    assert main(["convert", str(tmp_path / "in.json")]) == 0
    assert capfd.readouterr().out.count(" .\n") > 30


@pytest.mark.parametrize("form", ["nq", "ttl", "trig", "jsonld", "rdfxml"])
def test_every_format_says_the_same(form: str, tmp_path: Path) -> None:
    import pyoxigraph as ox
    import rdflib

    (tmp_path / "in.json").write_text(combination())
    for wanted in ("nt", form):
        main(["convert", str(tmp_path / "in.json"), "-o", str(tmp_path / wanted), "--format", wanted])
    expected = set(rdflib.Graph().parse(tmp_path / "nt", format="nt"))
    if form in ("nq", "trig", "jsonld"):  # formats of datasets, which rdflib cannot read into a graph
        triples = (quad.triple for quad in ox.parse(path=tmp_path / form, format=ox.RdfFormat.from_extension(form)))
        text = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)
        assert set(rdflib.Graph().parse(data=text, format="nt")) == expected
    else:
        names = {"ttl": "turtle", "rdfxml": "xml"}
        assert set(rdflib.Graph().parse(tmp_path / form, format=names[form])) == expected


def test_query_answers_in_every_format(
    built: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    for form in ("table", "csv", "tsv", "json", "xml"):
        assert main(["query", "il2-pd1-same-arm", "--store", str(built), "--format", form]) == 0
        out = capfd.readouterr().out
        assert "NCT99999902" in out
        assert "NCT99999901" not in out
    text = "DESCRIBE <https://w3id.org/trialkg/trial/NCT99999902/arm/1>"
    assert main(["query", "-q", text, "--store", str(built), "--format", "ttl"]) == 0
    assert "bempegaldesleukin" in capfd.readouterr().out


def test_a_runaway_query_is_stopped(built: Path, capfd: pytest.CaptureFixture[str]) -> None:
    text = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    assert main(["query", "-q", text, "--store", str(built), "--timeout", "1"]) == 2
    assert "stopped after 1 s" in capfd.readouterr().err


def test_validate_exits_1_on_a_violation_only(built: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--store", str(built)]) == 0
    good = capfd.readouterr().out
    assert "2 studies checked: 0 Violations" in good
    bad = tmp_path / "bad.ttl"
    bad.write_text(
        "@prefix tkg: <https://w3id.org/trialkg/vocab#> .\n"
        '<https://w3id.org/trialkg/trial/NCT99999901> a tkg:Study ; tkg:enrollment "many" .\n'
    )
    assert main(["validate", str(bad)]) == 1
    assert "tkg:enrollment" in capfd.readouterr().out
    assert main(["validate", str(bad), "--format", "json"]) == 1
    assert json.loads(capfd.readouterr().out)["rules"]
    assert main(["validate", str(bad), "--format", "ttl"]) == 1
    assert "ValidationReport" in capfd.readouterr().out


def test_link_says_why_or_that_it_does_not_know(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["link", "Keytruda", "--kind", "intervention", "--format", "json"]) == 0
    (answer,) = json.loads(capfd.readouterr().out)
    assert answer["concept"].endswith("/agent/pembrolizumab")
    assert (answer["method"], answer["score"], answer["matchedText"]) == ("synonym", 1.0, "Keytruda")
    assert main(["link", "triple therapy", "--kind", "intervention"]) == 0
    assert "no link" in capfd.readouterr().out
    assert main(["link", "triple therapy", "--kind", "intervention", "--format", "json"]) == 0
    assert json.loads(capfd.readouterr().out) == []


def test_export_twice_is_the_same_bytes(built: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert main(["export", "-o", str(tmp_path / name), "--store", str(built)]) == 0
    one = {path.name: path.read_bytes() for path in (tmp_path / "one").iterdir()}
    two = {path.name: path.read_bytes() for path in (tmp_path / "two").iterdir()}
    assert one == two
    assert {"catalog.ttl", "studies.ttl", "studies.nt"} <= one.keys()


def test_an_interrupt_is_exit_130(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("kg.pipeline.build.convert", interrupted)
    (tmp_path / "in.json").write_text(record())
    assert main(["build", str(tmp_path / "in.json"), "--store", str(tmp_path / "store")]) == 130
    assert capfd.readouterr().err == "trialkg: interrupted\n"
    assert not (tmp_path / "store" / "current").exists()


def test_help_needs_nothing_heavy() -> None:
    code = (
        "import sys; from kg.cli import main; main(['--help'])\n"
        "heavy = {'rdflib', 'pyshacl', 'pyoxigraph', 'fastapi', 'owlready2', 'pandas', 'SPARQLWrapper'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr


def test_every_command_and_option_is_in_the_docs() -> None:
    page = (ROOT / "docs" / "cli.md").read_text()
    group = typer.main.get_command(app)
    missing = []
    for name, command in _commands("trialkg", group):
        if f"## {name}" not in page:
            missing.append(name)
        missing += [
            f"{name} {option}"
            for parameter in command.params
            for option in parameter.opts
            if option.startswith("-") and option != "--help" and option not in page
        ]
    assert not missing


def test_every_command_has_help() -> None:
    group = typer.main.get_command(app)
    assert all(command.help for _, command in _commands("trialkg", group))


def _commands(prefix: str, group: Any) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, command in getattr(group, "commands", {}).items():
        found += _commands(f"{prefix} {name}", command) or [(f"{prefix} {name}", command)]
    return found


def test_vocabularies_are_added_listed_and_removed(
    built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "mesh.tsv"
    table.write_text("ui\tlabel\ttree_numbers\tsynonyms\nD008545\tMelanoma\tC04.557\t\n")
    at = ["--store", str(built)]
    assert main(["vocabulary", "add", "mesh", str(table), "--version", "2031", *at]) == 0
    assert "mesh 2024 → 2031" in capsys.readouterr().err
    assert main(["vocabulary", "list", *at]) == 0
    assert "mesh\t2031\t1 concepts" in capsys.readouterr().out
    assert main(["vocabulary", "remove", "mesh", *at]) == 0
    assert main(["vocabulary", "list", *at]) == 0
    assert "mesh\t2024\t44,301 concepts" in capsys.readouterr().out


def test_corrections_come_with_a_build(built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "mine.sssom.tsv"
    table.write_text(
        "subject_label\tsubject_category\tsubject_type\tpredicate_id\tobject_id\tmapping_justification\n"
        "Melanoma\ttkg:Condition\trdfs literal\tskos:exactMatch\tmesh:D012878\tsemapv:ManualMappingCuration\n"
    )
    source = str(tmp_path / "in.ndjson")
    assert main(["build", source, "--vocabulary", str(table), "--store", str(built)]) == 0
    capsys.readouterr()
    assert main(["link", "Melanoma", "--store", str(built), "--format", "json"]) == 0
    [found] = json.loads(capsys.readouterr().out)
    assert (found["method"], found["concept"]) == ("manual", "http://id.nlm.nih.gov/mesh/D012878")
    text = "SELECT ?m WHERE { ?l tkg:concept mesh:D012878 ; tkg:method ?m }"
    assert main(["query", "-q", text, "--store", str(built), "--format", "csv"]) == 0
    assert "https://w3id.org/trialkg/code/method/manual" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["vocabulary", "add", "mesh", "absent.nt"],
        ["vocabulary", "add", "chebi"],
        ["vocabulary", "add", "agents", "x.ttl"],
        ["vocabulary", "add", "Bad Name", "x.ttl"],
        ["vocabulary", "remove", "chebi"],
        ["build", ".", "--vocabulary", "absent.owl"],
    ],
)
def test_wrong_vocabularies_are_one_line(built: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*arguments, "--store", str(built)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.strip().splitlines()) == 1, err
