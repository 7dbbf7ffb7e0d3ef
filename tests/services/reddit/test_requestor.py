"""The way to the network: turns, time-outs, what is told to the budget, and what is told to nobody."""

import logging
from typing import Any

import pytest
import requests

from services.reddit.errors import RedditUnavailable
from services.reddit.requestor import BudgetedRequestor


class Budget:
    def __init__(self) -> None:
        self.told: list[Any] = []

    def take(self) -> None:
        self.told.append("take")

    def answered(self, remaining: float | None = None, reset_s: float | None = None) -> None:
        self.told.append(("answered", remaining, reset_s))

    def failed(self, retry_after_s: float | None = None) -> None:
        self.told.append(("failed", retry_after_s))


class Network(requests.Session):
    """Answers every request alike, or raises."""

    def __init__(
        self, status: int = 200, headers: dict[str, str] | None = None, error: Exception | None = None
    ):
        super().__init__()
        self._answer = requests.Response()
        self._answer.status_code = status
        self._answer.headers.update(headers or {})
        self._error = error
        self.timeouts: list[Any] = []

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        self.timeouts.append(kwargs["timeout"])
        if self._error is not None:
            raise self._error
        return self._answer


def requestor(budget: Any, network: Network) -> BudgetedRequestor:
    return BudgetedRequestor(budget=budget, longest_s=7.0, session=network, user_agent="a test of a crawler")


def test_each_request_takes_a_turn_and_has_a_time_out() -> None:
    budget, network = Budget(), Network()

    requestor(budget, network).request("GET", "https://reddit.test/")

    assert budget.told == ["take", ("answered", None, None)]
    assert network.timeouts == [7.0]


def test_the_limit_is_told_to_the_budget_and_hidden_from_praw() -> None:
    budget = Budget()
    network = Network(
        headers={"X-Ratelimit-Remaining": "12.5", "X-Ratelimit-Reset": "30", "X-Ratelimit-Used": "3"}
    )

    response = requestor(budget, network).request("GET", "https://reddit.test/")

    assert budget.told[-1] == ("answered", 12.5, 30.0)
    assert dict(response.headers) == {}


@pytest.mark.parametrize(("status", "retry_after"), [(429, "17"), (503, "17"), (500, ""), (502, "a date")])
def test_a_failure_is_told_to_the_budget_and_never_to_praw(status: int, retry_after: str) -> None:
    budget, network = Budget(), Network(status, {"Retry-After": retry_after})

    with pytest.raises(RedditUnavailable, match=f"status {status}"):
        requestor(budget, network).request("GET", "https://reddit.test/user/ann")

    assert budget.told[-1] == ("failed", 17.0 if retry_after == "17" else None)


def test_no_answer_is_a_failure_that_names_nobody() -> None:
    budget, network = Budget(), Network(error=requests.exceptions.ReadTimeout("/user/ann secret"))

    with pytest.raises(RedditUnavailable) as raised:
        requestor(budget, network).request("GET", "https://reddit.test/user/ann", auth=("id", "secret"))

    assert budget.told[-1] == ("failed", None)
    assert str(raised.value) == "no answer: ReadTimeout"
    assert raised.value.__suppress_context__


def test_those_who_log_addresses_are_silent() -> None:
    assert not any(logging.getLogger(name).isEnabledFor(logging.ERROR) for name in ("prawcore", "urllib3"))


@pytest.mark.parametrize("status", [400, 403, 404])
def test_what_has_to_do_with_the_question_is_left_to_praw(status: int) -> None:
    budget = Budget()

    assert requestor(budget, Network(status)).request("GET", "https://reddit.test/").status_code == status
    assert budget.told[-1][0] == "answered"
