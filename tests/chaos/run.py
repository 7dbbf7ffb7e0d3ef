"""One trial from its beginning to its report."""

import json
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from catenae import Topology
from catenae.broker import Broker
from catenae.brokers import open_broker
from catenae.deployment.lag import lags
from catenae.errors import BrokerUnavailable, CatenaeError
from catenae.stores import open_documents
from tests.chaos.committing import Committing
from tests.chaos.course import Course
from tests.chaos.declared import Declared
from tests.chaos.diary import Diary
from tests.chaos.feeder import Feeder
from tests.chaos.migrating import Migrating, NotMigrated
from tests.chaos.mishaps import Mishap, mishaps
from tests.chaos.reading import found_in
from tests.chaos.report import Report
from tests.chaos.shapes import fed_from_outside
from tests.chaos.trial import Trial
from tests.chaos.up import Up
from tests.chaos.verdict import Found, Verdict, judge
from tests.chaos.world import LEASE_S, World, world

# A machine that is busy with more than this gets on slowly; what stands still does not get on.
CREATES_WITHIN_S = 120.0
STANDS_STILL_S = 180.0
DRAINS_WITHIN_S = 1200.0
LOOKS_EVERY_S = 0.5


def run(trial: Trial, folder: Path) -> Report:
    """Run a trial in a folder that is new; leave there what happened and what was said."""
    folder.mkdir(parents=True)
    with world(trial, folder) as around, (folder / "diary.jsonl").open("w") as file:
        happening = mishaps(trial, around.possible())
        running = _Run(trial, folder, around, Diary(file), happening)
        return running.report()


class _Run:
    """A trial under way."""

    def __init__(
        self, trial: Trial, folder: Path, around: World, diary: Diary, happening: Sequence[Mishap]
    ) -> None:
        self._trial = trial
        self._around = around
        self._diary = diary
        self._happening = happening
        self._folder = folder
        self._declared = Declared(trial, folder)
        is_stepped = any(each.kind == "step clock" for each in happening)
        environment = around.clock.environment() if is_stepped else {}
        flags = ["--broker", around.url, "--documents", around.documents, "--lease-s", str(LEASE_S)]
        self._up = Up(self._declared.file, around.data, flags, environment)
        places = ["--broker", around.url, "--data", str(around.data)]
        self._migrating = Migrating(places, environment, folder / "migrate.log")
        self._tormented_s = 0.0

    def report(self) -> Report:
        """Run it, look at what there is, and say."""
        topology = self._declared.topology
        with closing(open_broker(_patient(self._around.url))) as broker:
            _create(topology, broker)
            feeder = Feeder(broker, fed_from_outside(topology), self._trial.rate)
            try:
                lag = self._go_through(broker, feeder)
            except NotMigrated as error:
                self._up.ends.append(str(error))
                return self._told(feeder, None, [])
            self._diary.write("stopped")
            with closing(open_documents(self._around.documents)) as documents:
                found = found_in(self._declared, broker, documents, feeder, self._around.bootstrap)
        report = self._told(feeder, judge(self._declared.topology, found), lag)
        if not report.holds:
            self._keep(found)
        return report

    def _told(self, feeder: Feeder, verdict: Verdict | None, lag: Sequence[str]) -> Report:
        """Write down what came of it; keep what Kafka has on its disks where that is not as promised."""
        report = Report(
            self._trial,
            verdict,
            Counter(each.kind for each in self._happening),
            self._up.ends,
            lag,
            feeder.refused,
            self._around.untold_transactions(),
            self._tormented_s,
        )
        self._diary.write("report", holds=report.holds, lines=list(report.lines()))
        if not report.holds:
            self._around.keep_kafka(self._folder / "kafka")
        return report

    def _keep(self, found: Found) -> None:
        """Write down every record that was found, for whoever looks for the reason."""
        for topic, seen in found.topics.items():
            with self._folder.joinpath(f"{topic}.jsonl").open("w") as file:
                for each in seen:
                    value = {name: told for name, told in each.value.items() if name != "ballast"}
                    file.write(json.dumps([each.partition, each.offset, each.key, value]) + "\n")

    def _go_through(self, broker: Broker, feeder: Feeder) -> list[str]:
        """Feed the topology, torment it, and return what it has not handled when it was given its time."""
        committing = Committing(self._up, self._around, self._declared, self._migrating)
        course = Course(committing, self._up, self._diary)
        self._up.start()
        try:
            self._up.wait()
            self._diary.write("ready")
            began_s = self._diary.now_s
            feeder.start()
            try:
                course.run(self._happening, self._trial.minutes * 60)
            finally:
                feeder.stop()
                self._tormented_s = self._diary.now_s - began_s
                self._around.heal()
            self._declared.end_sources()
            self._diary.write("healed")
            return self._drain(broker, course)
        finally:
            self._up.stop()

    def _drain(self, broker: Broker, course: Course) -> list[str]:
        began_s = moved_s = time.monotonic()
        before: list[str] = []
        while lag := self._lag(broker):
            course.look()
            now_s = time.monotonic()
            if lag != before:
                before, moved_s = lag, now_s
            if now_s > min(began_s + DRAINS_WITHIN_S, moved_s + STANDS_STILL_S):
                return lag
            time.sleep(LOOKS_EVERY_S)
        self._diary.write("drained")
        return []

    def _lag(self, broker: Broker) -> list[str]:
        """Return what is not handled at the moment, by node and topic; Sources that still generate too."""
        sources = {node.name for node in self._declared.topology.nodes if node.is_source}
        generating = [each.name for each in self._up.instances() if each.node in sources]
        if generating:
            return [f"{name} still generates" for name in generating]
        try:
            found = lags(broker, self._declared.topology)
        except CatenaeError as error:
            return [str(error)]
        return [f"{each.records} of {each.topic} by {each.node}" for each in found if each.records]


def _create(topology: Topology, broker: Broker) -> None:
    """Create the topics, on a Kafka that has just started and may have a machine that is busy."""
    until_s = time.monotonic() + CREATES_WITHIN_S
    while True:
        try:
            broker.create_topics(topology.topic_specs())
        except BrokerUnavailable:
            if time.monotonic() > until_s:
                raise
        else:
            return


def _patient(url: str) -> str:
    """Return the URL by which the trial itself uses the broker: by the client that cannot end its process."""
    return url.replace("client=confluent", "client=kafka-python")
