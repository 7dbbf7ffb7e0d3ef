"""Upgrades as data: one name is another one, what follows from an input stays, and the file says the same."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from catenae.topology.loading import load_topology
from tests.chaos import rules
from tests.chaos.declared import Declared
from tests.chaos.migrating import Migrating, NotMigrated
from tests.chaos.recount import recount
from tests.chaos.shapes import bank, shape
from tests.chaos.trial import Trial
from tests.chaos.upgrades import Upgrade, upgraded

# More than a bank has things with names.
SHARES = [share / 20 for share in range(20)]


def all_upgrades(number: int = 1) -> Iterator[Upgrade]:
    for topology in (bank(), *(shape("drawn", seed, (), Path()) for seed in range(5))):
        yield from (upgraded(topology, number, share) for share in SHARES)


def test_everything_that_has_a_name_can_get_another_one() -> None:
    options = {upgraded(bank(), 7, share).options for share in SHARES}

    assert ("--rename-node", "sum=sum_v7") in options
    assert ("--rename-topic", "later=later_v7") in options
    assert ("--rename-state", "sum.counts=tallies", "--rename-state", "sum.totals=amounts") in options


@pytest.mark.lengthy
def test_a_name_is_given_back_and_a_version_replaced() -> None:
    once = next(each for each in all_upgrades(1) if each.options[0] == "--rename-state").topology
    states = {upgraded(once, 2, share).options for share in SHARES}

    assert ("--rename-state", "sum.tallies=counts", "--rename-state", "sum.amounts=totals") in states
    again = upgraded(upgraded(bank(), 1, 0).topology, 2, 0)
    assert again.options == ("--rename-node", "fan_v1=fan_v2")


@pytest.mark.parametrize("share", SHARES)
def test_what_must_come_of_an_input_does_not_depend_on_names(share: float) -> None:
    paths = {"amounts": [f"amounts-{number}" for number in range(20)]}
    before, after = (recount(each, paths) for each in (bank(), upgraded(bank(), 1, share).topology))

    assert [*before.keys.values()] == [*after.keys.values()]
    assert before.documents == after.documents
    assert [path for *_, path, _ in before.dead] == [path for *_, path, _ in after.dead]


def test_the_file_declares_what_the_topology_has_become(tmp_path: Path) -> None:
    declared = Declared(Trial(3, "bank"), tmp_path)
    for number, share in ((1, 0.3), (2, 0.3), (9, 0.8)):
        declared.upgrade(number, share)

    assert load_topology(str(declared.file)) == declared.topology


def test_the_groups_of_before_are_those_of_now(tmp_path: Path) -> None:
    declared = Declared(Trial(3, "bank"), tmp_path)
    declared.upgrade(1, 0)
    declared.upgrade(2, 0)

    groups = {"bank.fan": "bank.fan_v2", "bank.fan_v1": "bank.fan_v2", "bank.fan_v2": "bank.fan_v2"}
    assert groups.items() <= declared.groups.items()


def test_poison_that_would_swell_too_is_set_aside_as_poison() -> None:
    paths = (f"amounts-{number}" for number in range(300_000))
    path = next(each for each in paths if rules.is_poison("a", each) and rules.is_swollen("a", each))

    assert rules.refusal("a", True, path) == rules.POISONOUS


@pytest.mark.lengthy
def test_a_migration_that_does_not_come_through_is_an_error(tmp_path: Path) -> None:
    declared = Declared(Trial(3, "bank"), tmp_path)
    migrating = Migrating(["--data", str(tmp_path / "data")], {}, tmp_path / "migrate.log")

    with pytest.raises(NotMigrated, match="--rename-node fan=fan_v1: catenae: there are no topics"):
        migrating.migrate(declared.file, declared.upgrade(1, 0), random.Random(0))
