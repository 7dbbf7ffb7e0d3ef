"""Any bytes, any JSON, any headers on any topic: no node ends, no reader fails, and nobody else is changed.

CATENAE_HOSTILE_S=3600 goes on for so many seconds; otherwise it is a short form.
"""

import json
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import topologies
from catenae import CatenaeError, Documents, Operations, Topology, open_documents
from catenae.brokers import open_broker
from catenae.codec.packing import pack
from catenae.message import Record
from catenae.runtime.dead_letters import SUFFIX
from catenae.testing import FakeClock, drain
from services.api.alerts import Fit, Sort, Wanted
from services.api.collaborators import Collaborators, Site, put_together
from services.api.course import course, points_of
from services.api.paging import Part
from services.api.user_words import user_words
from services.api.users import PostSort, WantedPosts
from services.classifiers.cascading import train_cascade
from services.classifiers.labelled import LabelledPost, each_once
from services.forgetting.forget_recorder import PERSONAL
from services.models.folder import read_folder, save_files
from services.screenings import documents_of, fields_of
from tests.topologies.pictures import ALERT, PICTURE

FOR_S = float(os.environ.get("CATENAE_HOSTILE_S", "0"))
EXAMPLES = 4
CASCADE = "data/cascade"
# Of whom nothing that is written speaks in the right form, and so nothing may change.
VICTIM = "ann"


# What reads messages and asks the world outside.
ASKING = ("user_content_crawler", "answers", "webhook", "mail")


def without_edges(topology: Topology) -> Topology:
    """Return a topology of what handles messages alone: nothing that asks the world outside, or serves it.

    Strangers may write to all of its topics but those of timers, which are their nodes' own.
    """
    nodes = [each for each in topology.nodes if not each.is_source and each.name not in ASKING]
    kept = {each.topic for node in nodes for each in node.inputs}
    kept |= {topic for node in nodes for topic in node.outputs.values()}
    kept -= {node.timers for node in nodes}
    return replace(
        topology,
        nodes=tuple(nodes),
        partitions=2,
        external=tuple(sorted(kept)),
        exported=(),
        formats={topic: form for topic, form in topology.formats.items() if topic in kept},
        retention={},
    )


TOPOLOGIES = {
    each.name: without_edges(import_module(f"topologies.{each.name}").topology)
    for each in iter_modules(topologies.__path__)
}
FIELDS = (
    *("id", "user", "author", "kind", "created_utc", "title", "body", "removed", "forget", "label", "hidden"),
    *("reviewed_by", "probability", "threshold", "posts", "first_utc", "last_utc", "post_id", "model"),
    *("opened_utc", "opened_by", "opened_after", "updated_utc", "peak_probability", "posts_since", "band"),
    *("words", "post_probability", "user_probability", "terms", "before", "ids", "change", "own"),
    *("squared_norm_change", "models", "deleted", "looks", "ticket", "visits", "status", "changed_ms"),
    *("images", "thumbnails", "pixels", "reason"),
)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=20),
    st.binary(max_size=24),
    st.sampled_from(["mallory", "bob", "comment", f"t1_{VICTIM}0", "\0", "\x1b[2J", "\ud800", "m", ""]),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(FIELDS), inner, max_size=8),
        st.dictionaries(st.one_of(st.text(max_size=5), st.integers()), inner, max_size=2),
        st.tuples(inner, inner),
    ),
    max_leaves=12,
)
POST: Mapping[str, Any] = {
    "id": "t1_m",
    "author": "mallory",
    "kind": "comment",
    "created_utc": 5,
    "body": "i am",
    "user": "mallory",
    "post_id": "t1_m",
    "removed": False,
    "model": "m",
    "terms": b"\1\0\0\0\1\0\0\0",
}
# Almost right: one field of what would be taken is something else.
almost = st.builds(
    lambda whole, field, value: {**whole, field: value},
    st.sampled_from([PICTURE, POST, ALERT]),
    st.sampled_from(FIELDS),
    scalars,
)


def packed(value: Any) -> bytes:
    try:
        return pack(value)
    except (CatenaeError, RecursionError):
        return b"\xc1"


def as_json(value: Any) -> bytes:
    return json.dumps(value, default=str, skipkeys=True).encode("utf-8", "surrogatepass")


MSGPACK = {"content-type": b"application/msgpack"}
contents = st.one_of(
    st.tuples(st.binary(max_size=60), st.just({})),
    st.tuples(st.one_of(values, almost).map(as_json), st.just({})),
    st.tuples(st.one_of(values, almost).map(packed), st.just(MSGPACK)),
    st.tuples(st.just(b"\x91" * 900 + b"\xc0"), st.just(MSGPACK)),
    st.tuples(st.just(b"[" * 3000), st.just({})),
    st.tuples(st.none(), st.just({})),
)
headers = st.dictionaries(
    st.sampled_from(
        [
            *("only-group", "first-id", "erased", "seal", "control-forget", "trace", "content-type"),
            *("dead-topic", "dead-group", "dead-origin", "dead-at-ms", "dead-shortened", "dead-reason"),
        ]
    ),
    st.sampled_from(
        [b"", b"texts", b"texts[0]@1", b"texts[99999999]@5", b"depression.text_vectoriser", b"\xff", b"-1"]
    ),
    max_size=3,
)
keys = st.one_of(st.none(), st.binary(max_size=8), st.sampled_from([b"mallory", b"bob", VICTIM.encode()]))
records = st.builds(
    lambda content, more, key: Record("", key, content[0], {**content[1], **more}), contents, headers, keys
)


