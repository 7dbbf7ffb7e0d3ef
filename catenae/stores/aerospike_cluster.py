"""The Aerospike client behind the store: connecting, one batch of requests, one scan; every error is ours."""

from collections.abc import Iterator, Sequence
from typing import Any

import aerospike
from aerospike.exception import AerospikeError
from aerospike_helpers.batch.records import BatchRecords

from catenae.clock import Clock
from catenae.errors import ConfigError, StoreError, StoreUnavailable
from catenae.stores import aerospike_record as record
from catenae.stores.aerospike_address import AerospikeAddress
from catenae.stores.aerospike_round import Attempt
from catenae.stores.aerospike_status import TRANSIENT, Status, explained

# The client fails without saying more where a host name is not known yet, so that is tried again as well.
# A server opens its port about 2 s before it lets clients in. An attempt more may take `timeout_s`.
CONNECT_WITHIN_S = 4.0
FIRST_PAUSE_S = 0.1
PAGE_RECORDS = 1000
# What a record takes where the server does not say, its default.
DEFAULT_LIMIT_BYTES = 1024 * 1024
Bins = dict[str, Any]


class AerospikeCluster:
    """One client, shared by the threads of this process; a fork opens its own.

    Raises `StoreUnavailable` if no node answers within about 5 s, ConfigError for an unknown namespace.
    """

    def __init__(self, address: AerospikeAddress, clock: Clock) -> None:
        self._place = (address.namespace, address.set_name)
        self._client = _connected(address, clock)
        try:
            self.limit_bytes = self._checked_limit()
        except BaseException:
            self.close()
            raise

    def send(self, attempts: Sequence[Attempt]) -> list[int]:
        """Bring the attempts to the cluster at once; return the status of each."""
        batch = BatchRecords([record.write(self._place, attempt) for attempt in attempts])
        try:
            self._client.batch_write(batch)
        except AerospikeError as error:
            if _status(error) not in TRANSIENT:
                raise explained(_status(error)) from error
            return [_status(error)] * len(attempts)
        return [_final(each.result, batch.result) for each in batch.batch_records]

    def read(self, keys: Sequence[bytearray]) -> list[tuple[bytearray, Bins]]:
        """Return what there is of these user keys, removed ones included, in no promised order."""
        places = [(*self._place, key) for key in keys]
        try:
            batch = self._client.batch_read(places, [record.VERSION, record.VALUE])
        except AerospikeError as error:
            raise explained(_status(error)) from error
        # A batch that failed as a whole has an empty list, rather than raise.
        if len(batch.batch_records) < len(keys):
            raise explained(_final(Status.NO_RESPONSE, batch.result))
        found = []
        for each in batch.batch_records:
            if each.result == Status.OK:
                found.append((each.key[2], each.record[2]))
            elif each.result != Status.NOT_FOUND:
                raise explained(_final(each.result, batch.result))
        return found

    def scan(self, namespace: str | None, bins: Sequence[str]) -> Iterator[tuple[bytearray, Bins]]:
        """Yield the user key and these bins of every key not removed, of one namespace or of all."""
        try:
            query = self._client.query(*self._place)
            query.select(*bins)
            query.max_records = PAGE_RECORDS
            query.paginate()
            while not query.is_done():
                for key, _, found in query.results({"expressions": record.live(namespace)}):
                    yield key[2], found
        except AerospikeError as error:
            raise explained(_status(error)) from error

    def close(self) -> None:
        self._client.close()

    def _checked_limit(self) -> int:
        """Return the bytes of the largest record the namespace takes; make sure that there is one."""
        namespace = self._place[0]
        known = self._ask("namespaces").split(";")
        if namespace not in known:
            raise ConfigError(
                f"store: Aerospike has no namespace {namespace!r}; it has {sorted(known)}. "
                "Use one of them, or add it to the server's configuration"
            )
        answer = self._ask(f"get-config:context=namespace;id={namespace}")
        settings = dict(each.partition("=")[::2] for each in answer.split(";"))
        # Servers before 7.1 know the second name only, and the first is 0 where the second counts.
        sizes = (settings.get(each, "") for each in ("max-record-size", "storage-engine.write-block-size"))
        return next((int(each) for each in sizes if each.isdecimal() and int(each)), DEFAULT_LIMIT_BYTES)

    def _ask(self, command: str) -> str:
        try:
            answer: str = self._client.info_random_node(command)
        except AerospikeError as error:
            raise explained(_status(error)) from error
        return answer.rpartition("\t")[2].strip()


def _connected(address: AerospikeAddress, clock: Clock) -> Any:
    give_up_at_s, pause_s = clock.monotonic_s() + CONNECT_WITHIN_S, FIRST_PAUSE_S
    while True:
        try:
            return aerospike.client(address.client_config())
        except AerospikeError as error:
            status = _status(error)
            if status not in TRANSIENT | {Status.CLIENT}:
                raise explained(status) from error
            if clock.monotonic_s() + pause_s > give_up_at_s:
                hosts = ", ".join(f"{host}:{port}" for host, port in address.hosts)
                raise StoreUnavailable(
                    f"no Aerospike node answers at {hosts} within {CONNECT_WITHIN_S:g} s. "
                    "Start it, or correct the URL of the store"
                ) from error
        clock.sleep(pause_s)
        pause_s *= 2


def _status(error: AerospikeError) -> int:
    if error.code is None:
        raise StoreError(
            "the Aerospike client failed without a status. Report it with its traceback"
        ) from error
    return error.code


def _final(status: int, status_of_batch: int) -> int:
    """Return why a record of a batch failed: without a response, the batch as a whole may know more."""
    if status == Status.NO_RESPONSE and status_of_batch not in (Status.OK, Status.BATCH_FAILED):
        return status_of_batch
    return status
