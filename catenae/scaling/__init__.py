"""How many instances each node is to have, decided from how busy it is.

Import from the modules; each is one idea.

    figures     what is known of the load of every node, as frozen data
    limits      between how many instances a node may have, and which counts are of use
    need        how many instances the load asks for, walked from the sources
    history     what was changed before and what came of it, as frozen data
    rule        the decision: pure, so that it can be simulated and tested for hours of load in a moment
    window      figures out of totals that are looked at every few seconds
    looking     those totals, of the processes of one machine and of their broker
    memory      the history kept where a controller that is killed finds it again, and the right to act
    controller  looks, decides and has it done, every few seconds
    local       has it done by a `catenae up`
"""
