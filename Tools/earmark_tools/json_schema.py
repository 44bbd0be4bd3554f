"""Checks answers against their schema: python -m earmark_tools.json_schema SCHEMA ANSWER.json ..."""

import json
import sys
from pathlib import Path
from typing import NoReturn

import jsonschema


def refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def main() -> None:
    schema = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    problems, paths = 0, sys.argv[2:]
    for path in paths:
        answer = json.loads(Path(path).read_text(encoding="utf-8"), parse_constant=refuse_constant)
        for error in validator.iter_errors(answer):
            # The branch that fits best says more than "matches neither".
            cause = jsonschema.exceptions.best_match([error])
            print(f"{path}: {cause.json_path}: {cause.message}", file=sys.stderr)
            problems += 1
    print(f"{len(paths)} answers checked against docs/analysis.schema.json, {problems} problems")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
