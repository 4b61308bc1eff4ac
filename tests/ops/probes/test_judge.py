"""Holding many answers against a large document."""

import tracemalloc

from mixillo.ops.probes.contract import Contract
from mixillo.ops.probes.http import Answer
from mixillo.ops.probes.judge import Expectation, Judge

THINGS, OPERATIONS = 400, 40
THING = {"type": "object", "properties": {f"field{number}": {"type": "string"} for number in range(20)}}
SHOWN = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing0"}}}}
DOCUMENT = {
    "openapi": "3.1.0",
    "paths": {f"/things/{number}": {"get": {"responses": {"200": SHOWN}}} for number in range(OPERATIONS)},
    "components": {"schemas": {f"Thing{number}": THING for number in range(THINGS)}},
}


def test_all_answers_are_held_against_one_copy_of_the_schemas() -> None:
    contract = Contract.of(DOCUMENT)
    answer = Answer(200, {"content-type": "application/json"}, b'{"field0": "clay"}', 1.0)
    tracemalloc.start()
    judge = Judge(contract)
    one_copy, _ = tracemalloc.get_traced_memory()
    for operation in contract.operations:
        assert judge.findings(operation, Expectation(frozenset({200})), answer) == []
    after_all, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after_all < 3 * one_copy
