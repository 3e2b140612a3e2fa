"""What an operation is, for people: its parameters with units and ranges, its answer, its example, its sources.

`foveola operations NAME` and the reference pages say the same, since both are made here.
"""

from __future__ import annotations

import doctest
import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, get_args, get_origin

import annotated_types
from pydantic.fields import FieldInfo

from foveola.adapters import accepts_none
from foveola.descriptions import documented_fields
from foveola.operations import Operation, Output, Parameter
from foveola.planning.types import possible_values, shown
from foveola.units import unit_of
from foveola.values import ABSENT_WHEN_NULL, EXTRA, Record, annotation_of, plain


def describe(operation: Operation[..., Output]) -> dict[str, Any]:
    """Everything that there is to say of an operation, as plain data."""
    return {
        "name": operation.name,
        "about": operation.about,
        "description": _prose(operation),
        "parameters": [_parameter(parameter) for parameter in operation.parameters.values()],
        "answer": _answer(operation.output),
        "example": _example(operation),
        "sources": _section(operation, "Sources"),
    }


def as_markdown(description: Mapping[str, Any]) -> str:
    """A description as a page of Markdown."""
    lines = [f"# {description['name']}", "", description["description"], "", "## Parameters", ""]
    lines += ["| name | takes | unit | default | |", "| --- | --- | --- | --- | --- |"]
    for entry in description["parameters"]:
        default = "required" if entry["required"] else f"`{_literal(entry['default'])}`"
        others = [f"Also called {' or '.join(f'`{name}`' for name in entry['aliases'])}."] if entry["aliases"] else []
        about = " ".join([_sentence(entry["description"]), *others])
        lines.append(_row(f"`{entry['name']}`", _takes(entry), entry["unit"] or "", default, about))
    bare = description["answer"]["bare"]
    lines += ["", "## Answer", "", description["answer"]["about"], ""]
    if bare:
        lines += [f"The answer is `{bare}` itself, without a key round it.", ""]
    lines += _table(description["answer"]["fields"])
    for record in description["answer"]["records"]:
        lines += ["", f"`{record['name']}`: {record['about']}", "", *_table(record["fields"])]
    lines += ["", "Extras are answered only when `include_extras` is true."]
    if description["example"]:
        lines += ["", "## Example", "", "```pycon", description["example"], "```"]
    if description["sources"]:
        lines += ["", "## Sources", "", *[f"- {_sentence(source)}" for source in description["sources"]]]
    return "\n".join(lines) + "\n"


def _table(fields: Iterable[Mapping[str, Any]]) -> list[str]:
    """The fields of an answer or of a part of one."""
    lines = ["| field | is | unit | |", "| --- | --- | --- | --- |"]
    for entry in fields:
        about = entry["description"] + (" *(extra)*" if entry["extra"] else "")
        missing = " or null" * entry["nullable"] + " or absent" * entry["absent"]
        lines.append(_row(f"`{entry['name']}`", entry["type"] + missing, entry["unit"] or "", about))
    return lines


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _prose(operation: Operation[..., Output]) -> str:
    """The docstring up to its first section or example."""
    text = inspect.cleandoc(operation.__doc__ or "")
    return re.split(r"^(?:\w+:$|>>> )", text, maxsplit=1, flags=re.MULTILINE)[0].strip()


def _section(operation: Operation[..., Output], title: str) -> list[str]:
    """The entries of a section of the docstring, one a paragraph of its own indentation."""
    text = inspect.cleandoc(operation.__doc__ or "")
    match = re.search(rf"^{title}:\n((?:[ \t]+\S.*\n?|\n)+)", text, re.MULTILINE)
    entries: list[str] = []
    for line in match[1].splitlines() if match else []:
        if re.match(r" {4}\S", line):
            entries.append(line.strip())
        elif line.strip() and entries:
            entries[-1] += " " + line.strip()
    return entries


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "type": shown(parameter.annotation),
        "unit": str(parameter.unit) if parameter.unit else None,
        "range": _limits(parameter.annotation),
        "choices": plain(possible_values(parameter.annotation)),
        "required": parameter.required,
        "default": None if parameter.required else plain(parameter.default),
        "nullable": parameter.nullable,
        "aliases": list(parameter.aliases),
        "description": parameter.description,
    }


