"""What the shells keep beside the records: one module a noun."""

from revops.kernel.records.models.search import SearchWord

__all__ = ["SearchWord"]
