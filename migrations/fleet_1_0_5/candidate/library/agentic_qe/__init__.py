"""What programs import of the fleet, version 1.0.5: all that 1.0.4 had, and what is new."""

from fleet_1_0_5.candidate.agents import BaseAgent, QETask
from fleet_1_0_5.candidate.fleet import FleetManager
from fleet_1_0_5.candidate.memory import AccessLevel, SwarmMemoryManager
from fleet_1_0_5.candidate.routing import ModelSelection
from fleet_1_0_5.candidate.streaming import StreamCallbacks
from fleet_1_0_5.candidate.tools import BaseMCPTool, StreamingMCPTool

__version__ = "1.0.5"
__all__ = [
    "AccessLevel",
    "BaseAgent",
    "BaseMCPTool",
    "FleetManager",
    "ModelSelection",
    "QETask",
    "StreamCallbacks",
    "StreamingMCPTool",
    "SwarmMemoryManager",
]