@pytest.fixture(scope="module")
def options(screening: tuple[Path, Any], tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    model, cascade = screening[0], tmp_path_factory.mktemp("cascade") / "model"
    part, posts = read_folder(model), [("i am sad", True), ("i like tea", False)] * 20
    labelled = each_once(
        [LabelledPost(f"{text} {n}", truth, f"{n}") for n, (text, truth) in enumerate(posts)]
    )
    save_files(train_cascade(labelled, part, part, share=0.5), cascade)
    models = {
        node.name: {**node.options, "model": str(cascade if node.options["model"] == CASCADE else model)}
        for topology in TOPOLOGIES.values()
        for node in topology.nodes
        if "model" in node.options
    }
    return {**models, "image_fetcher": {"folder": str(tmp_path_factory.mktemp("images"))}}


def screenings_of(topology: Topology) -> list[str]:
    """Return the names of the screenings that a topology has, the first one's "" among them."""
    return [
        "",
        *sorted({node.options["screening"] for node in topology.nodes if "screening" in node.options}),
    ]


def victims(documents: Documents) -> None:
    """Store what there is of somebody who has been reviewed."""
    documents.upsert("posts", [{"id": f"t1_{VICTIM}0", "author": VICTIM, "kind": "comment", "body": "i"}])
    documents.upsert("probabilities", [{"id": f"t1_{VICTIM}0", "user": VICTIM, "post_probability": 0.5}])
    documents.upsert("users", [{**PICTURE, "id": VICTIM, "user": VICTIM}])
    review = {"label": "risk", "reviewed_by": "expert", "reviewed_ms": 5, "changed_ms": 5}
    documents.upsert("alerts", [{**ALERT, "id": VICTIM, "user": VICTIM, **review}])
    documents.upsert("visits", [{"id": VICTIM, "user": VICTIM, "visits": 1}])


def of_victim(documents: Documents) -> list[Any]:
    """Return it again, of each screening."""
    fields = fields_of(PERSONAL, documents.collections())
    return [(name, documents.find(name, {fields[name]: VICTIM}).documents) for name in sorted(fields)]


def read_everything(here: Collaborators) -> None:
    """Read what the API answers, of everybody."""
    part = Part(limit=200)
    for sort in Sort:
        here.alerts.find(Wanted(None, is_hidden=False, sort=sort), part, "one")
    here.queue.next("one", Fit(frozenset(["high"]), is_above=True, raised_since_ms=1), now_ms=1)
    here.alerts.counts()
    users = here.users.find("", part, "one").items
    for user in [*(each.user for each in users), "mallory", VICTIM]:
        here.users.get(user, "one")
        here.alerts.get(user, "one")
        for by in PostSort:
            here.users.posts(user, WantedPosts(sort=by), part, "one")
        user_words(here.documents, user).model_dump_json()
        course(user, 0.5, None, list(points_of(here.documents, user)), 50)
        list(here.users.record(user))
    here.forgetting.find(part)
    for now_s in (1.0, 4.0):
        here.watch.look(now_s)


def dead_letters(topology: Topology, written: Sequence[Record]) -> None:
    """Read, and put back, letters of any bytes on every topic of dead letters."""
    with closing(open_broker("embedded:")) as broker:
        broker.create_topics(topology.topic_specs())
        dead = [topic for topic in topology.topics() if topic.endswith(SUFFIX)]
        broker.append([each._replace(topic=topic) for each in written for topic in dead])
        operations = Operations(topology, broker)
        operations.dead_letter_counts()
        operations.figures()
        for topic in dead:
            json.dumps([each.value for each in operations.dead_letters(topic.removesuffix(SUFFIX), 100)])
            operations.replay(topic.removesuffix(SUFFIX))


@pytest.mark.lengthy
@pytest.mark.parametrize("name", TOPOLOGIES)
def test_nobody_else_is_changed_and_everything_can_be_read(name: str, options: Mapping[str, Any]) -> None:
    topology = TOPOLOGIES[name]

    @settings(
        max_examples=EXAMPLES if not FOR_S else 20,
        deadline=None,
        database=None,
        derandomize=not FOR_S,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(records, min_size=1, max_size=30))
    def attacked(written: list[Record]) -> None:
        inputs = dict.fromkeys(topology.data_topics(), written)
        with closing(open_documents("sqlite:")) as documents:
            shown = [documents_of(documents, each) for each in screenings_of(topology)]
            for each in shown:
                victims(each)
            before = of_victim(documents)
            drain(topology, inputs, options, documents=documents, for_s=3, expect_errors=True)
            assert of_victim(documents) == before
            with closing(open_broker("embedded:")) as broker:
                broker.create_topics(topology.topic_specs())
                site = Site(("http://localhost:1",), Path("model"), Path("pages"))
                for each in shown:
                    here = put_together(site, each, Operations(topology, broker), FakeClock().now_s)
                    here.prepare()
                    read_everything(here)
            dead_letters(topology, written)

    until_s = time.monotonic() + FOR_S / len(TOPOLOGIES)
    attacked()
    while time.monotonic() < until_s:
        attacked()
