#!/usr/bin/env python3
"""Writes what services/growth is tested against, by programs that others wrote.

    tests/peers/task_cases.py rules > services/growth/task/tasks/recurrence_cases.tsv      # PyPI's python-dateutil 2.9.0
    tests/peers/task_cases.py urgency > services/growth/task/tasks/urgency_cases.tsv       # Debian's taskwarrior 2.6.2
    tests/peers/task_cases.py ratings > services/growth/lib/rating/peer_cases.tsv          # PyPI's glicko2 2.1.0, openskill 6.2.0

and says whether PyPI's openbadgeslib 4.6.3 accepts the badge that a test makes:

    tests/peers/task_cases.py badge services/growth/gamification/badges/accepted_jwt.txt

The same each time; the files are kept, so that tests need neither program.
"""

import datetime
import json
import os
import random
import subprocess
import sys
import tempfile
import time

ZONES = ["Europe/Berlin", "America/New_York", "Europe/Moscow", "Australia/Lord_Howe", "America/Sao_Paulo", "UTC"]
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


def some_rule(dice):
    freq = dice.choice(["DAILY", "WEEKLY", "WEEKLY", "MONTHLY", "MONTHLY", "YEARLY", "HOURLY"])
    parts = ["FREQ=" + freq]
    if dice.random() < 0.6:
        parts.append("INTERVAL=%d" % dice.randint(1, 5))
    if dice.random() < 0.2:
        parts.append("COUNT=%d" % dice.randint(1, 8))
    if freq == "WEEKLY" and dice.random() < 0.7:
        parts.append("BYDAY=" + ",".join(sorted(dice.sample(DAYS, dice.randint(1, 4)), key=DAYS.index)))
    if freq == "MONTHLY":
        kind = dice.randrange(4)
        if kind == 0:
            parts.append("BYMONTHDAY=" + ",".join(map(str, sorted(dice.sample([1, 5, 15, 28, 29, 30, 31, -1, -2], 2)))))
        elif kind == 1:
            parts.append("BYDAY=%d%s" % (dice.choice([1, 2, 3, 4, -1]), dice.choice(DAYS)))
        elif kind == 2:
            parts += ["BYDAY=MO,TU,WE,TH,FR", "BYSETPOS=%d" % dice.choice([1, -1, 3])]
    if freq == "YEARLY":
        kind = dice.randrange(3)
        if kind == 0:
            parts += ["BYMONTH=%d" % dice.randint(1, 12), "BYMONTHDAY=%d" % dice.choice([1, 15, 28, 29])]
        elif kind == 1:
            parts += ["BYMONTH=%d" % dice.randint(1, 12), "BYDAY=%d%s" % (dice.choice([1, 2, -1]), dice.choice(DAYS))]
    return ";".join(parts)


def rules():
    from dateutil import rrule, tz

    dice = random.Random(5545)
    print("# rule, zone, local start, first occurrences as Unix seconds; python-dateutil, tests/peers/task_cases.py")
    for _ in range(400):
        rule = some_rule(dice)
        zone = dice.choice(ZONES)
        # Around clock changes more often than not.
        month, day = dice.choice([(3, dice.randint(1, 31)), (10, dice.randint(1, 31)), (dice.randint(1, 12), 28)])
        start = datetime.datetime(dice.randint(2015, 2029), month, day, dice.choice([0, 1, 2, 2, 3, 9, 23]),
                                  dice.choice([0, 15, 30]))
        times = []
        for at in rrule.rrulestr(rule, dtstart=start):
            if len(times) == 12 or at.year > 2037:
                break
            local = at.replace(tzinfo=tz.gettz(zone))
            times.append(int(tz.resolve_imaginary(local).timestamp()))
        print("\t".join([rule, zone, start.strftime("%Y-%m-%d %H:%M"), " ".join(map(str, times))]))


