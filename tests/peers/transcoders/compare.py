"""The same requests through our REST gateway, grpc-gateway and Connect's Vanguard, all of the same contracts and in front of
the same mesh (tests/peers/transcoders/install): statuses and JSON are the same, up to the differences that are listed here.

    compare.py http://127.0.0.1:8000 GRPC_HOST:PORT PROGRAM FOLDER

Requests are made of /openapi.json: each operation as its example or with as little as it needs, and in five ways that are
wrong. All answers that differ are in FOLDER/transcoders.log. The mesh should be one of its own, without limits
(SELFOLOGY_API_GATEWAY_REQUESTS_PER_MINUTE=0).
"""

import datetime
import http.client
import json
import re
import subprocess
import sys
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from people import check, report

PERSON = 650_000_001
LEAST_OPERATIONS = 400
RETRIES = 3

# What we do otherwise on purpose. Whoever changes one changes docs/rest.md as well.
#
# errors       problem+json (RFC 9457) where they have google.rpc.Status: the message and the status are compared.
# words        services of json_style write enums as short words and 64-bit integers as numbers.
# reading      a request that cannot be read names the field and the rule: of it the status alone is compared. Vanguard says 500
#              of a body or a query that it cannot read.
# unknown      names that the contract has not are refused in the query as in the body; grpc-gateway passes over them in
#              the query.
# slashes      two paths end with one, which the others' grammar does not have: they are asked without.
# numbers      a word where the contract has a number is no path of ours (404); they say 400.
# literals     where a path fits a literal and a variable, the literal wins here and in Vanguard; in grpc-gateway what was
#              registered last.
# masks        a PATCH changes what its body names; grpc-gateway counts what stands in the path as well.
# fresh        what is made anew for each request: a link, a time that was measured.
# verbs        a path that is there for other verbs is 405 with Allow; grpc-gateway says 501.

MEASURED = {"latency_ms", "training_time"}  # Fields; else "fresh".
EXPECTED = {  # Operations whose answers are not the others' for one of these reasons.
    "AccountService.PatchUser": "masks",
    "AccountService.RecoverPassword": "literals",
    "DependencyService.ListDependencies": "literals",
    "FeedService.AddPosts": "words",
    "FeedService.CreateFeedLink": "fresh",
    "FeedService.RecordInteraction": "words",
    "PreferencesService.UpdatePreferences": "masks",
    "TaskSyncService.ListTaskSyncs": "literals",
}


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.type = (response.getheader("Content-Type") or "").split(";")[0]
        self.body = response.read()

    def json(self):
        try:
            return json.loads(self.body)
        except ValueError:
            return self.body.decode(errors="replace")

    def message(self):
        said = self.json()
        if not isinstance(said, dict):
            return str(said)
        return said["detail"] if self.type == "application/problem+json" else said.get("message", "")


class Door:
    def __init__(self, base):
        self.host = urllib.parse.urlsplit(base).netloc
        self.connection = None

    def ask(self, verb, path, body, content_type="application/json"):
        headers = {"Accept": "application/json"} | ({"Content-Type": content_type} if body is not None else {})
        for last in (False, True):
            try:
                if self.connection is None:
                    self.connection = http.client.HTTPConnection(self.host, timeout=60)
                self.connection.request(verb, path, body, headers)
                return Answer(self.connection.getresponse())
            except (http.client.HTTPException, ConnectionError):
                self.connection = None
                if last:
                    raise


