"""`make run`: prepares an installation on this machine, then keeps its four processes alive until Ctrl-C.

`python -m revops.supervisor` prepares and supervises all; `python -m revops.supervisor web` (or worker, beat,
pump) becomes that one process, which is how the containers start theirs. State lives in ./var.
"""
