"""The command line on a folder of topics."""

from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner, Result

from catenae.broker import Broker, TopicSpec
from catenae.brokers import open_broker
from catenae.cli.commands import app


class CommandLine:
    """Runs commands on one data folder, in which topic `texts` and its dead letters have two partitions."""

    def __init__(self, data: Path, broker: Broker) -> None:
        self.data = data
        self.broker = broker

    def __call__(self, *arguments: str, given: str = "") -> Result:
        return CliRunner().invoke(app, arguments, input=given, env={"CATENAE_DATA": str(self.data)})

    def refused(self, *arguments: str, given: str = "") -> str:
        """Return the one line of a command that is refused."""
        result = self(*arguments, given=given)
        assert result.exit_code == 2, result.output
        assert result.stderr.count("\n") == 1
        return result.stderr


@pytest.fixture(scope="session", autouse=True)
def commands_made_once() -> Iterator[None]:
    """Have the runner keep what typer makes of an application: to make it anew takes as long as a command."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("typer.testing._get_command", cache(get_command))
        yield


@pytest.fixture
def catenae(tmp_path: Path) -> Iterator[CommandLine]:
    with closing(open_broker(f"embedded:{tmp_path}/data/log")) as broker:
        broker.create_topics([TopicSpec("texts", 2), TopicSpec("texts.dead", 2)])
        yield CommandLine(tmp_path / "data", broker)
