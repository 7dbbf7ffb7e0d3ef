"""The screening, which tells by a webhook that alerts have risen into a band; `:by_mail` by mail, `:by_both`.

Off unless run in place of topologies/depression.py, whose name it has, so that State and positions stay.
Nothing that is sent tells of anybody. Set CATENAE_OPTION_WEBHOOK_URL; for mail CATENAE_OPTION_MAIL_SERVER,
CATENAE_OPTION_MAIL_SENDER and CATENAE_OPTION_MAIL_TO.
"""

from dataclasses import replace

from catenae import Node, Retry, Topology
from topologies.depression import LIGHT
from topologies.depression import topology as depression

# An hour of trying; then a notice is a dead letter.
PATIENT = Retry(first_pause_s=1.0, longest_pause_s=60.0, attempts=65)

NOTICES = (
    Node(
        "band_rises",
        "services.notification.band_rises:BandRises",
        reads="alerts",
        writes="band_rises",
        resources=LIGHT,
        documents={},
    ),
    Node(
        "notices",
        "services.notification.notices:Notices",
        reads="band_rises",
        writes="notices",
        timers="notices_due",
        options={"topology": depression.name},
        resources=LIGHT,
        documents={},
    ),
)
WEBHOOK = Node(
    "webhook",
    "catenae.connectors.http:HttpPost",
    reads="notices",
    options={"sends_key": False, "allows_plain": False},
    retry=PATIENT,
    resources=LIGHT,
    documents={},
)
MAIL = Node(
    "mail",
    "catenae.connectors.mail:SmtpMail",
    reads="notices",
    retry=PATIENT,
    resources=LIGHT,
    documents={},
)

topology = replace(depression, nodes=(*depression.nodes, *NOTICES, WEBHOOK))
by_mail = replace(depression, nodes=(*depression.nodes, *NOTICES, MAIL))
by_both: Topology = replace(topology, nodes=(*topology.nodes, MAIL))
