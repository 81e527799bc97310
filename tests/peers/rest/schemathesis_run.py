"""PyPI's schemathesis makes requests of the OpenAPI document, sound and broken ones, to every operation of a mesh: none is
answered by a 5xx, nor by a status, a type or a body that the document does not have.

    schemathesis_run.py http://127.0.0.1:8000 FOLDER

What it found is in FOLDER/schemathesis.log, with a curl for each. The mesh should be one of its own, without limits
(SELFOLOGY_API_GATEWAY_REQUESTS_PER_MINUTE=0): what is made, changed and erased is at random.
"""

import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from people import check, report

CHECKS = ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance"]
LEAST_OPERATIONS = 400
LEAST_REQUESTS = 10_000


def main():
    base, folder = sys.argv[1], Path(sys.argv[2])
    found = {}

    def run():
        log, report_path = folder / "schemathesis.log", folder / "schemathesis.json"
        with log.open("w") as output:
            subprocess.run(
                [Path(sys.executable).parent / "schemathesis", "run", base + "/openapi.json", "--checks", ",".join(CHECKS),
                 "--phases", "coverage,fuzzing", "--max-examples", "10", "--workers", "2", "--continue-on-failure",
                 "--no-shrink", "--seed", "7", "--request-timeout", "20", "--warnings", "off",
                 # These go on until the client leaves.
                 "--exclude-path-regex", ":watch$", "--report", "json", "--report-json-path", report_path],
                stdout=output, stderr=subprocess.STDOUT, timeout=580)
        found.update(json.loads(report_path.read_text()))
        requests, operations = found["test_cases"]["generated"], found["operations"]
        print(f"schemathesis: {requests} requests to {operations['tested']} operations", file=sys.stderr)
        check(found["complete"] and operations["errored"] == 0, operations)
        check(operations["tested"] >= LEAST_OPERATIONS and requests >= LEAST_REQUESTS, found["test_cases"])

    def none(*types):
        of_types = [f"{one['title']}: {sorted(one['operations'])}" for one in found["failures"] if one["type"] in types]
        check(not of_types, "\n".join(of_types))

    sys.exit(0 if report("schemathesis", [
        ("asks every operation", run),
        ("no 5xx", lambda: none("ServerError")),
        ("no status that is not declared", lambda: none("UndefinedStatusCode")),
        ("no type or body that is not declared",
         lambda: check(not found["failures"], [one["title"] for one in found["failures"]])),
    ]) else 1)


if __name__ == "__main__":
    main()
