"""A result as a report sees it: what its file says, its recipe planned again, and answers that are still at hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from foveola.errors import FoveolaError, sentence
from foveola.hookspecs import Subject
from foveola.operations import Operation, Output
from foveola.planning.plan import Plan, PlannedStep
from foveola.planning.planner import make_plan
from foveola.recipes.settings import apply_settings
from foveola.registry import Registry
from foveola.running.codec import CodecError, decode, records_of
from foveola.running.files import read_result, recipe_of
from foveola.running.results import Result
from foveola.running.store import Store
from foveola.running.table import words_of_exam
from foveola.surfaces.report.given import Given, Keys, Known, LazyPlain, fields_of, part_in, with_defaults
from foveola.surfaces.report.parts import Part, parts_of
from foveola.values import plain


@dataclass(frozen=True)
class Shown:
    """One thing that a report shows: an output, a part of one, or an answer that is at hand still.

    Attributes:
        subject: what a picture is asked for.
        step: the step that answered it; empty for what the exam or the recipe says itself.
        output: the recipe's output that it is, with the place in it; None: it is none.
    """

    subject: Subject
    step: str
    output: tuple[str, Keys] | None


@dataclass(frozen=True)
class Reported:
    """A result as a report sees it.

    Attributes:
        content: what a result file holds, its arrays at their places.
        plan: its recipe, planned again; None: that cannot be done with what is installed.
        problem: why not.
        answers: what steps answered, as far as it is at hand: of a run in this process, or remembered.
        inputs: what they were given, by step; only of a run in this process.
        path: the file.
    """

    content: Mapping[str, Any]
    plan: Plan | None
    problem: str = ""
    answers: Mapping[str, Output] = field(default_factory=dict)
    inputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    path: Path | None = None

    @classmethod
    def of(cls, result: Result) -> Reported:
        """A result of this process, whose answers are all at hand."""
        calls = {step.name: step.call for step in result.steps.values() if step.call is not None}
        answers = {name: result.steps[name].answer for name in calls}
        return cls(
            result.as_json(),
            result.plan,
            answers={name: answer for name, answer in answers.items() if isinstance(answer, Output)},
            inputs={name: call.inputs for name, call in calls.items()},
        )

    @classmethod
    def read(cls, path: Path, registry: Registry, store: Store | None = None) -> Reported:
        """A result file.

        Args:
            path: the file.
            registry: what its recipe is planned with.
            store: what may remember its intermediates; None: only what the file holds is shown.

        Raises:
            InputError: it cannot be read, is no result file, or the arrays beside it are damaged.
        """
        content = read_result(path)
        try:
            plan = _planned(content, registry)
        except (FoveolaError, OSError) as error:
            return cls(content, None, sentence(error).partition("\n")[0], path=path)
        return cls(content, plan, answers={} if store is None else _remembered(plan, content, store), path=path)

    @property
    def name(self) -> str:
        """What the exam is called."""
        return str(self.content["exam"]["name"])

    @property
    def exam(self) -> Mapping[str, Any]:
        """The words and numbers of the exam."""
        return dict(self.content["provenance"].get("exam") or {})

    @property
    def facts(self) -> Mapping[str, Any]:
        """The same in a line each: those of exams within by `name.word`."""
        return dict(_flat(self.exam))

    @property
    def states(self) -> Mapping[str, str]:
        """What became of each step."""
        return {name: str(step["state"]) for name, step in self.content["run"]["steps"].items()}

    @property
    def failed(self) -> Mapping[str, str]:
        """Why each step that failed did."""
        return {name: self._reason(name) for name, state in self.states.items() if state == "failed"}

    @property
    def skipped(self) -> Mapping[str, str]:
        """Why each step that was skipped was."""
        return {name: self._reason(name) for name, state in self.states.items() if state == "skipped"}

    def key_of(self, step: str) -> str:
        """What a step's answer is remembered by; empty if it has none."""
        return str(self.content["steps"].get(step, {}).get("key") or "")

    def _reason(self, step: str) -> str:
        return str(self.content["steps"].get(step, {}).get("reason") or "")

    @cached_property
    def operations(self) -> frozenset[str]:
        """Every operation whose answer stands among the outputs or is at hand."""
        answered = {name.partition("[")[0] for name in self.answers} | {name for name, _ in self.known}
        steps = [] if self.plan is None else list(_steps(self.plan))
        return frozenset(step.use for name, step, *_ in steps if name in answered)

    @cached_property
    def _parts(self) -> list[Part]:
        return [part for name, value in self.content["outputs"].items() for part in parts_of(self.plan, name, value)]

    def outputs(self) -> Iterator[Shown]:
        """Every output, those of recipes within and of each item one by one."""
        for part in self._parts:
            if part.is_whole:
                continue
            operation = None if part.step is None else part.step.operation
            beside = self._beside(part) if part.at else {}
            subject = self._subject(part.name, part.at, operation, part.path, part.value, self._given(part), beside)
            yield Shown(replace(subject, exam=words_of_exam(self.exam, part.exam)), part.at, part.output)

    def intermediates(self, seen: frozenset[str]) -> Iterator[Shown]:
        """Answers at hand, but those of some steps."""
        steps = {} if self.plan is None else {name: (step, plan, exam) for name, step, plan, exam in _steps(self.plan)}
        for name, answer in self.answers.items():
            base = name.partition("[")[0]
            if base in steps and name not in seen:
                step, plan, exam = steps[base]
                value = plain(answer, lists=False)
                key = name.partition("[")[2].removesuffix("]") if "[" in name else None
                words = words_of_exam(self.exam, exam)
                given = Given(self, words, plan, base.rpartition(".")[0] + "." * ("." in base), step, key)
                subject = self._subject(name, name, step.operation, (), value, given, {})
                yield Shown(replace(subject, exam=words), name, None)

    def before(self, shown: Shown, other: Reported) -> Shown:
        """The same with the other result's value beside it."""
        if shown.output is None:
            return shown
        name, path = shown.output
        earlier = part_in(other.content["outputs"].get(name), path)
        return replace(shown, subject=replace(shown.subject, before=earlier))

    def _subject(
        self,
        name: str,
        step: str,
        operation: Operation[..., Output] | None,
        path: Keys,
        value: Any,
        given: Mapping[str, Any],
        beside: Mapping[str, Any],
    ) -> Subject:
        if step in self.inputs and operation is not None:
            given = LazyPlain(with_defaults(operation, self.inputs[step]))
        if step in self.answers:
            beside = LazyPlain(fields_of(self.answers[step]))
        return Subject(
            name=name,
            operation=None if operation is None else operation.name,
            part=path,
            value=value,
            given=given,
            beside=beside,
            exam=self.exam,
            operations=self.operations,
        )

    # What is known of answers

    @cached_property
    def known(self) -> Known:
        """Every part of an answer that an output holds."""
        return {(part.at, part.path): part.value for part in self._parts if part.at and part.value is not None}

    def _given(self, part: Part) -> Mapping[str, Any]:
        """What the step was given that answered a part."""
        if part.plan is None or part.step is None:
            return {}
        return Given(self, words_of_exam(self.exam, part.exam), part.plan, part.prefix, part.step, part.key)

    def _beside(self, part: Part) -> dict[str, Any]:
        """The fields of its step's answer that outputs hold, and its coverage."""
        name, path = part.output
        coverage = part_in((self.content["provenance"].get("coverage") or {}).get(name), path)
        fields = {place[0]: value for (at, place), value in self.known.items() if at == part.at and len(place) == 1}
        return fields if coverage is None else {"coverage": coverage, **fields}


