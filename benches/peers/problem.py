"""The derived problem that Kezek exports, and the answer that it reads back.

Power is whole kW, time is intervals; limits in minutes are turned into intervals here.
"""

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Facility:
    """A facility; fields named as Kezek exports them."""

    zone: int
    room_kw: list
    smallest_kw: list
    block_kw: int
    is_frozen: list
    cut_cost_per_mwh: float
    event_cost: float
    min_minutes: int
    max_minutes: int | None
    gap_minutes: list
    starts_per_day: list
    day: list
    hour_budgets: list
    return_limit_kw: list
    fall_kw: list
    idle_minutes: int | None
    starts_today: int
    step_minutes: int

    def is_free(self, t):
        """Whether a cut can be chosen in an interval; what is frozen is frozen uncut."""
        return self.room_kw[t] > 0 and not self.is_frozen[t]

    def moves_in_blocks(self, t):
        return self.block_kw > 0 and self.smallest_kw[t] < self.room_kw[t]

    def last_to_reach(self, start):
        """The last interval that an event starting in `start` has to reach."""
        fewest = max(1, -(-self.min_minutes // self.step_minutes))
        last = start
        while last + 1 < min(start + fewest, len(self.room_kw)) and self.is_free(last + 1):
            last += 1
        return last

    def most_intervals(self):
        """Most intervals of one event; `None` where there is no limit."""
        return None if self.max_minutes is None else self.max_minutes // self.step_minutes

    def gap_intervals(self, t):
        """Intervals between the end of an event and a start in `t`."""
        return -(-self.gap_minutes[t] // self.step_minutes)

    def is_too_early(self, t):
        """Whether a start in `t` is too early after the event before the horizon."""
        return self.idle_minutes is not None and self.idle_minutes + t * self.step_minutes < self.gap_minutes[t]

    def days(self):
        """Per civil day: its intervals and the starts that are left to it; days without a limit are left out."""
        for day in sorted(set(self.day)):
            steps = [t for t, own in enumerate(self.day) if own == day]
            most = self.starts_per_day[steps[0]]
            if most is not None:
                yield steps, max(0, most - (self.starts_today if day == 0 else 0))

    def return_limit(self, t):
        """Most kW that may return from `t - 1` to `t`, where that is less than could."""
        limit = self.return_limit_kw[t]
        return limit if t > 0 and limit is not None and limit < self.room_kw[t - 1] else None


@dataclass
class Problem:
    steps: int
    step_minutes: int
    uncovered_cost_per_mwh: float
    zones: list
    ties: list
    facilities: list

    @property
    def hours(self):
        return self.step_minutes / 60


def read(path):
    """Reads `problem.json`."""
    fields = json.loads(Path(path).read_text())
    step_minutes = fields["step_minutes"]
    fields["facilities"] = [Facility(**own, step_minutes=step_minutes) for own in fields["facilities"]]
    return Problem(**fields)


def arguments():
    """`SCRIPT FOLDER SECONDS THREADS`: the problem of the case, the folder for the answer, seconds, threads."""
    folder = Path(sys.argv[1])
    return read(folder / "../problem.json"), folder, float(sys.argv[2]), int(sys.argv[3])


class Answer:
    """What a run hands back; its clock starts when it is made."""

    def __init__(self):
        self.began = time.perf_counter()
        self.modelled_s = 0.0
        self.cuts_kw = None
        self.bound = None
        self.trace = []

    def seconds(self):
        return time.perf_counter() - self.began

    def modelled(self):
        """Says that the solver has the model."""
        self.modelled_s = self.seconds()

    def write(self, folder):
        fields = {
            "modelled_s": self.modelled_s,
            "seconds": self.seconds(),
            "cuts_kw": self.cuts_kw,
            "bound": self.bound,
            "trace": self.trace,
            "peak_mib": peak_mib(),
        }
        (folder / "answer.json").write_text(json.dumps(fields))


def peak_mib():
    """The most memory that this process has held."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0
