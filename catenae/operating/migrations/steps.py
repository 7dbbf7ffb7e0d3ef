"""Every kind of step, and a step as plain data."""

from collections.abc import Mapping
from typing import Any

import msgspec

from catenae.operating.migrations.add_partitions import AddPartitions
from catenae.operating.migrations.begin_again import BeginAgain
from catenae.operating.migrations.carry_batches import CarryBatches
from catenae.operating.migrations.copy_journal import CopyJournal
from catenae.operating.migrations.copy_letters import CopyLetters
from catenae.operating.migrations.copy_state import CopyState
from catenae.operating.migrations.copy_topic import CopyTopic
from catenae.operating.migrations.create_topic import CreateTopic
from catenae.operating.migrations.drop_state import DropState
from catenae.operating.migrations.drop_topic import DropTopic
from catenae.operating.migrations.follow_topic import FollowTopic
from catenae.operating.migrations.forget_group import ForgetGroup
from catenae.operating.migrations.go_on_behind import GoOnBehind
from catenae.operating.migrations.leave_name import LeaveName
from catenae.operating.migrations.move_positions import MovePositions
from catenae.operating.migrations.move_waiting import MoveWaiting
from catenae.operating.migrations.part_state import PartState
from catenae.operating.migrations.pass_again import PassAgain
from catenae.operating.migrations.rebase_journal import RebaseJournal
from catenae.operating.migrations.rename_states import RenameStates

Step = (
    AddPartitions
    | BeginAgain
    | CarryBatches
    | CopyJournal
    | CopyLetters
    | CopyState
    | CopyTopic
    | CreateTopic
    | DropState
    | DropTopic
    | FollowTopic
    | ForgetGroup
    | GoOnBehind
    | LeaveName
    | MovePositions
    | MoveWaiting
    | PartState
    | PassAgain
    | RebaseJournal
    | RenameStates
)


def data_of(step: Step) -> Mapping[str, Any]:
    """Return a step as plain values."""
    data: Mapping[str, Any] = msgspec.to_builtins(step)
    return data


def step_of(data: Mapping[str, Any]) -> Step:
    """Return what `data_of` gave."""
    step: Step = msgspec.convert(data, Step)
    return step
