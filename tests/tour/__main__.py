"""`python3 -m tests.tour`: play the acts, and say of each whether what it promises was on the screen."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Sequence

from tests.tour import act_comfort, act_getting_in, act_leaving, act_rooms, act_talking, act_trouble
from tests.tour.hands import NoHandsError
from tests.tour.stage import Stage

__all__ = ["main"]

ACTS = {
    **act_getting_in.ACTS,
    **act_talking.ACTS,
    **act_rooms.ACTS,
    **act_comfort.ACTS,
    **act_trouble.ACTS,
    **act_leaving.ACTS,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Return 0 when every act went well, 1 when one did not, 2 when it cannot be played here."""
    parser = argparse.ArgumentParser(prog="python3 -m tests.tour", description=__doc__)
    parser.add_argument("--only", metavar="WORD", help="the acts whose name has this in it")
    parser.add_argument("--scale", type=float, help="draw for a screen of so many times 96 dots an inch")
    parser.add_argument("--pictures", type=Path, metavar="DIR", help="keep a picture of each act's last moment there")
    flags = parser.parse_args(argv)
    if not os.environ.get("DISPLAY"):
        print("The tour needs a display: xvfb-run -s '-screen 0 1280x1000x24' python3 -m tests.tour", file=sys.stderr)
        return 2
    wanted = {name: act for name, act in ACTS.items() if not flags.only or flags.only in name}
    failed = []
    began = time.monotonic()
    for name, act in wanted.items():
        try:
            with tempfile.TemporaryDirectory() as folder, Stage(Path(folder), scale=flags.scale) as stage:
                with stage.no_mistakes():
                    act(stage)
                if flags.pictures is not None:
                    stage.photograph(flags.pictures / f"{name}.png")
        except NoHandsError as error:
            print(error, file=sys.stderr)
            return 2
        except AssertionError:
            failed.append(name)
            print(f"FAILED  {name}\n{traceback.format_exc()}", flush=True)
        else:
            print(f"ok      {name}", flush=True)
    print(f"{len(wanted) - len(failed)} acts on the screen, {len(failed)} not, {time.monotonic() - began:.0f} s")
    return 1 if failed or not wanted else 0


if __name__ == "__main__":
    sys.exit(main())
