"""The models of a day in linopy, stated anew every day, as is usual with it. `whole` is the model of `benches/peers`."""

import linopy
import looped
import numpy as np
import with_linopy as whole


def prepare(name, problem):
    state = {"whole": whole.state, "plain": plain}[name]
    if name == "plain":
        # What the quickest way of linopy needs.
        linopy.options["semantics"] = "v1"
    return lambda: state(problem), lambda model: model


class Data(whole.Data):
    """What of the problem needs no integers, as arrays."""

    def __init__(self, problem):
        self.problem = problem
        own, steps = problem.facilities, range(problem.steps)
        self.free = self.grid([[one.is_free(t) for t in steps] for one in own])
        self.room = self.grid([one.room_kw for one in own]) / whole.KW_PER_MW
        limits = [[one.return_limit(t) for t in steps] for one in own]
        self.ramps = self.grid([[limit is not None for limit in row] for row in limits])
        self.return_limit = self.grid([[limit or 0 for limit in row] for row in limits]) / whole.KW_PER_MW


def plain(problem):
    model = linopy.Model(sparse=True)
    data, v = Data(problem), whole.Variables()
    v.cut = model.add_variables(lower=0, upper=data.room * data.free, coords=data.coords(), name="cut")
    back_on = whole.plus(v.cut.shift(step=1), -1 * v.cut)
    model.add_constraints(back_on <= data.return_limit, mask=data.ramps, name="ramps")
    later = whole.xr.DataArray(np.arange(problem.steps) > 0, dims="step")
    for z, zone in enumerate(problem.zones):
        if zone["restore_limit_mw"] is not None and zone["facilities"]:
            total = back_on.sel(facility=zone["facilities"]).sum("facility")
            model.add_constraints(total <= zone["restore_limit_mw"], mask=later, name=f"restore-{z}")
    whole.add_balance(model, data, v)
    per_mw = data.column([problem.hours * one.cut_cost_per_mwh for one in problem.facilities])
    cost = (per_mw * v.cut).sum()
    for uncovered in v.uncovered:
        cost = cost + (problem.hours * problem.uncovered_cost_per_mwh * uncovered).sum()
    model.add_objective(cost)
    return model


if __name__ == "__main__":
    looped.plan(prepare)
