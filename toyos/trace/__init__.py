"""A run of the guest, watched from outside -> its timeline: states, switches, traps, system calls, faults, copies.

recorder.py   an observed machine -> events (events.py), with the arguments of system calls as text (decode.py)
timeline.py   events -> the life of every process
strace.py, lanes.py, document.py, perfetto.py, gantt.py   one output each
"""
