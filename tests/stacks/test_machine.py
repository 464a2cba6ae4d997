"""Other work on the machine is noticed while a load is measured."""

import os
import subprocess
import sys
import time

from godwit.stacks import Neighbours

_BUSY = "while True: pass"


def test_work_of_others_is_told_as_a_share_of_the_machine() -> None:
    watched = Neighbours([])
    with subprocess.Popen([sys.executable, "-c", _BUSY]) as other:  # not waited for yet, so it counts as anybody's
        time.sleep(0.2)
        watched.start()
        time.sleep(1.0)
        share = watched.stop()
        other.kill()

    assert 0.6 / (os.cpu_count() or 1) < share <= 1.01
