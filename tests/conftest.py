"""What tests of every kind share."""

pytest_plugins = ["tests.servers.fixtures"]
