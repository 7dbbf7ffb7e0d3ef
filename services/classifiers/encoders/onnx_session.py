"""An ONNX graph of somebody's, opened to run: on one processor, silent, and plain."""

from collections.abc import Callable
from typing import Any, TypeVar

from services.classifiers.encoders.onnx_graph import require_plain

T = TypeVar("T")


def open_session(graph: bytes, threads: int, wanted: str) -> Any:
    """Return a session that computes with so many threads.

    wanted  what the graph should be, for errors

    Raises ValueError for what is no such graph, or not a plain one; ImportError without the extra classify.
    """
    # Only what runs such a model has it installed.
    import onnxruntime  # noqa: PLC0415

    require_plain(graph)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    # It would write what it finds to standard error; it is raised.
    options.log_severity_level = 4
    return tried(
        lambda: onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"]), wanted
    )


def tried(make: Callable[[], T], wanted: str) -> T:
    """Return what is made; raise ValueError for whatever a library says of a file that it cannot read."""
    try:
        return make()
    except Exception as error:
        raise ValueError(f"no {wanted}: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines()
    return lines[0] if lines else type(error).__name__
