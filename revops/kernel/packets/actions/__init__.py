"""The only writes of obligations and packets."""

from revops.kernel.packets.actions.deciding import accept_packet, return_packet
from revops.kernel.packets.actions.obligations import add_obligation, undone
from revops.kernel.packets.actions.opening import open_packet
from revops.kernel.packets.actions.sending import (
    name_receiver,
    save_packet,
    submit_packet,
    withdraw_packet,
)
from revops.kernel.packets.actions.tasks import (
    Subject,
    add_task,
    assign_task,
    cancel_task,
    complete_task,
    edit_task,
    reopen_task,
    reschedule,
    subject_of,
)

__all__ = [
    "Subject",
    "accept_packet",
    "add_obligation",
    "add_task",
    "assign_task",
    "cancel_task",
    "complete_task",
    "edit_task",
    "name_receiver",
    "open_packet",
    "reopen_task",
    "reschedule",
    "return_packet",
    "save_packet",
    "subject_of",
    "submit_packet",
    "undone",
    "withdraw_packet",
]
