"""What authors call of a `State`, on whatever looks values up by name and takes changes of them."""

from collections.abc import Iterable, Sequence
from typing import Any, Generic, TypeVar, overload

from catenae.runtime.state_names import checked_key, directory_of, name_of
from catenae.store import StateKey

V = TypeVar("V")

NOTHING: Any = object()


class KeyedState(Generic[V]):
    """A `State` by the names of `state_names`, once somebody says how values are looked up and changed."""

    @overload
    def get(self, key: StateKey) -> V | None: ...
    @overload
    def get(self, key: StateKey, default: V) -> V: ...
    def get(self, key: StateKey, default: V | None = None) -> V | None:
        value = self.look_up(name_of(key))
        return default if value is NOTHING else value

    @overload
    def get_many(self, keys: Sequence[str]) -> dict[str, V]: ...
    @overload
    def get_many(self, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], V]: ...
    def get_many(self, keys: Sequence[Any]) -> dict[Any, V]:
        names = {key: name_of(key) for key in keys}
        self.fetch(names.values())
        found = ((key, self.look_up(name)) for key, name in names.items())
        return {key: value for key, value in found if value is not NOTHING}

    def items(self, key: str) -> list[tuple[str, V]]:
        sub_keys = sorted(self._sub_keys(key))
        found = self.get_many([(key, each) for each in sub_keys])
        return [(each, found[key, each]) for each in sub_keys if (key, each) in found]

    def forget(self, key: str) -> None:
        sub_keys = self._sub_keys(key)
        names = [
            key,
            *(name_of((key, each)) for each in sub_keys),
            *([directory_of(key)] if sub_keys else ()),
        ]
        self.fetch(names)
        for name in names:
            if self.look_up(name) is not NOTHING:
                self.change(name, NOTHING)

    def __getitem__(self, key: StateKey) -> V:
        value: V = self.look_up(name_of(key))
        if value is NOTHING:
            raise KeyError(key)
        return value

    def __setitem__(self, key: StateKey, value: V) -> None:
        name = name_of(key)
        if isinstance(key, tuple) and self.look_up(name) is NOTHING:
            listed = self._sub_keys(key[0])
            if key[1] not in listed:
                self.change(directory_of(key[0]), [*listed, key[1]])
        self.change(name, value)

    def __delitem__(self, key: StateKey) -> None:
        name = name_of(key)
        if self.look_up(name) is NOTHING:
            raise KeyError(key)
        self.change(name, NOTHING)
        if isinstance(key, tuple):
            rest = [each for each in self._sub_keys(key[0]) if each != key[1]]
            self.change(directory_of(key[0]), rest or NOTHING)

    def __contains__(self, key: StateKey) -> bool:
        return self.look_up(name_of(key)) is not NOTHING

    def _sub_keys(self, key: str) -> list[str]:
        listed: list[str] = self.look_up(directory_of(checked_key(key)))
        return [] if listed is NOTHING else listed

    # What is to be said of each kind.

    def look_up(self, name: str) -> Any:
        """Return the value of a name as it is now, one that may be changed without harm, or NOTHING."""
        raise NotImplementedError

    def fetch(self, names: Iterable[str]) -> None:
        """Be told which names are looked up next."""

    def change(self, name: str, value: Any) -> None:
        """Give a name a value, or NOTHING."""
        raise NotImplementedError