def _answer(output: type[Output]) -> dict[str, Any]:
    return {**_record(output), "bare": output.bare, "records": [_record(part) for part in _parts(output)]}


def _record(record: type[Record]) -> dict[str, Any]:
    described = documented_fields(record)
    fields = [_field(field.alias or name, field, described[name]) for name, field in record.model_fields.items()]
    fields.sort(key=lambda field: bool(field["extra"]))
    return {"name": record.__name__, "about": inspect.cleandoc(record.__doc__ or ""), "fields": fields}


def _parts(record: type[Record]) -> list[type[Record]]:
    """The records within a record, however deep, each once; not those that are shown as one field of theirs."""
    found: list[type[Record]] = []

    def look_into(whole: type[Record]) -> None:
        for field in whole.model_fields.values():
            for part in _classes(annotation_of(field)):
                if issubclass(part, Record) and part.bare is None and part not in found:
                    found.append(part)
                    look_into(part)

    look_into(record)
    return found


def _classes(annotation: Any) -> Iterator[type]:
    """The classes that a type is made of."""
    inner = get_args(annotation)
    if get_origin(annotation) is Annotated:
        inner = inner[:1]
    elif inspect.isclass(annotation) and not inner:
        yield annotation
    for part in inner:
        yield from _classes(part)


def _field(name: str, field: FieldInfo, description: str) -> dict[str, Any]:
    annotation = annotation_of(field)
    unit = unit_of(annotation)
    may_be_missing = accepts_none(annotation)
    left_out = ABSENT_WHEN_NULL.marks(field) or EXTRA.marks(field)
    return {
        "name": name,
        "type": shown(annotation),
        "unit": str(unit) if unit else None,
        "nullable": may_be_missing and not left_out,
        "absent": may_be_missing and left_out,
        "description": description,
        "extra": EXTRA.marks(field),
    }


def _limits(annotation: Any) -> str | None:
    """The range of a number or of the length of a list, as people write it."""
    words = []
    for item in _metadata(annotation):
        match item:
            case annotated_types.Gt(gt=limit):
                words.append(f"> {_number(limit)}")
            case annotated_types.Ge(ge=limit):
                words.append(f">= {_number(limit)}")
            case annotated_types.Lt(lt=limit):
                words.append(f"< {_number(limit)}")
            case annotated_types.Le(le=limit):
                words.append(f"<= {_number(limit)}")
            case annotated_types.MinLen(min_length=limit):
                words.append(f"at least {limit}")
            case annotated_types.MaxLen(max_length=limit):
                words.append(f"at most {limit}")
            case annotated_types.MultipleOf(multiple_of=step):
                words.append(f"a multiple of {step}")
    return ", ".join(dict.fromkeys(words)) or None  # of a pair both have the same


def _number(limit: Any) -> Any:
    return int(limit) if isinstance(limit, float) and limit.is_integer() else limit


def _metadata(annotation: Any) -> Iterator[Any]:
    """What is annotated, on the outside and further in; a field holds several."""
    base, *metadata = get_args(annotation) if get_origin(annotation) is Annotated else (annotation,)
    for item in metadata:
        yield from getattr(item, "metadata", [item])
    for inner in get_args(base):
        yield from _metadata(inner)


def _example(operation: Operation[..., Output]) -> str:
    examples = doctest.DocTestParser().get_examples(inspect.cleandoc(operation.__doc__ or ""))
    lines = []
    for example in examples:
        first, *rest = example.source.rstrip("\n").split("\n")
        lines += [f">>> {first}", *[f"... {line}" for line in rest]]
        lines += example.want.rstrip("\n").split("\n") if example.want else []
    return "\n".join(lines)


def _takes(entry: Mapping[str, Any]) -> str:
    limits = f" ({entry['range']})" if entry["range"] else ""
    return f"{entry['type']}{limits}{' or null' if entry['nullable'] else ''}"


def _literal(value: Any) -> str:
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)
