"""Every kind of migration, killed at whatever moments, leaves what it leaves when nobody kills it."""

import os
import shutil
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catenae.deployment.manifest import Manifest
from catenae.deployment.manifest_log import ManifestLog
from catenae.deployment.replay import replay
from catenae.errors import ConfigError
from catenae.operating.migrations.executor import Executor
from catenae.operating.migrations.request import carry_out
from catenae.runtime.dead_letters import dead_topic
from tests.examples import share
from tests.unit.migrations.killing import Fate, Killed, mortal
from tests.unit.migrations.kinds import BEFORE, KINDS, Kind
from tests.unit.migrations.numbers import DELAY_S, KEYS
from tests.unit.migrations.world import FolderWorld, World, opened

# How often each kind is killed; more of it is a matter of patience.
KILLS = int(os.environ.get("CATENAE_TEST_KILLS", share(10)))
GENERATED, ALL = 60, 80

every_kind = pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return folders left in the middle: records wait, and a batch was written and not committed."""
    folder = tmp_path_factory.mktemp("ran")
    with opened(folder) as world:
        world.run(BEFORE, {"source": {"below": GENERATED // 2}})
        world.clock.advance(DELAY_S + 1)
        world.run(BEFORE, {"source": {"below": GENERATED // 2}})
        replay(world.broker, "numbers.dead")
        world.run(BEFORE, {"source": {"below": GENERATED}}, rounds=1)
        world.run(BEFORE, {"source": {"below": GENERATED + 10}}, only="source")
        world.die_at_commit(BEFORE, "counter")
    return folder


def silent(line: str) -> None:
    """Tell nobody."""


def copied(origin: Path, folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(origin, folder)
    return folder


def kept(world: World, kind: Kind) -> Manifest | None:
    return ManifestLog(world.broker, kind.after.name, world.clock).read().manifest


def migrate(world: World, kind: Kind, fate: Fate) -> bool:
    """Do what its user does, give the command or finish what was begun; return whether it has ended."""
    ground = mortal(world.ground, fate)
    manifest = kept(world, kind)
    try:
        if manifest is not None and manifest.migration is not None:
            Executor(ground, kind.after.name, silent).finish()
        else:
            carry_out(kind.propose(ground), ground, silent)
    except Killed:
        return False
    return True


def migrate_under(world: World, kind: Kind, kills: Sequence[int]) -> None:
    """Migrate; the first process is killed at the first of these calls, the next at the second, and so on."""
    for kill_at in kills:
        try:
            if migrate(world, kind, Fate(kill_at)):
                return
        except ConfigError:
            # What there was to migrate is gone: it was killed just after the end.
            return
    try:
        migrate(world, kind, Fate(None))
    except ConfigError:
        return


def outcome(folder: Path, kind: Kind, kills: Sequence[int]) -> tuple[Any, Any]:
    with opened(folder) as world:
        migrate_under(world, kind, kills)
        return world.left(), kept(world, kind)


@pytest.mark.lengthy
@pytest.mark.hypothesis
@every_kind
def test_a_migration_that_is_killed_leaves_what_it_leaves_otherwise(
    kind: Kind, ran: Path, tmp_path: Path
) -> None:
    counted = Fate(None)
    with opened(copied(ran, tmp_path / "unkilled")) as world:
        assert migrate(world, kind, counted)
        expected = world.left(), kept(world, kind)
    moments = st.lists(st.integers(1, counted.calls), min_size=1, max_size=3)

    @settings(
        max_examples=KILLS, deadline=None, suppress_health_check=list(HealthCheck), derandomize=KILLS < 100
    )
    @given(kills=moments)
    def holds(kills: Sequence[int]) -> None:
        assert outcome(copied(ran, tmp_path / "killed"), kind, kills) == expected

    holds()


@every_kind
def test_what_was_begun_and_not_finished_keeps_the_topology_from_starting(
    kind: Kind, ran: Path, tmp_path: Path
) -> None:
    with opened(copied(ran, tmp_path / "begun")) as world:
        proposal = kind.propose(world.ground)
        Executor(world.ground, kind.after.name, silent).begin(*proposal[1:])

        assert "catenae migrate TOPOLOGY --resume" in world.refused(kind.after)[0]


@pytest.mark.lengthy
@pytest.mark.parametrize("kind", [k for k in KINDS if k.keeps_all], ids=lambda kind: kind.name)
def test_counts_and_sums_go_on_exactly_under_new_names(kind: Kind, ran: Path, tmp_path: Path) -> None:
    with opened(copied(ran, tmp_path / "goes on")) as world:
        assert migrate(world, kind, Fate(None))
        run_to_the_end(world, kind)

        assert counted(world) == {f"k{key}": expected_of(key) for key in range(KEYS)}


def run_to_the_end(world: FolderWorld, kind: Kind) -> None:
    """Generate the rest, mend the counter, replay what it could not handle, and wait for what is delayed."""
    source, counter = kind.after.nodes[0].name, kind.after.nodes[-1].name
    run = partial(world.run, kind.after, {source: {"below": ALL}, counter: {"is_mended": True}})
    run()
    for topic in (kind.after.nodes[0].outputs[""], "later"):
        world.clock.advance(DELAY_S + 1)
        run()
        replay(world.broker, dead_topic(topic))
        run()
    world.clock.advance(DELAY_S + 1)
    run()


def counted(world: World) -> dict[str, list[list[int]]]:
    """Return for each key what was told of it: the numbers, the counts, and the last sum."""
    by_key: defaultdict[str, list[list[int]]] = defaultdict(list)
    for number, count, total in world.values("counted"):
        by_key[f"k{number % KEYS}"].append([number, count, total])
    return {
        key: [
            sorted(number for number, _, _ in some),
            sorted(count for _, count, _ in some),
            [max(total for _, _, total in some)],
        ]
        for key, some in by_key.items()
    }


def expected_of(key: int) -> list[list[int]]:
    numbers = [number for number in range(ALL) if number % KEYS == key]
    return [sorted(numbers * 2), list(range(1, 2 * len(numbers) + 1)), [2 * sum(numbers)]]
