"""Who is new."""

from catenae import Store
from catenae.testing import MemoryState, message
from services.forgetting.request import request
from services.reddit.names import Names
from services.reddit.user_filter import UserFilter


def test_a_user_passes_once(store: Store) -> None:
    users = UserFilter(MemoryState(), store)

    passed = [
        out.value for name in ("ann", "bob", "ann") for out in users.transform(message({"user": name}, name))
    ]

    assert passed == [{"user": "ann", "ticket": 0}, {"user": "bob", "ticket": 0}]


def test_no_name_is_kept(store: Store) -> None:
    seen: MemoryState[bool] = MemoryState()
    list(UserFilter(seen, store).transform(message({"user": "ann"}, "ann")))

    assert list(seen.values) == [Names(store).hash("ann")]
    assert not any("ann" in key for key, _ in store.scan("reddit.names"))


def test_a_user_to_be_forgotten_passes_as_that_and_never_again(store: Store) -> None:
    users = UserFilter(MemoryState(), store)

    assert [(out.key, out.is_to_forget) for out in users.forget(request("ann"))] == [("ann", True)]
    assert list(users.transform(message({"user": "ann"}, "ann"))) == []


def test_who_was_forgotten_for_being_silent_passes_once_they_write_again(store: Store) -> None:
    seen: MemoryState[bool] = MemoryState()
    users, ann = UserFilter(seen, store), message({"user": "ann"}, "ann")
    list(users.transform(ann))

    assert [out.is_to_forget for out in users.forget(request("ann", is_silent=True))] == [True]
    assert seen.values == {}
    assert [out.key for out in users.transform(ann)] == ["ann"]


def test_who_is_suppressed_does_not_pass(store: Store) -> None:
    Names(store).suppress("ann")

    assert list(UserFilter(MemoryState(), store).transform(message({"user": "ann"}, "ann"))) == []


def test_hashes_differ_from_store_to_store(store: Store) -> None:
    assert Names(store).hash("ann") == Names(store).hash("ann") != Names(store).hash("Ann")
