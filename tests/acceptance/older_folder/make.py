"""Makes the older folder, by the release that a checkout holds. Run it there only to make another fixture.

    git worktree add /tmp/older fd174fd
    python tests/acceptance/older_folder/make.py /tmp/older

The topology runs until it has counted all numbers once; what is delayed by a minute still waits then.
"""

import os
import signal
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
ARCHIVE = HERE / "release_0_1.tar.gz"


def make(checkout: Path) -> None:
    """Run the topology with the code of `checkout`, and pack what it leaves."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        log, store = (f"embedded:{data}/{each}?map_size_mb=16" for each in ("log", "store"))
        command = [sys.executable, "-m", "catenae", "up", "older_topology.py", "--http-port", "0"]
        process = subprocess.Popen(
            [*command, "--data", str(data), "--broker", log, "--store", store],
            cwd=HERE,
            env={**os.environ, "PYTHONPATH": str(checkout)},
            stdout=subprocess.PIPE,
            text=True,
        )
        # A line now and then says how many each node has handled.
        assert process.stdout is not None
        next(line for line in process.stdout if "counter 1/1 in 200" in line)
        process.send_signal(signal.SIGINT)
        process.wait()
        with tarfile.open(ARCHIVE, "w:gz") as archive:
            for name in ("catenae.json", "topologies.json", "log/data.mdb", "store/data.mdb"):
                archive.add(data / name, f"data/{name}")


if __name__ == "__main__":
    make(Path(sys.argv[1]))
