"""Whether an exam was run before: whether the result that lies there is the one that running it again would give."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from foveola.archives import Archive
from foveola.errors import InputError
from foveola.planning.plan import Plan
from foveola.registry import Registry
from foveola.running.code import code_of
from foveola.running.files import read_content
from foveola.running.readings import Reading
from foveola.running.store import Store
from foveola.running.tasks import Task
from foveola.running.versions import versions_of


class Earlier:
    """Results that are there already. One counts if running its exam again would give the same file.

    So it is of the same recipe, recipes within, settings, outputs, versions and code; its exam lies where it lay, and
    its files and what reads them are as they were when they were read; and no step of it failed.

    Args:
        plan: of the recipe.
        registry: with which exams are read.
        memo: the folder of the memo, which remembers what code files say.
    """

    def __init__(self, plan: Plan, registry: Registry, memo: Path | None) -> None:
        self._plan = plan
        plans = (plan, *plan.within)
        self._recipes = {one.recipe.name: one.recipe.source.text for one in plans[1:]}
        self._versions = versions_of(plan)
        self._operations = {
            step.operation.name: step.operation for one in plans for step in one.steps.values() if step.operation
        }
        store = None if memo is None else Store(memo)
        self._code = partial(code_of, remembered=store)  # read when first asked for
        self._reading = Reading(registry, store)

    def has(self, task: Task) -> bool:
        """Whether the result of an exam is there."""
        try:
            return self._is_of(read_content(task.result), task)
        except (InputError, OSError, LookupError, TypeError, AttributeError, ValueError):  # it is no such result
            return False

    def _is_of(self, content: Mapping[str, Any], task: Task) -> bool:
        provenance, run = content["provenance"], content["run"]
        return bool(
            provenance["recipe"] == task.recipe.text
            and provenance["recipes"] == self._recipes
            and provenance["settings"] == dict(task.settings)
            and provenance["versions"] == self._versions
            and self._outputs(content, task) == set(self._plan.outputs)
            and all(step["state"] != "failed" for step in run["steps"].values())
            and all(self._has_code(name, step, content) for name, step in content["steps"].items())
            and run["exam"] == str(task.source.path)
            and run["exam_files"]
            and all(stamp and self._reading.stamp(Path(path)) == stamp for path, stamp in run["exam_files"].items())
        )

    @staticmethod
    def _outputs(content: Mapping[str, Any], task: Task) -> set[str]:
        """The outputs that are there, large arrays among them."""
        outputs = set(content["outputs"])
        if task.arrays.exists():
            outputs |= {name.split("/")[1] for name in Archive(task.arrays)}
        return outputs

    def _has_code(self, name: str, step: Mapping[str, Any], content: Mapping[str, Any]) -> bool:
        """Whether a step ran the code that is here now. Of one that ran a recipe, the steps within say so."""
        if step["parts"] is not None:
            return bool(self._code(self._operations[step["parts"]["operation"]]) == step["parts"]["code"])
        is_skipped = content["run"]["steps"][name]["state"] == "skipped"
        return is_skipped or any(other.startswith(f"{name}.") for other in content["steps"])
