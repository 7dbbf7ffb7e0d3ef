"""Every command with odd arguments, input, files, environment and limits: no traceback may pass its edge.

`python -m tests.fuzz --seconds 480 --seed 7` tries for so long; `test_fuzz.py` is its short form.

commands      what there is to be called, and what it would take
odd           arguments and inputs that somebody will give
folders       data folders and files that somebody will have
surroundings  limits, streams, locales and users that a process may have
process       a command in a process of its own
trial         one call of a command, and what was wrong with how it ended
"""
