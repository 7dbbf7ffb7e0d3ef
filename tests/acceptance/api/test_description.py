"""The OpenAPI description against the running API: whatever is sent, by whomever, is answered as it says."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.core.result import Ok

from catenae import Documents, Operations, open_documents
from catenae.brokers import open_broker
from catenae.message import Record
from catenae.runtime.dead_letters import from_failure
from services.api.answers import Role
from services.api.application import application
from services.api.collaborators import Collaborators, Site, put_together
from services.api.opening import address, usable_port
from services.api.server import ApiServer
from services.api.sign_in.accounts import Accounts
from services.api.sign_in.passwords import Passwords
from services.api.sign_in.sessions import Sessions
from tests.patience import PATIENCE_S
from tests.services.api.people import HOSTILE, PASSWORD, alert, post, probability, user_document
from topologies.depression import topology

pytestmark = pytest.mark.acceptance

EXAMPLES = 12
# Of whoever may not do it at all: what else was sent does not count.
EXAMPLES_REFUSED = 4
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
ADMINISTRATORS = ("/audit", "/dead-letters", "/forget", "/record")


class Api:
    """A server that listens, and the sessions of it."""

    def __init__(self, url: str, documents: Documents) -> None:
        self.url = url
        self._sessions = Sessions(documents, Accounts(documents, Passwords()))

    def cookies(self, role: Role | None) -> dict[str, str]:
        """Return those of somebody who has just signed in: what was called before may have signed out."""
        if role is None:
            return {}
        return {"screening": self._sessions.begin(f"the_{role}", int(time.time() * 1000))}


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    port = usable_port(0)
    with closing(open_documents("sqlite:")) as documents, closing(open_broker("embedded:")) as broker:
        broker.create_topics(topology.topic_specs())
        record = Record("texts", b"ann", b"words", {}, partition=0, offset=0)
        broker.append([from_failure(record, "depression.text_vectoriser", ValueError("words"), 5)])
        accounts = Accounts(documents, Passwords())
        for role in Role:
            accounts.add(f"the_{role}", role, PASSWORD, 0)
        documents.upsert("users", [user_document("ann")])
        documents.upsert("alerts", [alert("ann", label="risk")])
        documents.upsert("posts", [post("ann", number, body=HOSTILE) for number in range(5)])
        documents.upsert("probabilities", [probability("ann", number) for number in range(5)])
        # Whoever signs in elsewhere is led on; nobody is there.
        elsewhere = f"https://127.0.0.1:{usable_port(0)}"
        server = ApiServer(
            documents,
            Operations(topology, broker),
            port=port,
            oidc_issuer=elsewhere,
            oidc_client="screening",
        )
        server.setup()
        yield Api(address(port), documents)
        server.teardown()


def described() -> "schemathesis.schemas.BaseSchema":
    with closing(open_documents("sqlite:")) as documents, closing(open_broker("embedded:")) as broker:
        site = Site((address(0),), Path("none"), Path("none"))
        here: Collaborators = put_together(site, documents, Operations(topology, broker), time.time)
        return schemathesis.openapi.from_dict(application(here).openapi())


OPERATIONS = [each.ok() for each in described().get_all_operations() if isinstance(each, Ok)]


def is_allowed(path: str, role: Role | None) -> bool:
    if path.startswith("/api/v1/sign-in"):
        return True
    if any(part in path for part in ADMINISTRATORS):
        return role is Role.ADMINISTRATOR
    return role is not None and (role is not Role.REVIEWER or "/datasets" not in path)


# Who may do nothing and who may do all; for those in between it is the same code that answers.
@pytest.mark.parametrize(
    "role",
    [
        None,
        Role.ADMINISTRATOR,
        *(pytest.param(each, marks=pytest.mark.long) for each in Role if each is not Role.ADMINISTRATOR),
    ],
)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_every_answer_is_one_that_is_described(operation: Any, role: Role | None, api: Api) -> None:
    @given(case=operation.as_strategy())
    @settings(
        max_examples=EXAMPLES if is_allowed(operation.path, role) else EXAMPLES_REFUSED,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: "schemathesis.Case[Any]") -> None:
        answer = case.call(
            base_url=api.url,
            headers={"Origin": api.url},
            cookies=api.cookies(role),
            allow_redirects=False,
            timeout=PATIENCE_S,
        )
        case.validate_response(answer, checks=CHECKS)
        if not is_allowed(operation.path, role):
            assert answer.status_code in {401, 403, 404, 405, 411, 413}

    ask()
