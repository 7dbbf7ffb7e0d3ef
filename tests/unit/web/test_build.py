"""What builds the page finds a Node.js that can."""

import json

import pytest

from services.web.build import HERE, is_new_enough


@pytest.mark.parametrize("version", ["v20.19.0", "v22.12.1", "v24.1.0\n"])
def test_a_node_that_vite_runs_on_is_taken(version: str) -> None:
    assert is_new_enough(version)


@pytest.mark.parametrize("version", ["v18.20.4", "v20.18.3", "v21.7.0", "v22.11.0", "", "node"])
def test_any_other_node_is_not(version: str) -> None:
    assert not is_new_enough(version)


def test_packages_are_pinned_by_checksum_and_name_no_registry() -> None:
    packages = json.loads((HERE / "package-lock.json").read_text("utf-8"))["packages"]
    installed = [package for path, package in packages.items() if path]

    assert installed
    assert all("integrity" in package and "resolved" not in package for package in installed)
