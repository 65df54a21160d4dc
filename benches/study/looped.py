"""Days planned one after the other with HiGHS on one thread, whoever states their model.

`MODEL SECONDS GAP FOLDER...` on the command line: `problem.json` of every folder is read, `answer.json` written. Reading a
problem is not counted, nor what is loaded when it is first needed.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "peers"))
import problem as kezek
import with_linopy as whole


def plan(prepare):
    """`prepare` makes of a model's name and a problem, before the clock starts, what states the model in linopy, and what
    gives it the form in which `with_linopy.solve` looks for cuts."""
    name, seconds, gap, *folders = sys.argv[1:]
    problems = [(Path(folder), kezek.read(Path(folder) / "problem.json")) for folder in folders]
    prepare(name, problems[0][1])[0]().to_highspy()
    for folder, problem in problems:
        state, with_cuts = prepare(name, problem)
        answer = kezek.Answer()
        model = state()
        highs = model.to_highspy()
        answer.modelled()
        whole.solve(problem, with_cuts(model), highs, folder, answer, float(seconds), threads=1, gap=float(gap))
        info = highs.getInfo()
        if name == "plain" and info.primal_solution_status == 2:
            answer.bound = info.objective_function_value
        answer.write(folder)
