"""The kind of notification that comes of a bulk change."""

from revops.kernel.notifications import kinds
from revops.kernel.notifications.kinds import Kind

kinds.register(
    Kind("bulk", "Your bulk changes", "A bulk change of yours has ended, stopped or was denied."),
    covers=[f"bulk.{state}" for state in ("done", "stopped", "denied")],
)
