"""The measuring stand: what RevOps costs beside the bare framework, in one run. `make bench` calls it."""
