"""The table of Chinese posts: a support vector machine, an LSTM, and one behind a convolution, 60 % and 40 %.

Source: Zuo, Informatica 48, 2024, tables 4 and 5: precision, recall, F and recognition time; one-hot words
beside Word2vec. Words of posts to fit on are all that word vectors are learned from.
"""

from collections.abc import Mapping

from services.classifiers.kinds.network import CNN_LSTM, LSTM
from services.classifiers.kinds.svm import SVM
from services.classifiers.kinds.words import Embedding
from services.classifiers.labelled import Labelled
from services.classifiers.measures import Bools
from services.classifiers.paper_table import MS_ALONE, MS_TOGETHER, Judge, Method, Numbers, PaperTable, Wanted
from services.classifiers.preprocessing import CHINESE, preprocessing
from services.classifiers.splits import sixty_forty, truth_of
from services.classifiers.tables.encoded import encoded
from services.depression.progress import unseen

NAMES = {SVM: "SVM", LSTM: "LSTM", CNN_LSTM: "CNN+LSTM"}
EMBEDDINGS: tuple[Embedding, ...] = ("word2vec", "one-hot")
# What an encoder reads are sentences.
_FOR_WORDS = frozenset(("segments", "noise"))


def _methods(labelled: Labelled, wanted: Wanted) -> Mapping[str, Method]:
    from services.classifiers.words.fitted import fit  # noqa: PLC0415  it needs the extra tune
    from services.classifiers.words.learning import Learning  # noqa: PLC0415

    truth, prepare = truth_of(labelled), preprocessing(wanted.steps)
    texts = [prepare(post.text).split() for post in labelled.posts]

    def method(kind: str, embedding: Embedding) -> Method:
        def fitting(numbers: Numbers) -> Judge:
            some = [texts[number] for number in numbers]
            fitted = fit(kind, embedding, some, truth[numbers], Learning(seed=wanted.seed), unseen)
            if fitted.losses:
                wanted.losses.setdefault(_row(kind, embedding), fitted.losses)

            def judge(held: Numbers) -> Bools:
                said: Bools = fitted.scores([texts[number] for number in held]) > 0
                return said

            return judge

        return fitting

    rows = {_row(kind, embedding): method(kind, embedding) for embedding in EMBEDDINGS for kind in NAMES}
    sentences = [step for step in wanted.steps if step not in _FOR_WORDS]
    return {**rows, **encoded(labelled, wanted, sentences, is_timed=True)}


def _row(kind: str, embedding: Embedding) -> str:
    return f"{NAMES[kind]}, {embedding}"


CHINESE_POSTS = PaperTable(
    _methods,
    columns=("precision", "recall", "f1", MS_TOGETHER, MS_ALONE),
    split=sixty_forty,
    steps=CHINESE,
    encoder="",
    folds=1,
    beside=[_row(CNN_LSTM, embedding) for embedding in EMBEDDINGS],
)
