"""Changes to a topology that has run: names given or taken, with positions, State and records following.

changes   what can be asked for, and of which steps each consists: a pure plan
executor  carries a plan out: noted first, step by step, resumed after a kill
ground    what a step stands on
steps     all kinds of steps; each has a file of its own:

    create_topic       copy_topic       copy_letters    drop_topic      follow_topic
    move_positions     carry_batches    forget_group
    copy_state         copy_journal     drop_state       rename_states   rebase_journal
    leave_name

A step is plain data that says what it does and does it. Doing it once more is harmless, also after those that
follow it in the same change. A new kind is a file, a line in `steps`, and a change that uses it.
"""
