"""One node on the embedded broker, with this checkout's library and with another's, in turns.

    python benchmarks/beside.py OTHER                        messages passed on, six pairs
    python benchmarks/beside.py OTHER --only counting        counted by key, in State
    python benchmarks/beside.py OTHER --pairs 12 --messages 300000

OTHER is the folder of another checkout, such as `git worktree add OTHER COMMIT` makes one. Both run this
checkout's `embedded_broker.py`, in this environment. Prints messages per CPU second and the ratios.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROGRAM = HERE / "embedded_broker.py"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("other", type=Path)
    parser.add_argument("--only", choices=("throughput", "counting"), default="throughput")
    parser.add_argument("--pairs", type=int, default=6)
    parser.add_argument("--messages", type=int, default=200_000)
    arguments = parser.parse_args()
    checkouts = {"other": arguments.other.resolve(), "this": HERE.parent}
    for checkout in checkouts.values():
        require_library(checkout)
    rates: dict[str, list[float]] = {name: [] for name in checkouts}
    for number in range(arguments.pairs):
        # Each goes first as often as the other.
        for name in sorted(checkouts, reverse=bool(number % 2)):
            rates[name].append(rate(checkouts[name], arguments.only, arguments.messages))
    ratios = [this / other for this, other in zip(rates["this"], rates["other"], strict=True)]
    found = {name: spread(some, 0) for name, some in rates.items()}
    print(json.dumps({**found, "ratios": spread(ratios, 3), "pairs": len(ratios)}, indent=2))


def rate(checkout: Path, measure: str, messages: int) -> float:
    """Return messages per CPU second with the library of a checkout."""
    printed = output_of(checkout, str(PROGRAM), "--only", measure, "--messages", str(messages))
    figure: float = json.loads(printed)[measure]["messages_per_cpu_s"]
    return figure


def require_library(checkout: Path) -> None:
    """End unless it is the checkout's library that is measured."""
    used = output_of(checkout, "-c", "import catenae; print(catenae.__file__)").strip()
    if Path(used).parent.parent != checkout:
        raise SystemExit(
            f"{checkout} holds no library: {used} would be measured. Name the folder of a checkout"
        )


def output_of(checkout: Path, *arguments: str) -> str:
    """Return what Python prints that finds a checkout's library before all others."""
    command = [sys.executable, "-P", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    return subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout


def spread(figures: Sequence[float], digits: int) -> dict[str, float]:
    """Return least, median and most."""
    parts = {"least": min(figures), "median": statistics.median(figures), "most": max(figures)}
    return {name: round(figure, digits) for name, figure in parts.items()}


if __name__ == "__main__":
    main()
