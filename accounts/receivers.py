"""What the accounts domain does about events."""

from revops.kernel.notifications import notify_owner_on

notify_owner_on("account.assigned")
notify_owner_on("contact.assigned")
notify_owner_on("lead.assigned")
