"""All three kinds in a row: texts are generated, made into tokens, filtered by a list, and counted."""

from catenae import Node, Topology

topology = Topology(
    "token_filter",
    nodes=(
        Node(
            "text_source",
            "services.examples.token_filter:TextSource",
            writes="example_texts",
            options={"path": "services/examples/texts.txt"},
        ),
        Node("tokeniser", "services.examples.token_filter:Tokeniser", reads="example_texts", writes="tokens"),
        Node(
            "token_filter",
            "services.examples.token_filter:TokenFilter",
            reads="tokens",
            writes="kept_tokens",
            options={"keep": ("rain", "tea", "river", "cat")},
        ),
        Node("token_counter", "services.examples.token_filter:TokenCounter", reads="kept_tokens"),
    ),
)
