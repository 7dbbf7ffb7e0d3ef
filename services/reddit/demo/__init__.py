"""A Reddit on this machine: a generated community behind the endpoints that PRAW uses, for tests and demos.

`community` is who there is and what they wrote, `calendar` what the time is there, `listings` which of it a
page shows, `things` how it is written as JSON. `budget`, `faults` and `ledger` are what a client has to live
with and is judged by; `reddit` puts them together, `application` speaks HTTP, `serving` starts it.
"""
