"""What the accounts domain does about events."""

from revops.kernel.notifications import notify_owner_on

notify_owner_on("account.assigned")
