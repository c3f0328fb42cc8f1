"""The clocks of a packet: the receiver's runs while it is submitted, the sender's while it is returned."""

from revops.kernel.packets.models import Packet


def submitted(packet: Packet) -> None:
    """End the sender's clock and start the receiver's."""


def returned(packet: Packet) -> None:
    """End the receiver's clock and start the sender's."""


def ended(packet: Packet) -> None:
    """End whichever clock runs."""
