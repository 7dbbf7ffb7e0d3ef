"""The microservices of a chain as one: set up in order, torn down in the opposite one."""

from collections.abc import Sequence
from contextlib import ExitStack

from catenae.microservice import Microservice


class Several(Microservice):
    """Passes the hooks around a life of handling on to each of several microservices."""

    def __init__(self, services: Sequence[Microservice]) -> None:
        self._services = services

    def setup(self) -> None:
        for each in self._services:
            each.setup()

    def obstacle(self) -> str:
        return next(filter(None, (each.obstacle() for each in self._services)), "")

    def teardown(self) -> None:
        with ExitStack() as all_of_them:
            for each in self._services:
                all_of_them.callback(each.teardown)
