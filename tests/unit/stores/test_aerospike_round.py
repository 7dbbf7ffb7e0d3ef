"""What is said of a write agrees with what became of it, whatever is lost on the way."""

from collections.abc import Callable, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catenae.errors import (
    CatenaeError,
    ConfigError,
    DataFolderError,
    RecordTooLarge,
    StoreError,
    StoreUnavailable,
)
from catenae.store import ABSENT
from catenae.stores.aerospike_round import (
    LAST_ATTEMPT_S,
    PAUSES_S,
    Attempt,
    Limits,
    Send,
    WriteRound,
    new_version,
    size_bytes,
)
from catenae.stores.aerospike_status import Status
from catenae.testing import FakeClock

LIMITS = Limits("Aerospike at a:3000", 1024)


class Cluster:
    """One record on a server, behind a network that does to each request what `faults` says.

    "" answers, "lost" loses the request, "unanswered" loses the answer, "overwritten" loses the answer as
    well, and another client writes before the next request.
    """

    def __init__(self, faults: Sequence[str] = (), version: int = ABSENT) -> None:
        self._faults = iter(faults)
        self.version = version
        self.had = {version}

    def send(self, attempts: Sequence[Attempt]) -> list[int]:
        fault = next(self._faults, "")
        status = Status.TIMEOUT if fault == "lost" else self._write(attempts[0])
        if fault == "overwritten":
            self._set(new_version())
        return [Status.NO_RESPONSE if fault else status]

    def look(self, namespace: str, keys: Sequence[str]) -> Mapping[str, int]:
        return {} if self.version == ABSENT else {keys[0]: self.version}

    def _write(self, attempt: Attempt) -> Status:
        if attempt.expected not in (None, self.version):
            return Status.NOT_FOUND if self.version == ABSENT else Status.FILTERED_OUT
        self._set(attempt.version)
        return Status.OK

    def _set(self, version: int) -> None:
        self.version = version
        self.had.add(version)


def run(cluster: Cluster, attempt: Attempt) -> dict[str, int]:
    return round_of(cluster.send, cluster).run([attempt])


def round_of(
    send: Send, cluster: Cluster | None = None, clock: FakeClock | None = None, restarts: bool = False
) -> WriteRound:
    def still_lives() -> None:
        if restarts:
            raise StoreUnavailable("was restarted")

    return WriteRound(send, (cluster or Cluster()).look, still_lives, clock or FakeClock(), LIMITS)


def write(expected: int | None = ABSENT) -> Attempt:
    return Attempt("users", "ann", b"value", expected, new_version())


def test_what_is_answered_is_believed() -> None:
    attempt = write()

    assert run(Cluster(), attempt) == {"ann": attempt.version}
    assert run(Cluster(version=5), attempt) == {}
    assert run(Cluster(), write(expected=5)) == {}


def test_a_write_that_was_done_unseen_counts_as_stored_when_its_repetition_is_refused() -> None:
    attempt = write(expected=5)

    assert run(Cluster(["unanswered"], version=5), attempt) == {"ann": attempt.version}


def test_a_write_that_was_lost_is_done_by_its_repetition() -> None:
    cluster, attempt = Cluster(["lost", "lost"], version=5), write(expected=5)

    assert run(cluster, attempt) == {"ann": attempt.version}
    assert cluster.version == attempt.version


def test_nothing_is_said_of_a_write_that_may_have_come_and_gone() -> None:
    with pytest.raises(StoreUnavailable, match="may or may not"):
        run(Cluster(["overwritten"], version=5), write(expected=5))


def test_a_cluster_that_stays_away_is_given_up_after_bounded_time() -> None:
    clock = FakeClock()
    before_s = clock.monotonic_s()
    lost = round_of(Cluster(["lost"] * 99).send, clock=clock)
    with pytest.raises(StoreUnavailable, match="Aerospike at a:3000 did not answer 1 of 1 writes"):
        lost.run([write()])

    assert clock.monotonic_s() - before_s == pytest.approx(sum(PAUSES_S))


def test_only_what_failed_is_sent_again() -> None:
    sent: list[list[str]] = []

    def send(attempts: Sequence[Attempt]) -> list[int]:
        sent.append([attempt.key for attempt in attempts])
        return [Status.RECORD_BUSY if each.key == "b" and len(sent) < 3 else Status.OK for each in attempts]

    attempts = [write()._replace(key=key) for key in "abc"]
    stored = round_of(send).run(attempts)

    assert sent == [["a", "b", "c"], ["b"], ["b"]]
    assert stored == {attempt.key: attempt.version for attempt in attempts}


def test_no_write_is_repeated_to_a_server_that_was_restarted() -> None:
    cluster = Cluster(["lost"])
    with pytest.raises(StoreUnavailable, match="was restarted"):
        round_of(cluster.send, cluster, restarts=True).run([write()])

    assert cluster.version == ABSENT


def test_no_write_is_repeated_for_long() -> None:
    clock, sent = FakeClock(), []

    def send(attempts: Sequence[Attempt]) -> list[int]:
        sent.append(clock.monotonic_s())
        clock.advance(0.6)
        return [Status.TIMEOUT]

    with pytest.raises(StoreUnavailable):
        round_of(send, clock=clock).run([write()])

    assert sent[-1] - sent[0] <= LAST_ATTEMPT_S
    assert len(sent) == 2


@pytest.mark.parametrize(
    "large", [write()._replace(value=bytes(LIMITS.record_bytes)), write()._replace(key="k" * 1024)]
)
def test_what_cannot_fit_with_its_key_is_refused_before_anything_is_sent(large: Attempt) -> None:
    cluster = Cluster()
    with pytest.raises(RecordTooLarge) as refused:
        round_of(cluster.send, cluster).run([write(), large])

    assert (refused.value.size_bytes, refused.value.limit_bytes) == (size_bytes(large), 1024)

    assert cluster.version == ABSENT


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (Status.RECORD_TOO_BIG, RecordTooLarge),
        (Status.SERVER_FULL, DataFolderError),
        (Status.BATCH_TOO_LARGE, ConfigError),
        (Status.SECURITY_LAST, StoreError),
        (Status.FORBIDDEN, StoreError),
        (77777, StoreError),
    ],
)
def test_a_refusal_for_good_is_not_repeated(status: int, error: type[CatenaeError]) -> None:
    answers = iter([[status]])
    send: Callable[[Sequence[Attempt]], list[int]] = lambda _: next(answers)  # noqa: E731 — one line says it

    with pytest.raises(error):
        round_of(send).run([write()])


@given(
    st.lists(st.sampled_from(["", "lost", "unanswered", "overwritten"]), max_size=6),
    st.sampled_from([ABSENT, 5]),
    st.sampled_from([ABSENT, 5, 6]),
)
def test_neither_stored_nor_refused_is_ever_said_wrongly(
    faults: list[str], present: int, expected: int
) -> None:
    cluster, attempt = Cluster(faults, present), write(expected)
    try:
        stored = run(cluster, attempt)
    except StoreUnavailable:
        return

    assert (stored == {"ann": attempt.version}) == (attempt.version in cluster.had)
