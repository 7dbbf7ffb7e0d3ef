"""The kit for testing microservices and topologies: no broker, no server, no waiting.

message()      a message as a handler receives it
MemoryState    a State in a dict
MemoryTimers   Timers in one
MemoryMetrics  Metrics to be looked at
FakeClock      time that passes when told
drain()        a whole topology, in one thread, until nothing moves any more
TestDriver     a topology step by step: send, let time pass, look into State and timers, kill
shares_of()    what an `InputMode` of one's own gives each input; require_fair() holds that none starves
"""

from catenae.testing.doubles import EPOCH_S, FakeClock, MemoryMetrics, MemoryState, MemoryTimers, message
from catenae.testing.draining import drain
from catenae.testing.driver import TestDriver
from catenae.testing.input_shares import require_fair, shares_of
from catenae.testing.stage import Unhandled

__all__ = [
    "EPOCH_S",
    "FakeClock",
    "MemoryMetrics",
    "MemoryState",
    "MemoryTimers",
    "TestDriver",
    "Unhandled",
    "drain",
    "message",
    "require_fair",
    "shares_of",
]
