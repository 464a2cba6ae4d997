"""One run of one plan: the nouns that suites ask for, wired once; it knows neither pytest nor a report format."""

from godwit.session.backups import Backups
from godwit.session.bucketing import Cohorts
from godwit.session.budgets import Budgets
from godwit.session.case_questions import CaseQuestions
from godwit.session.commands import Commands
from godwit.session.comparing import Comparing
from godwit.session.configuration import Configuration
from godwit.session.contract import Contract
from godwit.session.conversions import Conversions
from godwit.session.crashing import Crashes
from godwit.session.custody import Custody
from godwit.session.definitions import Definitions
from godwit.session.drills import Drills
from godwit.session.endurance import Endurance
from godwit.session.expansion import Check
from godwit.session.files import Files
from godwit.session.flag_changes import FlagChanges
from godwit.session.flag_sources import FlagSources
from godwit.session.growing import Growth
from godwit.session.keyspaces import KeySpaces
from godwit.session.ledgers import LedgerKeeper
from godwit.session.library import Library
from godwit.session.living import Living
from godwit.session.matrix import Matrix
from godwit.session.mixing import Mixing
from godwit.session.pacts import Pacts
from godwit.session.parity import Parity
from godwit.session.procedures import Procedures
from godwit.session.ramp import Ramp
from godwit.session.readings import Readings
from godwit.session.secrets import Secrets
from godwit.session.selector import Selector
from godwit.session.streams import Streams
from godwit.session.walk import Walk
from godwit.session.world import Setting, World
from godwit.session.writing import Writing

_SETS_FLAGS = ("flag-sources", "flag-changes", "flag-matrix")
"""Suites whose checks set flags to and fro; afterwards the flags are set as they were, once."""


class Session:
    """Brings a plan's phases up as checks ask for them. Close it whatever happens: it owns running stacks."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.world = World(setting)
        self.ledgers = LedgerKeeper(self.world)
        self.readings = Readings(self.world)
        self.backups = Backups(self.world)
        self.custody = Custody(self.world, self.ledgers)
        self.keyspaces = KeySpaces(self.world)
        self.files = Files(self.world)
        self.secrets = Secrets(self.world)
        self.conversions = Conversions(self.world)
        self.crashes = Crashes(self.world)
        self.definitions = Definitions(self.world, self.custody)
        self.comparing = Comparing(self.world)
        self.selector = Selector(self.world)
        self.flag_changes = FlagChanges(self.world, self.selector)
        self.flag_sources = FlagSources(self.world)
        self.walk = Walk(self.world, self.ledgers, self.readings, self.custody, self.backups, self.selector)
        self.parity = Parity(self.world)
        self.commands = Commands(self.world)
        self.configuration = Configuration(self.world)
        self.streams = Streams(self.world)
        self.library = Library(self.world)
        self.matrix = Matrix(self.world, CaseQuestions(self.world, self.commands, self.streams, self.library))
        self.contract = Contract(self.world)
        self.pacts = Pacts(self.world)
        self.cohorts = Cohorts(self.world)
        self.budgets = Budgets(self.world)
        self.endurance = Endurance(self.world, self.budgets)
        self.growth = Growth(self.world)
        self.ramp = Ramp(self.world, self.budgets)
        self.drills = Drills(self.world, self.walk, self.readings, self.backups)
        self.procedures = Procedures(self.world, self.walk)
        self.writing = Writing(self.world, self.ledgers)
        self.mixing = Mixing(self.world)
        self.living = Living(self.world)

    def ready(self, check: Check) -> None:
        """Be in the phase of a check; HarnessError if that cannot be."""
        if check.promise.suite not in _SETS_FLAGS or self.walk.phase is None or self.walk.phase.id != check.phase:
            self.world.switches.settle()
        self.walk.ensure(check.phase)

    def done(self, check: Check) -> None:
        """Note that a check has ended."""
        self.world.events.emit("check", check.id)

    def close(self) -> None:
        """Stop everything that the run started."""
        self.conversions.close()
        self.world.close()
