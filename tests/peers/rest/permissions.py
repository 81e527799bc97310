"""PyPI's casbin decides 10,000 random questions about who may do what, and so does our security service: they must agree.

    permissions.py http://127.0.0.1:8000

People get roles, grants of their own and grants of their teams over REST; casbin gets the same facts in its own model. What
each role gives is read from the service, so this is about how decisions are made, not about which role has what.
"""

import json
import random
import sys
import urllib.parse
from pathlib import Path

import casbin

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from people import check, get, report, until

PEOPLE = 40
TEAMS = 8
QUESTIONS = 10_000
A_CALL = 100  # Questions in one call, at most.
ROLES = ["viewer", "editor", "manager", "developer", "admin"]
RESOURCES = ["", "content/1", "content/2", "channel/7"]
MODEL = """
[request_definition]
r = who, permission, resource
[policy_definition]
p = who, pattern, resource
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = g(r.who, p.who) && keyMatch(r.permission, p.pattern) && (p.resource == "" || p.resource == r.resource)
"""


def main():
    base = sys.argv[1]
    dice = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 20)

    def post(path, body):
        return json.loads(get(base + path, json.dumps(body).encode()))

    def read(path, **query):
        return json.loads(get(base + path + "?" + urllib.parse.urlencode(query)))

    model = casbin.Model()
    model.load_model_from_text(MODEL)
    judge = casbin.Enforcer(model)
    # Strangers to other tests of this mesh.
    first = dice.randrange(900_000_000, 999_000_000)
    people = [first + i for i in range(PEOPLE)]
    teams = []
    permissions = []

    def roles():
        everybody = read("/api/security/roles", user_id=first)["permissions"]
        check(len(everybody) > 50, everybody)
        for pattern in everybody:
            judge.add_policy("user", pattern, "")
        for person in people:
            judge.add_role_for_user(str(person), "user")
            # Few of them are administrators, who may do everything.
            for role in dice.sample(ROLES[:-1], dice.randrange(3)) + ["admin"] * (dice.random() < 0.05):
                post(f"/api/v1/mesh/users/{person}/roles", {"role": role})
                judge.add_role_for_user(str(person), role)
        # What a role gives is read of somebody who has it alone.
        for number, role in enumerate(ROLES):
            alone = first - 1 - number
            post(f"/api/v1/mesh/users/{alone}/roles", {"role": role})
            for pattern in read("/api/security/roles", user_id=alone)["permissions"]:
                judge.add_policy(role, pattern, "")

    def permission():
        return dice.choice(permissions)

    def pattern():
        words = permission().split(".")
        return dice.choice([".".join(words), f"{words[0]}.{words[1]}.*", f"{words[0]}.*"])

    def grant(who, principal):
        granted = {"principal": principal, "pattern": pattern(), "resource": dice.choice(RESOURCES)}
        if granted["pattern"].startswith("mesh."):
            return
        post("/api/security/grants", granted)
        judge.add_policy(who, granted["pattern"], granted["resource"])

    def grants():
        document = json.loads(get(base + "/openapi.json"))
        asked = {operation.get("x-permission") for item in document["paths"].values() for operation in item.values()}
        permissions.extend(sorted(filter(None, asked)))
        check(len(permissions) > 100, permissions)
        for person in people:
            for _ in range(dice.randrange(4)):
                grant(str(person), {"person_id": person})

    def memberships():
        for number in range(TEAMS):
            owner, member = dice.sample(people, 2)
            made = post("/api/teams", {"user_id": owner, "name": f"Team {number}", "idempotency_key": f"team {number} of {first}"})
            team = made["team"]["team_id"]
            post(f"/api/teams/{team}/invitations", {"user_id": owner, "invited_user_id": member, "role": "TEAM_ROLE_MEMBER"})
            post(f"/api/teams/{team}/invitations/accept", {"user_id": member})
            teams.append(team)
            for _ in range(3):
                grant(f"team {team}", {"team_id": team})
            for person in (owner, member):
                judge.add_role_for_user(str(person), f"team {team}")
            # Security learns of members by their events: wait until it knows both.
            mark = {"principal": {"team_id": team}, "pattern": "edge.marks.read", "resource": f"mark/{team}"}
            post("/api/security/grants", mark)
            for person in (owner, member):
                question = {"permission": "edge.marks.read", "resource": mark["resource"]}
                until("security never learned who is in the team", lambda: post(
                    "/api/security/permissions", {"user_id": person, "questions": [question]})["answers"][0]["allowed"])

    def agree():
        allowed, differ = 0, []
        for _ in range(QUESTIONS // A_CALL):
            person = dice.choice(people)
            questions = [{"permission": permission(), "resource": dice.choice(RESOURCES)} for _ in range(A_CALL)]
            answers = post("/api/security/permissions", {"user_id": person, "questions": questions})["answers"]
            check(len(answers) == A_CALL, answers)
            for question, answer in zip(questions, answers):
                expected = judge.enforce(str(person), question["permission"], question["resource"])
                allowed += expected
                if expected != answer["allowed"]:
                    differ.append((person, question, answer))
        print(f"permissions: {QUESTIONS} questions, {allowed} allowed, {len(differ)} differ", file=sys.stderr)
        check(not differ, differ[:10])
        check(QUESTIONS / 20 < allowed < QUESTIONS * 19 / 20, "the questions are of one kind only")

    sys.exit(0 if report("casbin", [
        ("roles are given", roles), ("grants are given", grants), ("teams have members", memberships),
        (f"{QUESTIONS} random questions have the answers that casbin gives", agree)]) else 1)


if __name__ == "__main__":
    main()
