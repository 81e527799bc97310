"""Counts test cases in the build events of `bazel test`, for tools/test.

Arguments: files written by --build_event_json_file, one for each run, and files NAME.tap with lines "ok ..." and
"not ok ...". Prints "N passed, N failed[, N skipped]" and exits with 1 unless every run had tests and none of them failed.
"""

import json
import sys
import urllib.parse
import xml.etree.ElementTree as ElementTree


def read_events(path):
    try:
        with open(path) as lines:
            return [json.loads(line) for line in lines if line.strip()]
    except (OSError, ValueError):
        return []


def count_cases(uri):
    """Passed, failed and skipped cases in the test.xml of one test program."""
    path = urllib.parse.unquote(urllib.parse.urlparse(uri).path)
    passed = failed = skipped = 0
    try:
        cases = list(ElementTree.parse(path).getroot().iter("testcase"))
    except (OSError, ElementTree.ParseError):
        return 0, 0, 0
    for case in cases:
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif case.find("skipped") is not None or case.get("result") == "skipped":
            skipped += 1
        elif case.get("status") != "notrun":
            passed += 1
    return passed, failed, skipped


def count(events):
    """Passed, failed and skipped cases of one run, and whether the run itself came to its end."""
    reports, good, tests = {}, set(), set()
    finished = False
    for event in events:
        identity = event["id"]
        if "testResult" in identity:
            label = identity["testResult"]["label"]
            for output in event.get("testResult", {}).get("testActionOutput", []):
                if output["name"] == "test.xml":
                    # Of several attempts the last one counts; of several shards, all.
                    reports[(label, identity["testResult"].get("shard", 1))] = output.get("uri", "")
        elif "testSummary" in identity:
            label = identity["testSummary"]["label"]
            tests.add(label)
            if event.get("testSummary", {}).get("overallStatus") in ("PASSED", "FLAKY"):
                good.add(label)
        elif "targetConfigured" in identity and "configured" in event:
            if event["configured"].get("targetKind", "").endswith("_test rule"):
                tests.add(identity["targetConfigured"]["label"])
        elif "buildFinished" in identity:
            # 3: built, but tests failed; those are counted one by one.
            finished = event["finished"].get("exitCode", {}).get("code", 0) in (0, 3)
    totals = [0, 0, 0]
    for label in tests:
        cases = [sum(column) for column in zip(*[count_cases(uri) for (of, _), uri in reports.items() if of == label])]
        cases = cases or [0, 0, 0]
        if label in good and not any(cases):
            cases = [1, 0, 0]
        if label not in good:
            cases[1] = max(cases[1], 1)
        totals = [left + right for left, right in zip(totals, cases)]
    # What is no test may have failed to build, or a package to load.
    if not finished and totals[1] == 0:
        totals[1] = 1
    return totals


def count_tap(path):
    """Passed, failed and skipped cases of a file with a line for each; none at all is a failure."""
    try:
        with open(path) as file:
            lines = file.read().splitlines()
    except OSError:
        lines = []
    passed = sum(line.startswith("ok ") for line in lines)
    failed = sum(line.startswith("not ok ") for line in lines)
    return [passed, failed if passed else max(failed, 1), 0]


def main():
    counts = [count_tap(path) if path.endswith(".tap") else count(read_events(path)) for path in sys.argv[1:]]
    passed, failed, skipped = [sum(column) for column in zip(*counts)]
    line = "%d passed, %d failed" % (passed, failed)
    print(line + (", %d skipped" % skipped if skipped else ""))
    sys.exit(0 if passed and not failed else 1)


if __name__ == "__main__":
    main()