def _planned(content: Mapping[str, Any], registry: Registry) -> Plan:
    """The recipe of a result, planned again.

    Raises:
        FoveolaError: what is installed now does not fit it.
    """
    recipe, _ = apply_settings(recipe_of(content), content["provenance"]["settings"])
    wanted = [name for name in recipe.outputs if name in content["outputs"]]
    return make_plan(recipe, registry, None, wanted)


def _steps(plan: Plan, prefix: str = "", exam: Keys = ()) -> Iterator[tuple[str, PlannedStep, Plan, Keys]]:
    """Every step that runs an operation, its plan and the way to its exam; those of recipes within by full names."""
    for step in plan.steps.values():
        if step.plan is None:
            yield f"{prefix}{step.name}", step, plan, exam
        else:
            yield from _steps(step.plan, f"{prefix}{step.name}.", (*exam, *step.exam_path))


def _remembered(plan: Plan, content: Mapping[str, Any], store: Store) -> dict[str, Output]:
    """The answers of a result's steps that a store still has."""
    operations = {name: step.operation for name, step, *_ in _steps(plan)}
    found = {}
    for name, record in content["steps"].items():
        operation, key = operations.get(name.partition("[")[0]), record.get("key")
        tree = None if operation is None or key is None else store.get(key)
        if operation is None or tree is None:
            continue
        with suppress(CodecError):  # what is damaged is not shown
            found[name] = decode(tree, records_of(operation.output), store.load)
    return found


def _flat(words: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in words.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
