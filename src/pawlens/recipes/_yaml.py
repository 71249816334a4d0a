"""YAML as recipes use it: data only, numbers by YAML 1.2, no key given twice."""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any

import yaml

__all__ = ["dump_yaml", "load_yaml"]

# PyYAML follows YAML 1.1, to which 1e-3 is text.
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)[eE][-+]?[0-9]+$")
_ON_A_LINE = 6  # keys that a mapping on one line may have
_BREAKS = frozenset("\x85\u2028\u2029")  # PyYAML writes them bare and reads a line feed


class _Loader(yaml.SafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key, _ in node.value:
            text = str(key.value)
            if text in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"{text!r} is given twice", problem_mark=key.start_mark
                )
            seen.add(text)
        return super().construct_mapping(node, deep)


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _list(dumper: yaml.SafeDumper, data: list[Any]) -> yaml.Node:
    flat = not any(isinstance(item, dict | list) for item in data)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=flat)


def _dict(dumper: yaml.SafeDumper, data: dict[str, Any]) -> yaml.Node:
    flat = len(data) <= _ON_A_LINE and not any(isinstance(v, dict) for v in data.values())
    return dumper.represent_mapping("tag:yaml.org,2002:map", data, flow_style=flat)


def _text(dumper: yaml.SafeDumper, data: str) -> yaml.Node:
    style = None if _BREAKS.isdisjoint(data) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", data, style=style)


for _kind in (_Loader, _Dumper):  # both, so that a text that looks like a number is quoted
    _kind.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, list("-+.0123456789"))
_Dumper.add_representer(list, _list)
_Dumper.add_representer(dict, _dict)
_Dumper.add_representer(str, _text)


def load_yaml(text: str) -> Any:
    """Read one YAML document; tags that build objects are refused.

    Raises
    ------
    ValueError
        One line: what is wrong with it, and where.
    """
    try:
        return yaml.load(text, _Loader)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    except yaml.MarkedYAMLError as error:
        place = "" if error.problem_mark is None else f", line {error.problem_mark.line + 1}"
        raise ValueError(f"{_in_one_line(error.problem)}{place}") from error
    except (yaml.YAMLError, ValueError) as error:  # a date such as 2000-99-99 is a ValueError
        raise ValueError(_in_one_line(error)) from error


def _in_one_line(error: object) -> str:
    return " ".join(str(error).split())[:160]


def dump_yaml(value: Any) -> str:
    """Write values as YAML: keys in their order, short mappings and plain lists on one line."""
    text: str = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    return text
