"""The runtime: what turns a microservice into a running instance of a node. Names no adapter.

plan          what one node is to do
loop          poll, handle, flush state, commit: one atomic step at a time
source_loop   the same for a Source
serving       the same for a Server
handler       calls, retries, dead letters
state         State in step with the messages
run           the life of an instance: setup, steps until told to stop, teardown
"""
