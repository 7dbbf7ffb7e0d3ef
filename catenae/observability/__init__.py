"""What a running process tells about itself: logs, metrics, health and traces; never what a person wrote.

Import from the modules; each is one idea.

    log           one line per event, as text or JSON
    failure       an exception without its words, for logs and dead letters
    metrics       what a node counts, for Prometheus
    multiprocess  the metrics of all processes of one machine, added up
    obstacles     what the processes of one machine wait for
    health        whether a process is alive, and whether it gets on
    server        /live, /ready and /metrics over HTTP
    tracing       one id on everything that comes of one message
"""
