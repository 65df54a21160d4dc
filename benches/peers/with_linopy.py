"""The planning problem as a linopy model solved by HiGHS, in MW, stated in whole arrays as linopy is meant to be used.

Variables have the dimensions `facility` and `step`. A shifted variable is absent where it has no earlier step.
"""

import warnings

import linopy
import numpy as np
import xarray as xr

import problem as kezek

KW_PER_MW = 1000
# That what is absent counts nothing is what is meant here.
warnings.filterwarnings("ignore", category=linopy.LinopySemanticsWarning)


def main():
    problem, folder, seconds, threads = kezek.arguments()
    answer = kezek.Answer()
    model = state(problem)
    highs = model.to_highspy()
    answer.modelled()
    solve(problem, model, highs, folder, answer, seconds, threads)
    answer.write(folder)


def state(problem):
    model = linopy.Model()
    data = Data(problem)
    v = add_variables(model, data)
    add_range(model, data, v)
    add_events(model, v)
    add_lengths(model, data, v)
    add_gaps(model, data, v)
    add_budgets(model, data, v)
    add_returns(model, data, v)
    add_balance(model, data, v)
    price(model, data, v)
    return model


class Data:
    """The problem as arrays."""

    def __init__(self, problem):
        self.problem = problem
        own, steps = problem.facilities, range(problem.steps)
        self.free = self.grid([[one.is_free(t) for t in steps] for one in own])
        self.room = self.grid([one.room_kw for one in own]) / KW_PER_MW
        self.smallest = self.grid([one.smallest_kw for one in own]) / KW_PER_MW
        self.block = self.column([one.block_kw for one in own]) / KW_PER_MW
        self.in_blocks = self.grid([[one.moves_in_blocks(t) and one.is_free(t) for t in steps] for one in own])
        self.fewest = self.whole(own, lambda one, t: one.smallest_kw[t] // one.block_kw)
        self.most = self.whole(own, lambda one, t: one.room_kw[t] // one.block_kw)
        self.may_start = self.grid([[one.is_free(t) and not one.is_too_early(t) for t in steps] for one in own])
        self.reach = self.grid([[one.last_to_reach(t) for t in steps] for one in own])
        most = [one.most_intervals() for one in own]
        self.longest = self.column([problem.steps if one is None else one for one in most])
        self.gaps = self.grid([[one.gap_intervals(t) for t in steps] for one in own])
        self.fall = self.grid([one.fall_kw for one in own]) / KW_PER_MW
        limits = [[one.return_limit(t) for t in steps] for one in own]
        self.ramps = self.grid([[limit is not None for limit in row] for row in limits])
        self.return_limit = self.grid([[limit or 0 for limit in row] for row in limits]) / KW_PER_MW
        self.zone = self.column([one.zone for one in own])

    def coords(self):
        return {"facility": range(len(self.problem.facilities)), "step": range(self.problem.steps)}

    def grid(self, rows):
        return xr.DataArray(np.array(rows), coords=self.coords(), dims=("facility", "step"))

    def column(self, values):
        return xr.DataArray(np.array(values), coords={"facility": self.coords()["facility"]}, dims="facility")

    def whole(self, own, blocks):
        """Numbers of blocks; 0 where a facility has none."""
        steps = range(self.problem.steps)
        return self.grid([[blocks(one, t) if one.block_kw else 0 for t in steps] for one in own])


class Variables:
    """What is decided."""


def add_variables(model, data):
    v = Variables()
    coords = data.coords()
    one, free = xr.ones_like(data.room), data.free.astype(float)
    v.cut = model.add_variables(lower=0, upper=data.room * free, coords=coords, name="cut")
    v.on = model.add_variables(lower=0, upper=free, integer=True, coords=coords, name="on")
    v.start = model.add_variables(lower=0, upper=data.may_start.astype(float), coords=coords, name="start")
    v.stop = model.add_variables(lower=0, upper=one, coords=coords, name="stop")
    v.blocks = model.add_variables(
        lower=0, upper=data.most, integer=True, mask=data.in_blocks, coords=coords, name="blocks"
    )
    v.full = model.add_variables(
        lower=0, upper=one, integer=True, mask=data.in_blocks, coords=coords, name="full"
    )
    return v


def add_range(model, data, v):
    plain = data.free & ~data.in_blocks
    model.add_constraints(v.cut - data.room * v.on <= 0, mask=plain, name="most")
    model.add_constraints(v.cut - data.smallest * v.on >= 0, mask=plain, name="least")
    mask, partly = data.in_blocks, v.on - v.full
    model.add_constraints(v.cut - data.block * v.blocks - data.room * v.full == 0, mask=mask, name="blocks")
    model.add_constraints(v.blocks - data.most * partly <= 0, mask=mask, name="most-blocks")
    model.add_constraints(v.blocks - data.fewest * partly >= 0, mask=mask, name="fewest-blocks")
    model.add_constraints(v.full - v.on <= 0, mask=mask, name="full")


def add_events(model, v):
    earlier = v.on.shift(step=1)
    model.add_constraints(plus(v.on, -1 * earlier, -1 * v.start, v.stop) == 0, name="events")
    model.add_constraints(v.start - v.on <= 0, name="start-on")
    model.add_constraints(plus(v.start, earlier) <= 1, name="start-after-off")
    model.add_constraints(plus(v.stop, -1 * earlier) <= 0, name="stop-after-on")
    model.add_constraints(v.stop + v.on <= 1, name="stop-off")


def plus(*terms):
    """The sum in which what is absent counts nothing."""
    return linopy.merge([1 * term for term in terms])


def back(variable, k, is_counted):
    """A variable of `k` steps ago, where it counts."""
    return (1 * variable.shift(step=k)).where(is_counted)


def add_lengths(model, data, v):
    steps = xr.DataArray(np.arange(data.problem.steps), dims="step")
    farthest = int((data.reach - steps).max())
    reaching = [back(v.start, k, data.reach.shift(step=k, fill_value=-1) >= steps) for k in range(1, farthest + 1)]
    model.add_constraints(plus(v.start, *reaching, -1 * v.on) <= 0, name="shortest")
    longest = data.longest.where(data.longest < data.problem.steps, 0)
    run = [back(v.on, k, (k <= data.longest) & (steps >= 0)) for k in range(1, int(longest.max()) + 1)]
    mask = (data.longest < data.problem.steps) & (steps >= data.longest)
    model.add_constraints(plus(v.on, *run) <= data.longest, mask=mask, name="longest")


def add_gaps(model, data, v):
    stops = [back(v.stop, k, k < data.gaps) for k in range(int(data.gaps.max()))]
    model.add_constraints(plus(v.on, *stops) <= 1, mask=data.free, name="gaps")


def add_budgets(model, data, v):
    own = data.problem.facilities
    for b in range(max(len(one.hour_budgets) for one in own)):
        budgets = [one.hour_budgets[b] if b < len(one.hour_budgets) else None for one in own]
        counts = data.grid([one["counts"] if one else [False] * data.problem.steps for one in budgets])
        most = data.column([one["max_intervals"] if one else 0 for one in budgets])
        hours = (1 * v.on).where(counts).sum("step")
        model.add_constraints(hours <= most, mask=counts.any("step"), name=f"hours-{b}")
    days = [list(one.days()) for one in own]
    for d in range(max(len(of_one) for of_one in days)):
        chosen = [of_one[d] if d < len(of_one) else ([], 0) for of_one in days]
        counts = data.grid([[t in set(steps) for t in range(data.problem.steps)] for steps, _ in chosen])
        starts = (1 * v.start).where(counts).sum("step")
        most = data.column([left for _, left in chosen])
        model.add_constraints(starts <= most, mask=counts.any("step"), name=f"starts-{d}")


def add_returns(model, data, v):
    earlier = v.cut.shift(step=1)
    ramps = data.ramps & ~data.grid([one.is_frozen for one in data.problem.facilities])
    model.add_constraints(plus(earlier, -1 * v.cut) <= data.return_limit, mask=ramps, name="ramps")
    later = xr.DataArray(np.arange(data.problem.steps) > 0, dims="step")
    for z, zone in enumerate(data.problem.zones):
        if zone["restore_limit_mw"] is not None and zone["facilities"]:
            back_on = plus(earlier, -1 * v.cut, -1 * data.fall * v.on.shift(step=1))
            total = back_on.sel(facility=zone["facilities"]).sum("facility")
            model.add_constraints(total <= zone["restore_limit_mw"], mask=later, name=f"restore-{z}")


def add_balance(model, data, v):
    problem = data.problem
    steps = {"step": range(problem.steps)}
    array = lambda values: xr.DataArray(np.array(values, dtype=float), coords=steps, dims="step")
    flows = [
        model.add_variables(-array(tie["reverse_limit_mw"]), array(tie["limit_mw"]), name=f"flow-{l}")
        for l, tie in enumerate(problem.ties)
    ]
    v.uncovered = []
    for z, zone in enumerate(problem.zones):
        uncovered = model.add_variables(lower=0, coords=steps, name=f"uncovered-{z}")
        cut = [v.cut.sel(facility=zone["facilities"]).sum("facility")] if zone["facilities"] else []
        out = [sign(tie, z) * flow for tie, flow in zip(problem.ties, flows) if sign(tie, z) != 0]
        shortage = array(zone["uncut_load_mw"]) - array(zone["headroom_mw"])
        model.add_constraints(plus(uncovered, *cut, *(-1 * own for own in out)) >= shortage, name=f"balance-{z}")
        v.uncovered.append(uncovered)


def sign(tie, z):
    """1 where a flow leaves the zone, -1 where it enters."""
    return (tie["from"] == z) - (tie["to"] == z)


def price(model, data, v):
    own, hours = data.problem.facilities, data.problem.hours
    of_cut = data.column([hours * one.cut_cost_per_mwh for one in own])
    of_event = data.column([one.event_cost for one in own])
    cost = (of_cut * v.cut).sum() + (of_event * v.start).sum()
    for uncovered in v.uncovered:
        cost = cost + (hours * data.problem.uncovered_cost_per_mwh * uncovered).sum()
    model.add_objective(cost)


def solve(problem, model, highs, folder, answer, seconds, threads, gap=1e-4):
    highs.setOptionValue("log_to_console", False)
    highs.setOptionValue("log_file", str(folder / "highs.log"))
    highs.setOptionValue("time_limit", seconds)
    highs.setOptionValue("threads", threads)
    highs.setOptionValue("mip_rel_gap", gap)
    highs.setOptionValue("random_seed", 1)
    highs.run()
    info = highs.getInfo()
    answer.bound = info.mip_dual_bound if np.isfinite(info.mip_dual_bound) else None
    if info.primal_solution_status == 2:
        answer.cuts_kw = whole_kw(problem, model, np.array(highs.getSolution().col_value))


def whole_kw(problem, model, values):
    """Cuts up to whole kW and blocks, so that nothing covered is uncovered."""
    by_label = np.zeros(int(model.variables["cut"].labels.max()) + 1)
    places = model.matrices.vlabels
    inside = places < len(by_label)
    by_label[places[inside]] = values[inside]
    cuts = by_label[model.variables["cut"].labels.values]
    return [
        [round_cut(one, t, cuts[f, t]) for t in range(problem.steps)] for f, one in enumerate(problem.facilities)
    ]


def round_cut(one, t, mw):
    kw = int(np.ceil(mw * KW_PER_MW - 1e-3))
    if kw <= 0:
        return 0
    kw = max(kw, one.smallest_kw[t])
    if one.block_kw > 0:
        kw = -(-kw // one.block_kw) * one.block_kw
    return min(kw, one.room_kw[t])


if __name__ == "__main__":
    main()
