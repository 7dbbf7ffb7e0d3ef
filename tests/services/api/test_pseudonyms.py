"""Pseudonyms: the same as long as the key is kept, and nothing to be found by trying names."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from catenae import ConfigError, Documents, open_documents
from services.api.answers import Role
from services.api.audit import Audit
from services.api.paging import Part
from services.api.pseudonym_key import COLLECTION, KEY, kept_key, pseudonyms_of, rotate
from services.api.pseudonyms import Pseudonyms
from services.api.sign_in.accounts import Accounts
from services.api.sign_in.passwords import Passwords
from services.api.sign_in.sealing import Seal
from tests.services.api.people import PASSWORD


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "secrets" / "pseudonym.key"


@pytest.fixture
def others() -> Iterator[Documents]:
    with closing(open_documents("sqlite:")) as opened:
        yield opened


def test_they_stay_with_the_documents(documents: Documents) -> None:
    assert pseudonyms_of(documents, None).of_name("ann") == pseudonyms_of(documents, None).of_name("ann")


def test_other_documents_have_other_pseudonyms(documents: Documents, others: Documents) -> None:
    assert pseudonyms_of(documents, None).of_name("ann") != pseudonyms_of(others, None).of_name("ann")


def test_a_name_and_a_post_that_are_called_alike_are_not_told_to_be() -> None:
    pseudonyms = Pseudonyms(b"key")

    assert pseudonyms.of_name("ann") != f"user_{pseudonyms.of_post('ann')}"
    assert pseudonyms.of_post("t3_ann").startswith("t3_")


def test_the_key_is_in_a_file_that_is_its_owners_alone_and_not_in_the_documents(
    documents: Documents, file: Path
) -> None:
    ann = pseudonyms_of(documents, file).of_name("ann")

    assert Pseudonyms(bytes.fromhex(file.read_text())).of_name("ann") == ann
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert set(documents.get(COLLECTION, KEY) or {}) == {"id", "mark"}


def test_a_key_that_was_with_the_documents_moves_and_pseudonyms_stay(
    documents: Documents, file: Path
) -> None:
    before = pseudonyms_of(documents, None).of_name("ann")

    assert pseudonyms_of(documents, file).of_name("ann") == before
    assert "value" not in (documents.get(COLLECTION, KEY) or {})
    assert pseudonyms_of(documents, file).of_name("ann") == before


def test_where_no_file_can_be_the_key_stays_with_the_documents(documents: Documents, tmp_path: Path) -> None:
    (tmp_path / "secrets").touch()
    file = tmp_path / "secrets" / "pseudonym.key"

    assert pseudonyms_of(documents, file).of_name("ann") == pseudonyms_of(documents, None).of_name("ann")


def test_a_key_that_is_lost_is_not_made_anew(documents: Documents, file: Path) -> None:
    pseudonyms_of(documents, file)
    file.unlink()

    with pytest.raises(ConfigError, match="Put the file back"):
        pseudonyms_of(documents, file)
    with pytest.raises(ConfigError, match="in a file of its own"):
        pseudonyms_of(documents, None)


def test_a_key_of_other_documents_is_refused(documents: Documents, others: Documents, file: Path) -> None:
    pseudonyms_of(others, file)
    pseudonyms_of(documents, None)

    with pytest.raises(ConfigError, match="other documents"):
        pseudonyms_of(documents, file)


@pytest.mark.parametrize("content", ["", "no key", "00", "é"])
def test_a_file_that_is_no_key_is_refused(documents: Documents, file: Path, content: str) -> None:
    file.parent.mkdir()
    file.write_text(content, "utf-8")

    with pytest.raises(ConfigError, match=r"pseudonym\.key"):
        pseudonyms_of(documents, file)


def test_another_key_carries_the_audit_log_over(documents: Documents, file: Path) -> None:
    former = pseudonyms_of(documents, file)
    documents.insert("users", {"id": "ann"})
    for name in ("ann", "forgotten"):
        Audit(documents, former, lambda: 5).note("the_reviewer", "user seen", name)

    assert rotate(documents, file) == 1
    new = pseudonyms_of(documents, file)
    found = Audit(documents, new, lambda: 6).find({"user": "ann"}, Part()).documents
    assert new.of_name("ann") != former.of_name("ann")
    assert [each["action"] for each in found] == ["user seen"]


def test_another_key_opens_what_the_former_one_has_sealed(
    documents: Documents, file: Path, passwords: Passwords
) -> None:
    accounts = Accounts(documents, passwords)
    accounts.add("ann", Role.REVIEWER, PASSWORD, 0)
    former = Seal(kept_key(documents, file))
    accounts.set_second_factor("ann", former.seal("secret", "ann"))

    rotate(documents, file)

    account = accounts.get("ann")
    assert account is not None
    sealed = str(account.second_factor)
    assert Seal(kept_key(documents, file)).open(sealed, "ann") == "secret"
    assert former.open(sealed, "ann") is None


@pytest.mark.parametrize("killed_at", ["before the file", "after the file"])
def test_a_rotation_that_was_killed_goes_on(
    documents: Documents, file: Path, killed_at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    former = pseudonyms_of(documents, file)
    documents.insert("users", {"id": "ann"})
    Audit(documents, former, lambda: 5).note("the_reviewer", "user seen", "ann")
    replace = Path.replace

    def killed(self: Path, target: Path) -> Path:
        if killed_at == "after the file":
            replace(self, target)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            rotate(documents, file)
    rotate(documents, file)

    now = Audit(documents, pseudonyms_of(documents, file), lambda: 6)
    assert len(now.find({"user": "ann"}, Part()).documents) == 1