def same(one, other):
    """Whether two values are the same but for json_style, and for the moment at which each was made."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(key in MEASURED or same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if one == other and isinstance(one, bool) == isinstance(other, bool):
        return True
    if isinstance(one, int) and isinstance(other, str):
        return str(one) == other
    if isinstance(one, str) and isinstance(other, str):
        return other == one.upper() or other.endswith("_" + one.upper()) or same_moment(one, other)
    return False


def same_moment(one, other):
    try:
        apart = datetime.datetime.fromisoformat(one) - datetime.datetime.fromisoformat(other)
    except ValueError:
        return False
    return abs(apart) < datetime.timedelta(seconds=60)


class Contract:
    """What /openapi.json says, and requests made of it."""

    def __init__(self, document):
        self.document = document
        self.operations = []
        for path, verbs in document["paths"].items():
            for verb, operation in verbs.items():
                types = operation["responses"].get("200", {}).get("content", {})
                # Streams, and methods that answer as others' protocols want, are others' business.
                if "application/json" in types:
                    self.operations.append((verb.upper(), path, operation))

    def schema(self, given):
        while "$ref" in given:
            place = self.document
            for word in given["$ref"].split("/")[1:]:
                place = place[word]
            given = place
        return given

    def value(self, name, schema, number):
        """Of a parameter: the person, or something that is well formed."""
        schema = self.schema(schema)
        for choice in schema.get("anyOf", []) + schema.get("oneOf", []):
            schema = self.schema(choice)
            break
        if name.endswith("user_id"):
            return str(PERSON)
        if "enum" in schema:
            return str(schema["enum"][-1])
        kind = schema.get("type")
        if kind == "integer" or schema.get("format") in ("int64", "uint64") or (isinstance(kind, list) and "integer" in kind):
            return str(number)
        if kind == "boolean":
            return "true"
        if schema.get("format") == "date-time":
            return "2026-01-02T03:04:05Z"
        return f"word{number}"

    def request(self, path, operation, number):
        """(path with its query, body) as small as it gets."""
        query = []
        for parameter in operation.get("parameters", []):
            name = parameter["name"]
            if parameter["in"] == "path":
                value = self.value(name, parameter["schema"], number)
                path = path.replace("{" + name + "}", urllib.parse.quote(value, safe=""))
            elif parameter["in"] == "query" and name.endswith("user_id") and "." not in name:
                query.append((name, str(PERSON)))
        body = None
        if "requestBody" in operation:
            content = operation["requestBody"]["content"].get("application/json", {})
            body = content.get("example")
            if body is None:
                body = {}
                properties = self.schema(content.get("schema", {})).get("properties", {})
                if "user_id" in properties:
                    body["user_id"] = str(PERSON)
                if "idempotency_key" in properties:
                    body["idempotency_key"] = f"transcoders-{number}"
        return path + ("?" + urllib.parse.urlencode(query) if query else ""), body


class Comparison:
    def __init__(self, doors, contract, log):
        self.doors = doors
        self.contract = contract
        self.log = log
        self.asked = 0
        self.operations = set()
        self.succeeded = set()

    def answers(self, verb, path, body):
        self.asked += 1
        others = re.sub(r"/(\?|$)", r"\1", path)
        return {name: door.ask(verb, path if name == "selfology" else others, body) for name, door in self.doors.items()}

    def differ(self, what, answers, found):
        self.log.write(f"{what}: {found}\n")
        for name, answer in answers.items():
            self.log.write(f"    {name}: {answer.status} {answer.type} {answer.body[:600]!r}\n")
        self.log.flush()
        return f"{what}: {found}"

    def compare(self, what, answers, statuses_only=False, refused_by=(), without=()):
        """What is different, None when nothing is. Of `refused_by` any status is right that refuses."""
        ours = answers["selfology"]
        for name, theirs in answers.items():
            if name == "selfology" or name in without:
                continue
            if name in refused_by and ours.status >= 400 and theirs.status >= 400:
                continue
            if 429 in (ours.status, theirs.status):
                continue  # A service's own limit, which counts the requests of all three.
            if ours.status != theirs.status:
                return self.differ(what, answers, f"{ours.status}, and {name} says {theirs.status}")
            if statuses_only:
                continue
            if ours.status == 200:
                if not same(ours.json(), theirs.json()):
                    return self.differ(what, answers, f"other JSON than {name}'s")
            elif ours.message() != theirs.message():
                return self.differ(what, answers, f"other words than {name}'s")
        return None

    def each(self, make, **how):
        """make(verb, path, operation, number) gives what to ask, or None; collects the differences."""
        found, count = [], 0
        for number, (verb, path, operation) in enumerate(self.contract.operations, 1):
            request = make(verb, path, operation, number)
            if request is None:
                continue
            count += 1
            name = operation["operationId"]
            for left in range(RETRIES):
                answers = self.answers(verb, *request)
                # What goes on meanwhile may change an answer between two doors.
                if left + 1 == RETRIES or self.quietly(answers, **how):
                    break
            difference = self.compare(f"{name} {verb} {request[0]}", answers, **how)
            if difference and not (name in EXPECTED and not how):
                found.append(difference)
            self.operations.add(name)
            if answers["selfology"].status == 200:
                self.succeeded.add(name)
        print(f"transcoders: {count} requests, {len(found)} answers differ without a reason", file=sys.stderr)
        return count, found

    def quietly(self, answers, **how):
        log, self.log = self.log, open("/dev/null", "w")
        try:
            return self.compare("", answers, **how) is None
        finally:
            self.log.close()
            self.log = log


def main():
    base, grpc_address, program, folder = sys.argv[1:]
    said = {}
    others = subprocess.Popen([program, grpc_address], stdout=subprocess.PIPE, text=True)
    try:
        for _ in range(2):
            name, address = others.stdout.readline().split()
            said[name] = address
        doors = {"selfology": Door(base)} | {name: Door(address) for name, address in said.items()}
        contract = Contract(json.loads(doors["selfology"].ask("GET", "/openapi.json", None).body))
        with (Path(folder) / "transcoders.log").open("w") as log:
            return judge(Comparison(doors, contract, log))
    finally:
        others.terminate()
        others.wait()


def judge(all_doors):
    contract = all_doors.contract

    def none(make, least, **how):
        count, found = all_doors.each(make, **how)
        check(count >= least, f"only {count} requests")
        check(not found, "\n".join(found))

    def sound(verb, path, operation, number):
        if not operation["x-may-be-repeated"]:
            return None
        path, body = contract.request(path, operation, number)
        return path, None if body is None else json.dumps(body)

    def sound_requests():
        none(sound, LEAST_OPERATIONS)
        print(f"transcoders: {len(all_doors.operations)} operations, of which {len(all_doors.succeeded)} succeeded",
              file=sys.stderr)
        check(len(all_doors.succeeded) >= 100, f"only {len(all_doors.succeeded)} succeeded")

    def with_body(content):
        def make(verb, path, operation, number):
            if "requestBody" not in operation:
                return None
            return contract.request(path, operation, number)[0], content
        return make

    def unread(content):
        return lambda: none(with_body(content), 100, statuses_only=True, refused_by=("vanguard",))

    def no_number(verb, path, operation, number):
        numbers = [one["name"] for one in operation.get("parameters", [])
                   if one["in"] == "path" and contract.value(one["name"], one["schema"], number).isdigit()]
        if not numbers:
            return None
        broken = path.replace("{" + numbers[0] + "}", "seven")
        path, body = contract.request(broken, operation, number)
        return path, None if body is None else json.dumps(body)

    def unknown_in_query(verb, path, operation, number):
        if verb != "GET":
            return None
        path = contract.request(path, operation, number)[0]
        return path + ("&" if "?" in path else "?") + "nobody_knows=1", None

    def paths():
        for path in ("/api/nowhere", "/", "/api/v1/profiles/1/2/3"):
            answers = all_doors.answers("GET", path, None)
            check([one.status for one in answers.values()] == [404] * 3, f"{path}: {[one.status for one in answers.values()]}")
        for verb, path in (("POST", "/api/v1/profiles/1"), ("DELETE", "/api/v1/profiles:search")):
            answers = all_doors.answers(verb, path, None)
            check(answers["selfology"].status == 405 and answers["vanguard"].status == 405, "another status than 405")
            check(answers["grpc_gateway"].status == 501, "grpc-gateway no longer says 501: compare it")

    return report("transcoders", [
        ("operations are answered alike", sound_requests),
        ("a body that is no JSON is refused alike", unread('{"user_id": ')),
        ("a list in place of a body is refused alike", unread("[]")),
        ("a name that is no field's is refused alike", unread('{"nobody_knows": 1}')),
        ("where a number stands, paths with words are refused", lambda: none(no_number, 50, refused_by=("grpc_gateway", "vanguard"))),
        ("unknown names in a query are refused as by Vanguard",
         lambda: none(unknown_in_query, 100, refused_by=("vanguard",), without=("grpc_gateway",))),
        ("paths that are not there are not found, others' verbs are not allowed", paths),
    ])


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
