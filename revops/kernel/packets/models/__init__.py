"""The records of the packets mechanism."""

from revops.kernel.packets.models.obligations import Obligation
from revops.kernel.packets.models.packets import Packet

__all__ = ["Obligation", "Packet"]
