"""The model `plain` of a day in PyPSA.

It is that of `looped_linopy.py`, but for the balance of a zone, which is an equation: no more is cut than its load. A study keeps
the network of its country from day to day, so making one is not counted, filling it is. linopy's quickest way is taken
(sparse, which needs the semantics `v1`), and HiGHS is run without the way back into the network.
"""

import logging
from types import SimpleNamespace

import linopy
import looped
import numpy as np
import pandas as pd
import pypsa
import with_linopy as whole
import xarray as xr


def prepare(_, problem):
    logging.disable(logging.WARNING)
    pypsa.options.api.legacy_string_dtype = False
    linopy.options["semantics"] = "v1"
    n = network(problem)
    return lambda: state(problem, n), lambda model: with_cuts(problem, n, model)


def with_cuts(problem, n, model):
    """The model as `whole.solve` looks for cuts in it."""
    own = n.generators.index[: len(problem.facilities)]
    labels = model.variables["Generator-p"].labels.sel(name=own).transpose("name", "snapshot")
    return SimpleNamespace(variables={"cut": SimpleNamespace(labels=labels)}, matrices=model.matrices)


def network(problem):
    """What every day has: buses of the zones; cuts, headroom and what is uncovered as generators; ties as links."""
    n = pypsa.Network(ignore_standard_types=True)
    n.set_snapshots(range(problem.steps), default_snapshot_weightings=problem.hours)
    buses = pd.Index([f"zone {z}" for z in range(len(problem.zones))])
    n.add("Bus", buses)
    n.add("Load", buses, bus=buses)
    zones = [one.zone for one in problem.facilities]
    n.add("Generator", range(len(zones)), suffix=" cut", bus=buses[zones])
    n.add("Generator", buses, suffix=" headroom", bus=buses)
    n.add("Generator", buses, suffix=" uncovered", bus=buses)
    bus0, bus1 = (buses[[tie[end] for tie in problem.ties]] for end in ("from", "to"))
    n.add("Link", range(len(problem.ties)), bus0=bus0, bus1=bus1)
    return n


def state(problem, n):
    fill(problem, n)
    model = n.optimize.create_model(consistency_check=False, include_objective_constant=False, sparse=True)
    add_restore_limits(problem, n, model)
    return model


def fill(problem, n):
    """The figures of a day; what headroom lacks is load."""
    own, steps, zones = problem.facilities, range(problem.steps), len(problem.zones)
    room = np.array([[one.room_kw[t] * one.is_free(t) for one in own] for t in steps]) / whole.KW_PER_MW
    falls = np.array([[one.return_limit(t) for one in own] for t in steps], dtype=float) / whole.KW_PER_MW
    load, headroom = (series(problem.zones, name) for name in ("uncut_load_mw", "headroom_mw"))
    n.loads_t.p_set = pd.DataFrame(load - headroom.clip(max=0), n.snapshots, n.loads.index)
    most = np.hstack([room, headroom.clip(min=0)])
    size = np.append(most.max(axis=0), np.full(zones, np.inf))
    size_up(n.generators, n.generators_t, size, p_max_pu=most, ramp_limit_down=falls)
    of_zones = np.repeat([0, problem.uncovered_cost_per_mwh], zones)
    n.generators["marginal_cost"] = np.append([one.cut_cost_per_mwh for one in own], of_zones)
    if problem.ties:
        out, back = (series(problem.ties, name) for name in ("limit_mw", "reverse_limit_mw"))
        size_up(n.links, n.links_t, np.maximum(out, back).max(axis=0), p_max_pu=out, p_min_pu=-back)


def series(rows, name):
    return np.array([row[name] for row in rows], dtype=float).T


def size_up(static, dynamic, size, **limits):
    """Sets sizes in MW and, where these have them, limits in MW as shares of the size."""
    static["p_nom"] = np.where(size > 0, size, 1)
    for name, limit in limits.items():
        sized = static.p_nom[: limit.shape[1]]
        dynamic[name] = pd.DataFrame(limit / sized.values, dynamic.p_set.index, sized.index)


def add_restore_limits(problem, n, model):
    """What PyPSA has no field for, as stated in `extra_functionality`."""
    limit = pd.Series([zone["restore_limit_mw"] for zone in problem.zones], n.buses.index, dtype=float).dropna()
    bus = n.generators.bus[: len(problem.facilities)]
    bus = bus[bus.isin(limit.index)]
    if len(bus):
        cut = model.variables["Generator-p"].sel(name=bus.index)
        back_on = (cut.shift(snapshot=1) - cut).isel(snapshot=slice(1, None)).groupby(xr.DataArray(bus)).sum()
        limit = xr.DataArray(limit.rename_axis("bus")[back_on.indexes["bus"]])
        model.add_constraints(back_on <= limit, name="restore")


if __name__ == "__main__":
    looped.plan(prepare)