def urgency():
    dice = random.Random(26)
    home = tempfile.mkdtemp()
    with open(home + "/rc", "w") as rc:
        rc.write("data.location=%s\nconfirmation=off\nverbose=nothing\nhooks=off\n" % home)

    def task(*args, text=None):
        return subprocess.run(["task", "rc:" + home + "/rc", *args], input=text, capture_output=True, text=True, check=True,
                              env=dict(os.environ, TASKRC=home + "/rc", TASKDATA=home)).stdout

    now = int(time.time())
    day = 86400

    def stamp(at):
        return datetime.datetime.fromtimestamp(at, datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")

    tasks = []
    for i in range(120):
        one = {"uuid": "00000000-0000-4000-8000-%012d" % i, "description": "task %d" % i, "status": "pending"}
        age = dice.choice([0, 1, 10, 100, 364, 400]) * day + 3600
        one["entry"] = stamp(now - age)
        ours = {"age_seconds": age}
        if dice.random() < 0.6:
            due = dice.choice([-30, -7, -6, -1, 0, 1, 5, 13, 14, 15, 40]) * day + dice.randint(1, 3600)
            one["due"] = stamp(now + due)
            ours["due_in_seconds"] = due
        if dice.random() < 0.5:
            ours["priority"] = dice.choice("HML")
            one["priority"] = ours["priority"]
        if dice.random() < 0.5:
            ours["labels"] = dice.sample(["home", "work", "next", "car"], dice.randint(1, 4))
            one["tags"] = ours["labels"]
        if dice.random() < 0.3:
            ours["list"] = True
            one["project"] = "flat"
        if dice.random() < 0.2:
            ours["active"] = True
            one["start"] = stamp(now - 60)
        if dice.random() < 0.3:
            ours["start_in_seconds"] = dice.choice([-day, day])
            one["scheduled"] = stamp(now + ours["start_in_seconds"])
        if dice.random() < 0.2:
            ours["comments"] = dice.randint(1, 4)
            one["annotations"] = [{"entry": stamp(now - 60 * k), "description": "note"} for k in range(ours["comments"])]
        if i > 0 and dice.random() < 0.3:
            ours["after"] = dice.randrange(i)
            one["depends"] = "00000000-0000-4000-8000-%012d" % ours["after"]
        tasks.append((one, ours))
    task("import", text=json.dumps([one for one, _ in tasks]))
    told = {t["uuid"]: t["urgency"] for t in json.loads(task("export"))}
    version = subprocess.run(["task", "--version"], capture_output=True, text=True, check=True).stdout
    print("# task as JSON, its urgency by Taskwarrior %s; tests/peers/task_cases.py" % version.strip())
    for i, (one, ours) in enumerate(tasks):
        ours["blocking"] = any(other.get("after") == i for _, other in tasks)
        ours["blocked"] = "after" in ours
        print("%s\t%s" % (json.dumps(ours, sort_keys=True), told[one["uuid"]]))


def ratings():
    import math

    import glicko2
    from openskill.models import PlackettLuce

    # Its step 5 has the rating where the paper has the deviation, by which the volatility is off.
    def f(self, x, delta, v, a):
        phi = self._Player__rd
        ex = math.exp(x)
        return ex * (delta**2 - phi**2 - v - ex) / (2 * (phi**2 + v + ex) ** 2) - (x - a) / self._tau**2

    glicko2.Player._f = f
    dice = random.Random(1713)
    print("# glicko: rating deviation volatility; opponents; after. By glicko2 2.1.0, mended; tests/peers/task_cases.py")
    for _ in range(300):
        player = [round(dice.uniform(800, 2400), 2), round(dice.uniform(40, 350), 2), round(dice.uniform(0.04, 0.09), 4)]
        matches = [(round(dice.uniform(800, 2400), 2), round(dice.uniform(30, 350), 2), dice.choice([0, 0.5, 1]))
                   for _ in range(dice.randint(1, 6))]
        one = glicko2.Player(*player)
        one.update_player(*map(list, zip(*matches)))
        print("\t".join(["glicko", " ".join(map(str, player)), ";".join(" ".join(map(str, m)) for m in matches),
                         "%.9f %.9f %.9f" % (one.rating, one.rd, one.vol)]))
    print("# skill: teams of mu sigma; places; after. By openskill 6.2.0")
    model = PlackettLuce()
    for _ in range(300):
        teams = [[(round(dice.uniform(5, 45), 3), round(dice.uniform(1, 9), 3)) for _ in range(dice.randint(1, 3))]
                 for _ in range(dice.randint(2, 5))]
        places = [dice.randint(1, len(teams)) for _ in teams]
        after = model.rate([[model.rating(mu=mu, sigma=sigma) for mu, sigma in team] for team in teams], ranks=places)
        said = lambda many, each: ";".join(" ".join(each(one) for one in team) for team in many)
        print("\t".join(["skill", said(teams, lambda one: "%s %s" % one), " ".join(map(str, places)),
                         said(after, lambda one: "%.9f %.9f" % (one.mu, one.sigma))]))


def badge():
    import base64

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    from openbadgeslib.ob3.verifier import OB3VerificationError, OB3Verifier

    with open(sys.argv[2]) as file:
        token = file.read().strip()
    # The key of the test.
    public = Ed25519PrivateKey.from_private_bytes(b"k" * 32).public_key()
    verifier = OB3Verifier(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    credential = verifier.verify(token)
    header, claims, signature = token.split(".")
    for forged in (header + "." + claims[:-4] + "AAAA." + signature,
                   header + "." + claims + "." + base64.urlsafe_b64encode(b"x" * 64).decode().rstrip("=")):
        try:
            verifier.verify(forged)
            sys.exit("a forged badge is accepted")
        except OB3VerificationError:
            pass
    print("openbadgeslib accepts %r, given on %s" % (credential.achievement.name, credential.issuance_date))


{"rules": rules, "urgency": urgency, "ratings": ratings, "badge": badge}[sys.argv[1]]()
