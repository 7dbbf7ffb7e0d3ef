"""Tables of papers, for any labelled posts: one file each, one line in TABLES."""

from collections.abc import Mapping

from services.classifiers.paper_table import PaperTable
from services.classifiers.tables.chinese import CHINESE_POSTS
from services.classifiers.tables.topic import TOPIC

TABLES: Mapping[str, PaperTable] = {"topic": TOPIC, "chinese": CHINESE_POSTS}
