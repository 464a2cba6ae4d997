"""What programs import of the fleet, version 1.0.4."""

from fleet_1_0_5.baseline.agents import BaseAgent, QETask
from fleet_1_0_5.baseline.fleet import FleetManager
from fleet_1_0_5.baseline.memory import AccessLevel, SwarmMemoryManager
from fleet_1_0_5.baseline.tools import BaseMCPTool

__version__ = "1.0.4"
__all__ = ["AccessLevel", "BaseAgent", "BaseMCPTool", "FleetManager", "QETask", "SwarmMemoryManager"]
