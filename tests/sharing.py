"""Which tests one worker of several does as a whole: those of a file, for they share what it starts.

Those of all files that look at the running screening share that; those of what brokers promise share topics,
on a Kafka that may be one for all. (The groups and files that xdist itself knows hold no tests of several
files together.)
"""

SITE = "site"
BROKER = "broker"
# Of the page, in front of one running topology.
AT_SITE = (
    "test_alert_stories.py",
    "test_hostile_posts.py",
    "test_looks.py",
    "test_other_stories.py",
    "test_outage.py",
)


def scope(name: str) -> str:
    """Return what the test of this name belongs to."""
    file, _, _ = name.partition("::")
    if file.rpartition("/")[2] in AT_SITE:
        return SITE
    return BROKER if "contract/test_broker_" in file else file
