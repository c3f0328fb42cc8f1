"""The kinds of notifications that come of exports and imports."""

from revops.kernel.notifications import kinds
from revops.kernel.notifications.kinds import Kind

kinds.register(
    Kind(
        "export.approval_requested",
        "Exports to decide",
        "Somebody asks for an export that operations has to approve.",
        fixed="somebody waits for your decision.",
    )
)
kinds.register(
    Kind("exports", "Your exports", "An export of yours is ready, was rejected, or could not be written."),
    covers=[f"export.{state}" for state in ("ready", "rejected", "denied", "failed", "waiting")],
)
kinds.register(
    Kind("imports", "Your imports", "A file of yours was read, checked or imported, or could not be."),
    covers=[
        f"import.{state}" for state in ("open", "checked", "done", "stopped", "denied", "refused", "reverted")
    ],
)
