"""Asserts that each refusal of schema-valid data is a rule that the document lists, and counts what was seen."""

import atexit
import json
import os
import re
from collections import Counter

import schemathesis

SEEN = Counter()
BY_OPERATION = Counter()
RULES = Counter()


def matches(pattern, field):
    """Whether a field is one that a rule names: `[n]` is any index, `*` any name."""
    if pattern == "*":
        return True
    return re.fullmatch(re.escape(pattern).replace(r"\[n\]", r"\[\d+\]"), field) is not None


def rule_of(document, operation, status, error):
    """The `x-rules` entry that an error answer is about."""
    details = error.get("details") or {}
    for rule in document["x-rules"]:
        if (
            operation in rule["operations"]
            and rule["status"] == status
            and rule["code"] == error["code"]
            and rule["reason"] == details.get("reason")
            and any(matches(field, details.get("field", "")) for field in rule["fields"])
        ):
            return rule
    return None


@schemathesis.check
def refusals_of_valid_data_are_rules(ctx, response, case):
    SEEN[response.status_code] += 1
    BY_OPERATION[f"{case.method} {case.operation.path} {response.status_code}"] += 1
    is_positive = case.meta is not None and case.meta.generation.mode.is_positive
    if response.status_code in (400, 409) and (is_positive or response.status_code == 409):
        operation = case.operation.definition.raw["operationId"]
        error = response.json()["error"]
        rule = rule_of(case.operation.schema.raw_schema, operation, response.status_code, error)
        assert rule is not None, f"{operation}: schema-valid data was refused for no listed rule: {error}"
        RULES[rule["id"]] += 1


@atexit.register
def write_counts():
    path = os.environ.get("ALTYAA_OPENAPI_COUNTS")
    if path and SEEN:
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"answers": SEEN, "operations": BY_OPERATION, "rules": RULES}, file)
