"""The Aerospike client behind the store: connecting, one batch of requests, one scan; every error is ours."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import aerospike
from aerospike.exception import AerospikeError
from aerospike_helpers.batch.records import BatchRecords

from catenae.clock import Clock
from catenae.errors import CatenaeError, ConfigError, StoreError, StoreUnavailable
from catenae.stores import aerospike_record as record
from catenae.stores.aerospike_address import AerospikeAddress
from catenae.stores.aerospike_probe import probe
from catenae.stores.aerospike_round import Attempt
from catenae.stores.aerospike_status import ROUND_KEYS, TRANSIENT, Status, explained

# The client fails without saying more where a host name is not known yet, so that is tried again as well.
# A server opens its port about 2 s before it lets clients in. An attempt more may take `timeout_s`.
CONNECT_WITHIN_S = 4.0
FIRST_PAUSE_S = 0.1
PAGE_RECORDS = 1000
# What a record takes where the server does not say, its default.
DEFAULT_LIMIT_BYTES = 1024 * 1024
LEAST_LIMIT_BYTES = 16 * 1024
Bins = dict[str, Any]


class AerospikeCluster:
    """One client, shared by the threads of this process; a fork opens its own.

    Raises `StoreUnavailable` if no node answers within about 5 s, ConfigError for an unknown namespace, and
    for what else of the URL or the server's configuration this store cannot work with.
    """

    def __init__(self, address: AerospikeAddress, clock: Clock) -> None:
        self.who = f"Aerospike at {address.places}"
        self._place = (address.namespace, address.set_name)
        self._client = self._connected(address, clock)
        try:
            self._require_requests()
            self.limit_bytes = self._checked_limit()
        except BaseException:
            self.close()
            raise

    def incarnation(self) -> str:
        """Return the cluster's key, which its nodes draw at random whenever one of them comes or goes.

        A node that was restarted serves nobody before it has agreed with the others on a new one. Raises
        `StoreUnavailable` while they do.
        """
        try:
            answers = self._client.info_all("cluster-stable:ignore-migrations=true").values()
        except AerospikeError as error:
            raise self._explained(_status(error)) from error
        keys = {"" if error else answer.rpartition("\t")[2].strip() for error, answer in answers}
        if len(keys) != 1 or not (key := keys.pop()) or key.startswith("ERROR"):
            raise StoreUnavailable(f"the nodes of {self.who} form a new cluster at the moment")
        return key

    def send(self, attempts: Sequence[Attempt]) -> list[int]:
        """Bring the attempts to the cluster at once; return the status of each."""
        batch = BatchRecords([record.write(self._place, attempt) for attempt in attempts])
        try:
            self._client.batch_write(batch)
        except AerospikeError as error:
            if _status(error) not in TRANSIENT:
                raise self._explained(_status(error)) from error
            return [_status(error)] * len(attempts)
        return [_final(each.result, batch.result) for each in batch.batch_records]

    def read(self, keys: Sequence[bytearray], bins: Sequence[str]) -> list[tuple[bytearray, Bins]]:
        """Return what there is of these user keys, removed ones included, in no promised order."""
        batch = self._done(keys, lambda places: self._client.batch_read(places, list(bins)))
        return [(each.key[2], each.record[2]) for each in batch if each.result == Status.OK]

    def remove(self, keys: Sequence[bytearray]) -> None:
        """Remove records for good, also from a namespace that takes no writes any more.

        The Community Edition forgets a removal when it is restarted, and has the records again.
        """
        self._done(keys, self._client.batch_remove)

    def _done(self, keys: Sequence[bytearray], do: Callable[[Any], Any]) -> list[Any]:
        try:
            batch = do([(*self._place, key) for key in keys])
        except AerospikeError as error:
            raise self._explained(_status(error)) from error
        # A batch that failed as a whole has an empty list, rather than raise.
        if len(batch.batch_records) < len(keys):
            raise self._explained(_final(Status.NO_RESPONSE, batch.result))
        for each in batch.batch_records:
            if each.result not in (Status.OK, Status.NOT_FOUND):
                raise self._explained(_final(each.result, batch.result))
        return list(batch.batch_records)

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
            raise self._explained(_status(error)) from error

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
        settings = self._settings(f"get-config:context=namespace;id={namespace}")
        # Servers before 7.1 know the second name only, and the first is 0 where the second counts.
        sizes = (settings.get(each, "") for each in ("max-record-size", "storage-engine.write-block-size"))
        limit_bytes = next(
            (int(each) for each in sizes if each.isdecimal() and int(each)), DEFAULT_LIMIT_BYTES
        )
        if limit_bytes < LEAST_LIMIT_BYTES:
            raise ConfigError(
                f"store: the namespace {namespace!r} of {self.who} has a max-record-size of {limit_bytes:,}; "
                f"make it {LEAST_LIMIT_BYTES:,} or more, best 1M"
            )
        return limit_bytes

    def _require_requests(self) -> None:
        most = self._settings("get-config:context=service").get("batch-max-requests", "")
        # 0 is no limit.
        if most.isdecimal() and 0 < int(most) < ROUND_KEYS:
            raise ConfigError(
                f"store: {self.who} has a batch-max-requests of {int(most):,}; make it {ROUND_KEYS:,} or more"
            )

    def _settings(self, command: str) -> dict[str, str]:
        return {
            name: value for name, _, value in (each.partition("=") for each in self._ask(command).split(";"))
        }

    def _ask(self, command: str) -> str:
        try:
            answer: str = self._client.info_random_node(command)
        except AerospikeError as error:
            raise self._explained(_status(error)) from error
        return answer.rpartition("\t")[2].strip()

    def _explained(self, status: int) -> CatenaeError:
        return explained(status, self.who)

    def _connected(self, address: AerospikeAddress, clock: Clock) -> Any:
        give_up_at_s, pause_s = clock.monotonic_s() + CONNECT_WITHIN_S, FIRST_PAUSE_S
        while True:
            try:
                return aerospike.client(address.client_config())
            except AerospikeError as error:
                status = _status(error)
                if status not in TRANSIENT | {Status.CLIENT, Status.TLS}:
                    raise self._explained(status) from error
                if clock.monotonic_s() + pause_s > give_up_at_s:
                    cause = probe(address)
                    if not cause.may_pass:
                        raise ConfigError(f"store: {cause.text}") from error
                    raise StoreUnavailable(
                        f"no Aerospike node answers at {address.places} within {CONNECT_WITHIN_S:g} s: "
                        f"{cause.text}. Start it, or correct the URL of the store"
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
