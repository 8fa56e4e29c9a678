"""HL7 v2.5.1: a session as one ORU^R01 message, and the way it travels."""

from app.exchange.hl7.mllp import Acknowledgement, NotDelivered, send
from app.exchange.hl7.oru import Message, message

__all__ = ["Acknowledgement", "Message", "NotDelivered", "message", "send"]
