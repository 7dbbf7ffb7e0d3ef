"""A migration carried out: noted in the manifest before anything is touched, and resumed after a kill.

Whoever starts a part of the topology meanwhile reads the note and is refused; whoever had started before is
seen among the members of its group.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from catenae.deployment.manifest import Manifest, Migration, manifest_of
from catenae.deployment.manifest_log import ManifestLog, Revision
from catenae.errors import BrokerError, BrokerUnavailable, ConfigError
from catenae.operating.migrations.changes import told
from catenae.operating.migrations.ground import Ground
from catenae.operating.migrations.steps import step_of


class Executor:
    """Carries out the migrations of one topology, one at a time.

    tell  is told each line of what is being done, before it is
    """

    def __init__(self, ground: Ground, topology: str, tell: Callable[[str], None]) -> None:
        self._ground = ground
        self._log = ManifestLog(ground.broker, topology, ground.clock)
        self._tell = tell

    def begin(self, found: Revision, manifest: Manifest, migration: Migration) -> None:
        """Note a migration of `manifest`, in place of the revision found.

        Raises `BrokerError`, with nothing noted any more, if an instance of one of its groups runs.
        """
        self._require_stopped(migration.groups)
        self._log.create()
        noted = replace(manifest, migration=migration)
        if not self._log.replace(found, noted):
            raise ConfigError(
                f"topology {manifest.topology!r} was started or migrated by somebody else just now; ask again"
            )
        self._ground.clock.sleep(self._ground.joined_after_s)
        try:
            self._require_stopped(migration.groups)
        except BrokerError:
            self._log.replace(self._log.read(), manifest)
            raise

    def finish(self) -> None:
        """Do what is left of the migration that was begun. Raises `ConfigError` if there is none."""
        while True:
            found = self._log.read()
            if found.manifest is None or found.manifest.migration is None:
                raise ConfigError(f"topology {self._log.topology!r} has no migration that was begun")
            migration = found.manifest.migration
            self._require_stopped(migration.groups)
            if migration.done == len(migration.parts):
                self._end(found, migration.result)
                return
            self._do(migration)
            done = replace(migration, done=migration.done + 1)
            if not self._log.replace(found, replace(found.manifest, migration=done)):
                raise BrokerUnavailable("somebody else carries out the same migration; let one finish it")

    def _do(self, migration: Migration) -> None:
        part = migration.parts[migration.done]
        lines = told(replace(migration, parts=migration.parts[: migration.done + 1]))
        self._tell(next(lines))
        for data, line in zip(part.steps, lines, strict=True):
            self._tell(line)
            step_of(data).do(self._ground)

    def _end(self, found: Revision, result: Mapping[str, object] | None) -> None:
        if result is None:
            self._log.remove()
        elif not self._log.replace(found, manifest_of(result)):
            raise BrokerUnavailable("somebody else has ended the same migration")

    def _require_stopped(self, groups: Iterable[str]) -> None:
        for group in groups:
            members = self._ground.broker.members(group)
            if members:
                raise BrokerError(
                    f"{', '.join(members)} of {group!r} is running, so nothing was migrated; stop it "
                    f"first. One that was killed counts as running for a few seconds; longer than a minute "
                    f"only where Kafka itself was killed: then add --evict"
                )
            # A broker that was killed may not know of its members yet; of this it does.
            self._ground.broker.settle(group)
