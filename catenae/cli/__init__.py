"""The command line, `catenae`.

commands       all put together, and what becomes of an error
settings       the table of settings as options
new_project    new; what it writes is in `new`
declaration    check, graph
compose        the command of this name; so is kubernetes
up             up; how it shows itself is in `live_table` and `plain_status`
reloading      up --reload
scale, work    the commands of these names; what work comes to, and each process of up, is `instance`
autoscale      the command of this name
control        control pause, resume, drain, level, stack, figures, scale, pin, release
permit         passwords, permit
topics         topics, lag
acls           the command of this name
tail, produce  the commands of these names
state, forget  the commands of these names
reset          reset
migrate        migrate
dead_letters   dead-letters list, show, replay
"""

import sys

from catenae.edge import command_line


def main() -> None:
    """Run the command that the arguments name; the exit status is 2 for an error that they caused."""
    command_line("catenae", _run)


def _run() -> None:
    # Only here: what goes wrong on the way, too little memory say, is to be one line as well.
    match sys.argv[1:]:
        case ["work", reference, node, "--slot", slot, "--stop-on-eof"]:
            # As `up` starts each process: in half the time, without all that reads and explains commands.
            from catenae.cli.instance import run  # noqa: PLC0415

            run(reference, node, slot, is_supervised=True)
        case _:
            from catenae.cli.commands import app  # noqa: PLC0415

            app(prog_name="catenae")
