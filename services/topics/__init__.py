"""The topic tool: posts on a topic, what a classifier says of them, and what that comes to.

    topics → topic_searches → found → topic_judge → judged → topic_keeper → changes → topic_counter → counts

    wanted     what a search asks for: a document that people write
    sources/   where posts are looked for, by one contract
    places     where people say they are, by a gazetteer
    erased     what counts lose by an erasing that no node could hear
    tally      what posts come to, by class, hour, place, word and hashtag

A share of posts is no prevalence among people, and a post is no person.
"""
