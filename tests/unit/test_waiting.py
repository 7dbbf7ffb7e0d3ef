import threading

import pytest

from catenae.brokers.kafka.bounded import Late
from catenae.errors import BrokerError, BrokerUnavailable, StoreUnavailable, TransientError
from catenae.running.waiting import StoppedWaiting, Waiting


class Pauses(threading.Event):
    """Notes how long it is waited for, and does not."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.seconds.append(timeout or 0.0)
        return self.is_set()


AWAY = BrokerUnavailable("away")


class Server:
    """Is away for so many calls."""

    def __init__(self, away: int, error: TransientError = AWAY) -> None:
        self._away = away
        self._error = error

    def ask(self) -> str:
        self._away -= 1
        if self._away >= 0:
            raise self._error
        return "answer"


def test_a_server_that_is_away_is_asked_with_growing_pauses_until_it_answers() -> None:
    stop, told = Pauses(), list[bool]()
    waiting = Waiting(stop, lambda _, is_first: told.append(is_first))

    assert waiting.until_answered(Server(away=7).ask) == "answer"
    assert stop.seconds == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]
    assert told == [True] + 6 * [False]


def test_a_server_that_comes_back_and_falters_is_one_outage_and_another_server_another() -> None:
    told: list[bool] = []
    waiting = Waiting(Pauses(), lambda _, is_first: told.append(is_first))

    waiting.until_answered(Server(away=1).ask)
    waiting.until_answered(Server(away=1).ask)
    waiting.until_answered(Server(away=1, error=StoreUnavailable("away")).ask)
    assert told == [True, False, True]


def test_a_server_that_is_away_and_then_late_is_one_outage() -> None:
    told: list[bool] = []
    waiting = Waiting(Pauses(), lambda _, is_first: told.append(is_first))

    waiting.until_answered(Server(away=1).ask)
    waiting.until_answered(Server(away=1, error=Late("has not answered in time")).ask)
    assert told == [True, False]


def test_waiting_ends_when_told_to_stop() -> None:
    stop = Pauses()
    waiting = Waiting(stop, lambda *_: stop.set())

    with pytest.raises(StoppedWaiting):
        waiting.until_answered(Server(away=2).ask)


def test_a_refusal_is_not_waited_for() -> None:
    def refuse() -> None:
        raise BrokerError("no access")

    with pytest.raises(BrokerError, match="no access"):
        Waiting(Pauses(), lambda *_: None).until_answered(refuse)
