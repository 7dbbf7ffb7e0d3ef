"""Catenae: Python microservices over topics, exactly once, on one machine or many."""

from catenae.broker import Input, Replication
from catenae.clock import Clock
from catenae.config import read_settings
from catenae.deployment.data_folder import DataFolder
from catenae.deployment.operations import DeadLetter, NodeFigures, Operations
from catenae.deployment.spellings import spellings
from catenae.edge import command_line
from catenae.errors import CatenaeError, ConfigError, TransientError
from catenae.feed import Feed
from catenae.input_modes import InputMode
from catenae.joins import IntervalJoin, LatestJoin
from catenae.message import CONTROL, FORGET, Message, forget_request
from catenae.meters import Metrics
from catenae.microservice import Leaf, Middle, Server, Source
from catenae.operating.erasing import Erased, erase
from catenae.private_files import keep_private, new_private, private_folder
from catenae.retry import Retry
from catenae.secret import Secret
from catenae.secret_files import read_secret
from catenae.service_log import Log
from catenae.store import Between, Document, Documents, Page, State, Store, Write
from catenae.stores import open_documents, open_store
from catenae.stores.search_words import TextQuery, words_of
from catenae.timers import Timers
from catenae.topology.graph import Retention, Topology
from catenae.topology.node import Node, Resources
from catenae.topology.scale import Scale
from catenae.topology.typed import Topic, typed_node
from catenae.windows import Hopping, Session, Tumbling, Window, Windowed

__all__ = [
    "CONTROL",
    "FORGET",
    "Between",
    "CatenaeError",
    "Clock",
    "ConfigError",
    "DataFolder",
    "DeadLetter",
    "Document",
    "Documents",
    "Erased",
    "Feed",
    "Hopping",
    "Input",
    "InputMode",
    "IntervalJoin",
    "LatestJoin",
    "Leaf",
    "Log",
    "Message",
    "Metrics",
    "Middle",
    "Node",
    "NodeFigures",
    "Operations",
    "Page",
    "Replication",
    "Resources",
    "Retention",
    "Retry",
    "Scale",
    "Secret",
    "Server",
    "Session",
    "Source",
    "State",
    "Store",
    "TextQuery",
    "Timers",
    "Topic",
    "Topology",
    "TransientError",
    "Tumbling",
    "Window",
    "Windowed",
    "Write",
    "command_line",
    "erase",
    "forget_request",
    "keep_private",
    "new_private",
    "open_documents",
    "open_store",
    "private_folder",
    "read_secret",
    "read_settings",
    "spellings",
    "typed_node",
    "words_of",
]
