"""What Kafka's authorizer is told to allow."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Permission:
    """One thing that one principal may do, from wherever it comes.

    principal   without "User:"
    kind        "TOPIC", "GROUP" or "TRANSACTIONAL_ID"
    name        of the resource; "*" for all of its kind
    is_prefix   whether it is what names begin with
    operation   as Kafka's protocol spells it, such as "DESCRIBE_CONFIGS"
    """

    principal: str
    kind: str
    name: str
    is_prefix: bool
    operation: str
