"""A program that brings a stack up and then ends, or is ended, without cleaning up: `owner.py SITE_FOLDER PROFILE END`."""

import json
import os
import sys
import time
from pathlib import Path

from godwit.plan import Stacks
from godwit.stacks import Site, guard, open_stacks

END = sys.argv[3]


def main() -> None:
    folder = Path(sys.argv[1])
    site = Site(folder.name, folder / "work", folder / "logs", Path(__file__).parent, 7, sys.executable)
    stacks = open_stacks(Stacks.model_validate_json(os.environ["STACKS"]), sys.argv[2], site)
    stacks["baseline"].start()
    print(json.dumps({"stack": stacks["baseline"].pids(), "guard": guard._armed[os.getpid()]}), flush=True)
    if END == "exception":
        raise RuntimeError("a test failed")
    if END == "exit":
        return
    time.sleep(600)


main()
