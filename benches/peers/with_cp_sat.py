"""The planning problem for CP-SAT, in whole kW.

Costs are whole too: a unit is the 100 000th part of the currency, divided by the intervals of an hour, which loses
nothing where prices per MWh and per event have at most two decimals; finer ones are rounded to that.
"""

from ortools.sat.python import cp_model

import problem as kezek

KW_PER_MW = 1000
# Its portfolio is whole from eight workers on: on two cores eight found far better plans and bounds than two.
WORKERS_PER_THREAD = 4


def main():
    problem, folder, seconds, threads = kezek.arguments()
    answer = kezek.Answer()
    model, cuts, units = state(problem)
    answer.modelled()
    solve(problem, model, cuts, units, answer, seconds, threads)
    answer.write(folder)


def state(problem):
    """The model, its cut variables, and the units of cost in one of the currency."""
    model = cp_model.CpModel()
    units = 100 * KW_PER_MW * 60 // problem.step_minutes
    cost, cuts, ons = [], [], []
    for facility in problem.facilities:
        cut, on, start = add_facility(model, problem, facility)
        cost += [round(100 * facility.cut_cost_per_mwh) * own for own in cut]
        cost += [round(units * facility.event_cost) * own for own in start]
        cuts.append(cut)
        ons.append(on)
    add_restore_limits(model, problem, cuts, ons)
    cost += add_balance(model, problem, cuts)
    model.minimize(sum(cost))
    return model, cuts, units


def add_facility(model, problem, facility):
    steps = range(problem.steps)
    on = [flag(model, facility.is_free(t)) for t in steps]
    start = [flag(model, facility.is_free(t) and not facility.is_too_early(t)) for t in steps]
    stop = [flag(model, t > 0 and facility.is_free(t - 1)) for t in steps]
    cut = [add_cut(model, facility, on[t], t) for t in steps]
    add_events(model, on, start, stop)
    add_lengths(model, facility, on, start)
    add_gaps(model, facility, on, stop)
    add_budgets(model, facility, on, start)
    add_ramp(model, facility, cut)
    return cut, on, start


def flag(model, is_open):
    return model.new_bool_var("") if is_open else 0


def add_cut(model, facility, on, t):
    """0, or at least the smallest and at most the room; with blocks a multiple of them or the room."""
    if not facility.is_free(t):
        return 0
    room, smallest, block = facility.room_kw[t], facility.smallest_kw[t], facility.block_kw
    if smallest == room:
        return room * on
    if not facility.moves_in_blocks(t):
        cut = model.new_int_var(0, room, "")
        model.add(cut <= room * on)
        model.add(cut >= smallest * on)
        return cut
    fewest, most = smallest // block, room // block
    blocks = model.new_int_var(0, most, "")
    full = flag(model, most * block < room)
    model.add(full <= on)
    model.add(blocks <= most * (on - full))
    model.add(blocks >= fewest * (on - full))
    return block * blocks + room * full


def add_events(model, on, start, stop):
    for t, own in enumerate(on):
        earlier = on[t - 1] if t > 0 else 0
        model.add(own - earlier == start[t] - stop[t])
        model.add(start[t] + earlier <= 1)
        model.add(stop[t] + own <= 1)


def add_lengths(model, facility, on, start):
    reach = [facility.last_to_reach(s) for s in range(len(on))]
    for t, own in enumerate(on):
        model.add(sum(start[s] for s in range(t + 1) if reach[s] >= t) <= own)
    most = facility.most_intervals()
    if most is not None:
        for t in range(most, len(on)):
            model.add(sum(on[t - most : t + 1]) <= most)


def add_gaps(model, facility, on, stop):
    for t in (t for t in range(len(on)) if facility.is_free(t)):
        first = max(0, t + 1 - facility.gap_intervals(t))
        model.add(sum(stop[first : t + 1]) + on[t] <= 1)


def add_budgets(model, facility, on, start):
    for budget in facility.hour_budgets:
        counted = [own for own, counts in zip(on, budget["counts"]) if counts]
        model.add(sum(counted) <= budget["max_intervals"])
    for steps, most in facility.days():
        model.add(sum(start[t] for t in steps) <= most)


def add_ramp(model, facility, cut):
    for t in range(len(cut)):
        limit = facility.return_limit(t)
        if limit is not None and not facility.is_frozen[t]:
            model.add(cut[t - 1] - cut[t] <= limit)


def add_restore_limits(model, problem, cuts, ons):
    """What a zone gets back in an interval, less what its nominations fall by where cut."""
    for zone in problem.zones:
        if zone["restore_limit_mw"] is None:
            continue
        limit = kw(zone["restore_limit_mw"])
        for t in range(1, problem.steps):
            returned = sum(cuts[f][t - 1] - cuts[f][t] for f in zone["facilities"])
            falls = sum(problem.facilities[f].fall_kw[t] * ons[f][t - 1] for f in zone["facilities"])
            model.add(returned <= limit + falls)


def add_balance(model, problem, cuts):
    """Balance of every zone and interval; gives the cost of what stays uncovered."""
    price = round(100 * problem.uncovered_cost_per_mwh)
    cost = []
    for t in range(problem.steps):
        flows = [add_flow(model, tie, t) for tie in problem.ties]
        for z, zone in enumerate(problem.zones):
            load, headroom = kw(zone["uncut_load_mw"][t]), kw(zone["headroom_mw"][t])
            out = sum(sign(tie, z) * flow for tie, flow in zip(problem.ties, flows))
            uncovered = model.new_int_var(0, max(0, load - headroom) + most_out(problem, z, t), "")
            cut = sum(cuts[f][t] for f in zone["facilities"])
            model.add(load - cut + out <= headroom + uncovered)
            cost.append(price * uncovered)
    return cost


def add_flow(model, tie, t):
    return model.new_int_var(-kw(tie["reverse_limit_mw"][t]), kw(tie["limit_mw"][t]), "")


def sign(tie, z):
    """1 where a flow leaves the zone, -1 where it enters."""
    return (tie["from"] == z) - (tie["to"] == z)


def most_out(problem, z, t):
    limits = (max(tie["limit_mw"][t], tie["reverse_limit_mw"][t]) for tie in problem.ties if sign(tie, z) != 0)
    return sum(kw(limit) for limit in limits)


def kw(mw):
    return round(KW_PER_MW * mw)


class Listener(cp_model.CpSolverSolutionCallback):
    """Writes incumbents and bounds down as they come."""

    def __init__(self, answer, units):
        super().__init__()
        self.answer, self.units = answer, units

    def on_solution_callback(self):
        self.note(self.objective_value, self.best_objective_bound)

    def bound_callback(self, bound):
        self.note(None, bound)

    def note(self, objective, bound):
        in_currency = lambda value: None if value is None else value / self.units
        point = {"s": self.answer.seconds(), "objective": in_currency(objective), "bound": in_currency(bound)}
        self.answer.trace.append(point)


def solve(problem, model, cuts, units, answer, seconds, threads):
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = WORKERS_PER_THREAD * threads
    solver.parameters.relative_gap_limit = 1e-4
    solver.parameters.random_seed = 1
    listener = Listener(answer, units)
    solver.best_bound_callback = listener.bound_callback
    status = solver.solve(model, listener)
    answer.bound = solver.best_objective_bound / units
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        answer.cuts_kw = [[solver.value(own) for own in cut] for cut in cuts]


if __name__ == "__main__":
    main()
