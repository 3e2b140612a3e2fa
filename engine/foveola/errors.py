"""Every error a user can meet.

FoveolaError                    whatever foveola refuses or cannot do; `except FoveolaError` catches all
├── InputError                  a value given to an operation, an exam or a command is wrong; names the field
├── ExamError                   an exam's file cannot be read, or does not say what is needed; names the file
├── RecipeError                 a recipe is wrong; carries every problem, each with its place
├── UnknownNameError            no operation, recipe, type or output is called so; has the nearest right name
├── PluginError                 an installed plugin is wrong; names its distribution and entry point
└── StepError                   a step of a run raised; keeps the cause

PluginWarning                   a plugin is wrong and was left out; says what the `PluginError` would

What one room alone can refuse stands there: `ClusterError` in `running.cluster`, `DamagedError` in `running.files`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from foveola.diagnostics import Problem, Source, did_you_mean

VALIDATION_ERROR = "VALIDATION_ERROR"


class FoveolaError(Exception):
    """Whatever foveola refuses or cannot do. `str()` is one sentence for a person."""

    code = "FOVEOLA_ERROR"


class InputError(FoveolaError):
    """A value is wrong.

    Attributes:
        field: the name of the value, with the place inside it (`layers_thickness_maps.rnfl`).
        message: what is wrong with it, without the field's name.

    >>> str(InputError("statistics", "must name at least one of mean, std"))
    'statistics: must name at least one of mean, std'
    """

    code = VALIDATION_ERROR

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        self.message = message
        super().__init__(f"{field}: {message}" if field else message)

    def below(self, parent: str) -> InputError:
        """The same error, told from one level further out."""
        return InputError(".".join(part for part in (parent, self.field) if part), self.message)


class ExamError(FoveolaError):
    """An exam cannot be read, or does not say what is needed.

    Attributes:
        path: the file or folder.
        message: what is wrong with it and what to do.
    """

    code = "EXAM_ERROR"

    def __init__(self, path: object, message: str) -> None:
        self.path = str(path)
        self.message = message
        super().__init__(f"{path}: {message}")


class RecipeError(FoveolaError):
    """A recipe is wrong.

    Attributes:
        source: the text, which can show where.
        problems: all of them, in the order of the text.
    """

    code = "RECIPE_ERROR"

    def __init__(self, source: Source, problems: Sequence[Problem]) -> None:
        self.source = source
        self.problems = tuple(problems)
        super().__init__("\n\n".join(source.render(problem) for problem in self.problems))


class UnknownNameError(FoveolaError):
    """Nothing of this kind has this name.

    >>> str(UnknownNameError("operation", "get_etdr", ["get_etdrs", "analyze_odn"]))
    "no operation is called 'get_etdr': did you mean 'get_etdrs'?"
    """

    code = "UNKNOWN_NAME"

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        self.kind = kind
        self.name = name
        self.hint = did_you_mean(name, known)
        super().__init__(f"no {kind} is called {name!r}" + (f": {self.hint}" if self.hint else ""))


class PluginError(FoveolaError):
    """An installed plugin is wrong.

    Attributes:
        distribution: the package that brought it.
        entry_point: its line in that package's entry points.
    """

    code = "PLUGIN_ERROR"

    def __init__(self, distribution: str, entry_point: str, message: str) -> None:
        self.distribution = distribution
        self.entry_point = entry_point
        self.message = message
        super().__init__(f"plugin {entry_point!r} of {distribution}: {message}")


class PluginWarning(UserWarning):
    """A plugin is wrong and was left out; everything else goes on."""


class StepError(FoveolaError):
    """A step of a run raised. The cause is in `__cause__`.

    Attributes:
        step: the step's name.
    """

    code = "STEP_FAILED"

    def __init__(self, step: str, cause: BaseException) -> None:
        self.step = step
        self.cause = cause
        super().__init__(f"step {step!r} failed: {sentence(cause)}")
        self.__cause__ = cause


def sentence(error: BaseException) -> str:
    """What an error says, in a line: our own as they are, the system's with the file, others with their class.

    >>> sentence(ValueError("too long")), sentence(PermissionError(13, "Permission denied", "eye.json"))
    ('ValueError: too long', 'eye.json: Permission denied')
    """
    if isinstance(error, FoveolaError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
