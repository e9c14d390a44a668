"""YAML as workflow files use it: 1.2 scalars (`on` is a word, dates are text), no duplicate keys."""

from __future__ import annotations

import re
from typing import Any

import yaml

from standins.github.actions.workflow import NotUnderstood

MAX_BYTES = 256 * 1024


class _Loader(yaml.SafeLoader):
    """SafeLoader whose plain scalars follow YAML 1.2's JSON schema."""

    yaml_implicit_resolvers: dict[str, Any] = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for index, key in enumerate(keys):
            if not isinstance(key, str):
                raise NotUnderstood(f"the key {key!r} is no text")
            if key in keys[:index]:
                raise NotUnderstood(f"the key {key} stands twice")
        return super().construct_mapping(node, deep)


for tag, pattern, first in (
    ("tag:yaml.org,2002:null", r"^(?:null|~|)$", ["n", "~", ""]),
    ("tag:yaml.org,2002:bool", r"^(?:true|false)$", list("tf")),
    ("tag:yaml.org,2002:int", r"^-?(?:0|[1-9][0-9]*)$", list("-0123456789")),
    ("tag:yaml.org,2002:float", r"^-?(?:0|[1-9][0-9]*)\.[0-9]+$", list("-0123456789")),
):
    _Loader.add_implicit_resolver(tag, re.compile(pattern), first)


def load(data: bytes) -> Any:
    """Read one document; raises NotUnderstood with the line where it is known."""
    if len(data) > MAX_BYTES:
        raise NotUnderstood(f"the file is larger than {MAX_BYTES} bytes")
    try:
        text = data.decode()
        if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(text)):
            raise NotUnderstood("aliases are not used in workflow files")
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader with fewer types
    except UnicodeDecodeError as error:
        raise NotUnderstood("the file is not UTF-8") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" in line {mark.line + 1}" if mark else ""
        raise NotUnderstood(f"the file is no YAML{line}") from error
