"""The process that changes one draft by what a stranger wrote: an update, or a graph.

As the query process it has a memory limit, no network where the kernel lets it give that up, and ends with its owner.
It alone has the draft open. What it leaves half done is thrown away with the draft.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

import pyoxigraph as ox

from kg.confined.inside import connect, leave_network, limit_memory
from kg.errors import QueryError, QueryRefused
from kg.store.guard import parsed, refuse_fetching, refuse_oversize, walk
from kg.store.messages import Changed, Failed, encode
from kg.store.using import using_dataset
from kg.store.xml import NotWhole, require_whole

__all__ = ["main"]

_POSITION = re.compile(r"error at (\d+):(\d+)")
_LINE = re.compile(r"at line (\d+) column (\d+)")
_FAULT_OF_UPDATE = re.compile(r"already exists|does not exist|not supported")
_OF_GRAPHS: Final = {
    "Add": "ADD",
    "Clear": "CLEAR",
    "Copy": "COPY",
    "Create": "CREATE",
    "Drop": "DROP",
    "GraphGraphPattern": "GRAPH",
    "Load": "LOAD",
    "Move": "MOVE",
    "QuadsNotTriples": "GRAPH",
    "UsingClause": "USING",
}
"""What in a parsed update names graphs, or all of them."""


class _Refused(Exception):
    """The change cannot be made; ``failed`` says why."""

    def __init__(self, failed: Failed) -> None:
        super().__init__(failed.message)
        self.failed = failed


def _guarded(change: dict[str, Any], limits: tuple[int, int]) -> str:
    """The text of an update, checked, with the dataset of the request."""
    text: str = change["text"]
    refuse_oversize(text, longest=limits[0], deepest=limits[1], what="update")
    refuse_fetching(text)
    if change["default_graphs"] is not None:
        return using_dataset(text, change["default_graphs"], change["named_graphs"])
    return text


def _update(store: ox.Store, text: str, base: str) -> None:
    try:
        store.update(text, base_iri=base)
    except SyntaxError as error:
        found = _POSITION.search(str(error))
        line, column = (int(found[1]), int(found[2])) if found else (None, None)
        message = "the update does not parse" if found else str(error)
        raise _Refused(Failed("syntax", message, line, column)) from None
    except RuntimeError as error:
        if not _FAULT_OF_UPDATE.search(str(error)):
            raise
        raise _Refused(Failed("request", f"the update fails, and nothing is changed: {error}")) from None


def _graph(change: dict[str, Any]) -> ox.NamedNode | ox.DefaultGraph:
    return ox.DefaultGraph() if change["graph"] is None else ox.NamedNode(change["graph"])


def _exists(store: ox.Store, graph: ox.NamedNode | ox.DefaultGraph) -> bool:
    return isinstance(graph, ox.DefaultGraph) or store.contains_named_graph(graph)


def _add(store: ox.Store, change: dict[str, Any], bodies: list[bytes]) -> None:
    graph = _graph(change)
    if isinstance(graph, ox.NamedNode):
        store.add_graph(graph)
    for media_type, body in zip(change["media_types"], bodies, strict=True):
        form = ox.RdfFormat.from_media_type(media_type)
        try:
            if form == ox.RdfFormat.RDF_XML:
                require_whole(body)
            found = ox.parse(
                body,
                format=form,
                base_iri=change["base"],
                without_named_graphs=True,
                rename_blank_nodes=True,
            )
            store.extend(ox.Quad(quad.subject, quad.predicate, quad.object, graph) for quad in found)
        except SyntaxError as error:
            place = _LINE.search(str(error))
            line, column = (int(place[1]), int(place[2])) if place else (None, None)
            raise _Refused(Failed("data", f"the graph does not parse: {error}", line, column)) from None
        except NotWhole as error:
            raise _Refused(Failed("data", f"the graph does not parse: {error}", error.line, error.column)) from None


def _clear(store: ox.Store, graph: ox.NamedNode | ox.DefaultGraph) -> None:
    if isinstance(graph, ox.DefaultGraph):
        store.clear_graph(graph)
    else:
        store.remove_graph(graph)


def _patch(store: ox.Store, change: dict[str, Any], text: str) -> None:
    """Run an update that sees one graph only, as its default graph."""
    for node in walk(parsed(text, "update")):
        word = "WITH" if node.withClause else _OF_GRAPHS.get(node.name)
        if word:
            message = f"a patch changes the graph that it is sent to, and has {word}"
            raise _Refused(Failed("scope", message, remedy="send an update to /update"))
    graph = _graph(change)
    if isinstance(graph, ox.DefaultGraph):
        _update(store, text, change["base"])
        return
    alone = ox.Store()
    before = set(store.quads_for_pattern(None, None, None, graph))
    alone.extend(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in before)
    _update(alone, text, change["base"])
    after = {ox.Quad(quad.subject, quad.predicate, quad.object, graph) for quad in alone}
    store.add_graph(graph)
    for quad in before - after:
        store.remove(quad)
    store.extend(after - before)


def _apply(store: ox.Store, change: dict[str, Any], bodies: list[bytes], limits: tuple[int, int]) -> Changed:
    kind = change["kind"]
    if kind == "update":
        _update(store, _guarded(change, limits), change["base"])
        return Changed(existed=True)
    graph = _graph(change)
    existed = _exists(store, graph)
    if kind == "delete":
        if not existed:
            raise _Refused(Failed("absent", f"there is no graph {change['graph']}"))
        _clear(store, graph)
    elif kind == "patch":
        _patch(store, change, _guarded(change, limits))
    else:
        if kind == "put" and existed:
            _clear(store, graph)
        _add(store, change, bodies)
    return Changed(existed)


def _reply(store: ox.Store, change: dict[str, Any], bodies: list[bytes], limits: tuple[int, int]) -> Changed | Failed:
    try:
        changed = _apply(store, change, bodies, limits)
        # The owner ends this process as soon as it hears of it.
        store.flush()
    except _Refused as error:
        return error.failed
    except QueryRefused as error:
        return Failed("refused", error.problem, remedy=error.remedy)
    except QueryError as error:
        line, column = [*(int(number) for number in re.findall(r"\d+", error.place)), None, None][:2]
        return Failed("syntax", error.problem, line, column, error.remedy)
    except ValueError as error:
        return Failed("request", str(error))
    except MemoryError:
        return Failed("memory", "the change needs more memory than it may use", remedy="change less at once")
    except (OSError, RuntimeError) as error:
        return Failed("evaluation", str(error))
    return changed


def main(descriptor: str, store_path: str, memory: str, longest: str, deepest: str) -> None:
    """Make one change, and wait to be ended.

    Args:
        descriptor: this process's end of the connection.
        store_path: the folder of the draft's store.
        memory: bytes of address space that the change may use beyond what the open store does; also the longest file.
        longest: most bytes of an update.
        deepest: most nested brackets in an update.
    """
    leave_network()
    connection = connect(int(descriptor))
    reply: Changed | Failed
    try:
        store = ox.Store(store_path)
    except (OSError, RuntimeError) as error:  # a damaged store is a RuntimeError of the engine's
        reply = Failed("store", f"the store cannot be opened: {error}")
    else:
        limit_memory(int(memory), file_bytes=int(memory))
        change = json.loads(connection.recv_bytes())
        bodies = [connection.recv_bytes() for _ in change["media_types"]]
        reply = _reply(store, change, bodies, (int(longest), int(deepest)))
    connection.send_bytes(encode(reply))
