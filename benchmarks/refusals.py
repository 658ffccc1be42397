"""Make the machine refuse at every point where an assessment touches the disk, one after the other.

Run `python benchmarks/refusals.py [--every 1 --first 0] [--kinds ...]`; with `--every 6`, `--first 0` to
`--first 5` are six pieces of the whole. An audit hook of Python sees each file that is opened for writing,
each rename, each folder made and each thing removed below the run's home. A first run counts these points;
then, for each point and each kind of refusal (disk full, input/output error, out of memory, the process
killed), an assessment begins anew, meets the refusal at that point, and is resumed. Held against
each: it ends with a clear message or finishes; no half run is ever there; what is resumed has the bytes of
the run that nobody disturbed.
"""

from __future__ import annotations

import argparse
import errno
import multiprocessing
import os
import signal
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from kills import digest, whole_or_absent

from assessment.assess import Settings, assess_region
from faults import RunError
from layers.region import load_region
from tests.small_region import BLOCK_EDGE, EAST, make_region

KINDS = ("full disk", "input/output error", "out of memory", "killed")
WATCHED = ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "shutil.rmtree")


@dataclass
class Trap:
    """Counts the points below a folder, and refuses at one of them."""

    home: str = ""
    at: int = -1
    kind: str = ""
    count: int = 0
    seen: list[str] = field(default_factory=list)

    def __call__(self, event: str, given: tuple[object, ...]) -> None:
        """Be the audit hook."""
        if not self.home or not self._is_point(event, given):
            return
        number, self.count = self.count, self.count + 1
        self.seen.append(f"{event} {Path(str(given[0])).name}")
        if number == self.at:
            self.refuse()

    def _is_point(self, event: str, given: tuple[object, ...]) -> bool:
        if event == "open":
            mode, flags = given[1], given[2]
            writes = any(one in str(mode) for one in "wax+") if mode else bool(int(flags or 0) & os.O_WRONLY)
            return writes and str(given[0]).startswith(self.home)
        return event in WATCHED and str(given[0]).startswith(self.home)

    def refuse(self) -> None:
        """Do what the kind says."""
        if self.kind == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.kind == "out of memory":
            raise MemoryError
        code = errno.ENOSPC if self.kind == "full disk" else errno.EIO
        raise OSError(code, os.strerror(code))


def assess(region: Path, out: Path) -> str:
    """Assess with what an earlier attempt left; return how it ended."""
    settings = Settings(only="sites", workers=1, resume=True)
    try:
        assess_region(load_region(region), out=out, settings=settings, progress=lambda _share, _what: None)
    except RunError:
        return "message"
    return "finished"


def trapped(region: Path, out: Path, at: int, kind: str, pipe: object) -> None:
    """Assess in this process with a trap; say how it ended and how many points there were."""
    trap = Trap()
    sys.addaudithook(trap)
    trap.at, trap.kind, trap.home = at, kind, str(out.parent)
    ended = assess(region, out)
    trap.home = ""
    pipe.send((ended, trap.seen))


def once(context: object, region: Path, out: Path, at: int = -1, kind: str = "") -> tuple[str, list[str]]:
    """Assess in a process of its own; a process that was killed, or that broke, says nothing."""
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=trapped, args=(region, out, at, kind, theirs))
    process.start()
    theirs.close()
    try:
        answer: tuple[str, list[str]] = ours.recv()
    except EOFError:
        answer = ("killed" if kind == "killed" else "broke", [])
    process.join()
    return answer


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--every", type=int, default=1, help="take every so-many-th point")
    parser.add_argument("--first", type=int, default=0, help="the point to begin with: 0 to --every less one")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    given = parser.parse_args()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["__main__", "assessment.assess", "pyogrio", "rasterio", "warmed"])
    ends: Counter[tuple[str, str]] = Counter()
    bad = []
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        region = make_region(home / "region", east_m=BLOCK_EDGE - EAST - 1010.0)
        once(context, region, home / "warm" / "run")
        _, points = once(context, region, home / "reference" / "run")
        wanted = digest(home / "reference" / "run")
        print(f"{len(points)} points: {dict(Counter(point.split()[0] for point in points))}", flush=True)
        for kind in given.kinds:
            for at in range(given.first, len(points), given.every):
                out = home / f"{kind} {at}" / "run"
                ended, _ = once(context, region, out, at, kind)
                ends[kind, ended] += 1
                whole = whole_or_absent(out)
                again = assess(region, out)
                if ended == "broke" or not whole or again != "finished" or digest(out) != wanted:
                    bad.append(f"{kind} at {at} ({points[at]}): {ended}, whole {whole}, then {again}")
                    print("  " + bad[-1], flush=True)
    for (kind, ended), count in sorted(ends.items()):
        print(f"{count:5d}  {kind:20s} {ended}")
    print(f"{sum(ends.values())} refusals, {len(bad)} not resumed to the same bytes")
    raise SystemExit(bool(bad))


if __name__ == "__main__":
    main()
