#!/usr/bin/env python3
"""The feed's model beside other programs on MovieLens-100K: movielens.py WHEEL RANKER...

WHEEL is recbole's, which brings the ratings; they may not be passed on, and are read where they are. RANKER... is the command
for //services/feed/feed:rank_ratings. For each person the last quarter of their ratings, by time, is to be foretold from all
others; a rating of 4 or 5 is a like. Prints nDCG and the hit rate of the first ten with 95 % intervals over persons. Who learns
online sees each rating once, in the order of time; implicit and LightFM may read all as often as they like, and LightFM stands
among both. The feed is to be as good as the best online one, and within 5 % of the best offline one.

The model's constants were chosen on the last quarter, by time, of what is learned from here, never on what is foretold."""

import collections
import math
import random
import subprocess
import sys
import zipfile

import implicit
import lightfm
import numpy
import scipy.sparse
import vowpalwabbit

TOP = 10
ONLINE = "online: "
FOLDER = "recbole/dataset_example/ml-100k/ml-100k"


def read(archive, name):
    lines = archive.read(f"{FOLDER}.{name}").decode("utf-8").splitlines()
    columns = [column.split(":")[0] for column in lines[0].split("\t")]
    return [dict(zip(columns, line.split("\t"))) for line in lines[1:]]


def split(ratings):
    of_person = collections.defaultdict(list)
    for row in ratings:
        of_person[int(row["user_id"])].append((float(row["timestamp"]), int(row["item_id"]), float(row["rating"]) >= 4))
    train, test = [], {}
    for person, rows in of_person.items():
        rows.sort()
        cut = len(rows) - len(rows) // 4
        train += [(at, person, item, likes) for at, item, likes in rows[:cut]]
        liked = {item for _, item, likes in rows[cut:] if likes}
        if liked:
            test[person] = liked
    train.sort()
    return train, test


def by_our_model(ranker, items, train, people):
    genres = {}
    lines = []
    for item in items:
        # A film's first genre takes the place of a channel.
        first = item["class"].split(" ")[0]
        channel = genres.setdefault(first, len(genres) + 1)
        lines.append(f"post\t{item['item_id']}\t{channel}\t{item['movie_title']} {item['class']}".replace("\n", " "))
    lines += [f"rate\t{person}\t{item}\t{int(likes)}" for _, person, item, likes in train]
    lines += [f"rank\t{person}\t{TOP}" for person in people]
    said = subprocess.run(ranker, input="\n".join(lines) + "\n", capture_output=True, text=True, check=True).stdout
    return {int(person): [int(item) for item in best.split()] for person, best in (line.split("\t") for line in said.splitlines())}


def seen_by(train):
    seen = collections.defaultdict(set)
    for _, person, item, _ in train:
        seen[person].add(item)
    return seen


def by_popularity(train, people):
    likes = collections.Counter(item for _, _, item, liked in train if liked)
    order = [item for item, _ in sorted(likes.items(), key=lambda pair: (-pair[1], pair[0]))]
    seen = seen_by(train)
    return {person: [item for item in order if item not in seen[person]][:TOP] for person in people}


def by_implicit(train, people):
    liked = [(person, item) for _, person, item, likes in train if likes]
    size = (max(person for _, person, _, _ in train) + 1, max(item for _, _, item, _ in train) + 1)
    rows, columns = zip(*liked)
    matrix = scipy.sparse.csr_matrix((numpy.ones(len(liked), dtype="float32"), (rows, columns)), shape=size)
    seen = seen_by(train)
    for name, model in [
        ("implicit: ALS", implicit.als.AlternatingLeastSquares(factors=32, regularization=0.1, random_state=1)),
        ("implicit: BPR", implicit.bpr.BayesianPersonalizedRanking(factors=32, random_state=1)),
        ("implicit: cosine", implicit.nearest_neighbours.CosineRecommender(K=100)),
    ]:
        model.fit(matrix, show_progress=False)
        best = {}
        for person in people:
            ids, _ = model.recommend(person, matrix[person], N=TOP + len(seen[person]), filter_already_liked_items=True)
            best[person] = [int(item) for item in ids if int(item) not in seen[person]][:TOP]
        yield name, best


def by_lightfm(train, people):
    liked = [(person, item) for _, person, item, likes in train if likes]
    size = (max(person for _, person, _, _ in train) + 1, max(item for _, _, item, _ in train) + 1)
    matrix = scipy.sparse.coo_matrix((numpy.ones(len(liked), dtype="float32"), tuple(zip(*liked))), shape=size)
    seen, items = seen_by(train), numpy.arange(size[1], dtype="int32")
    for name, epochs in [(ONLINE + "LightFM, once", 1), ("LightFM, 30 times", 30)]:
        model = lightfm.LightFM(no_components=32, loss="warp", random_state=1).fit(matrix, epochs=epochs)
        best = {}
        for person in people:
            order = numpy.argsort(-model.predict(numpy.full(size[1], person, dtype="int32"), items), kind="stable")
            best[person] = [int(item) for item in order if int(item) not in seen[person]][:TOP]
        yield name, best


def by_vowpal_wabbit(train, people):
    """Logistic, of person and film, with one film by chance as not liked for each rating: without those it only learns how
    films are rated and not which are chosen, and is no better than chance."""
    seen, choose = seen_by(train), random.Random(1)
    items = sorted({item for _, _, item, _ in train})
    for name, options in [("Vowpal Wabbit", ""), ("Vowpal Wabbit, lrq", "--lrq pi7")]:
        model = vowpalwabbit.Workspace(f"--quiet --loss_function logistic --random_seed 1 {options}")
        for _, person, item, likes in train:
            model.learn(f"{1 if likes else -1} |p p{person} |i i{item}")
            model.learn(f"-1 |p p{person} |i i{choose.choice(items)}")
        best = {}
        for person in people:
            scores = [(-model.predict(f"|p p{person} |i i{item}"), item) for item in items if item not in seen[person]]
            best[person] = [item for _, item in sorted(scores)[:TOP]]
        yield ONLINE + name, best


def measure(best, test):
    ndcg, hits = [], []
    for person, liked in test.items():
        gains = [1 / math.log2(place + 2) for place, item in enumerate(best.get(person, [])) if item in liked]
        ideal = sum(1 / math.log2(place + 2) for place in range(min(TOP, len(liked))))
        ndcg.append(sum(gains) / ideal)
        hits.append(1 if gains else 0)
    return ndcg, hits


def interval(values):
    choose = random.Random(1)
    means = sorted(sum(choose.choices(values, k=len(values))) / len(values) for _ in range(500))
    return sum(values) / len(values), means[12], means[487]


with zipfile.ZipFile(sys.argv[1]) as archive:
    items, ratings = read(archive, "item"), read(archive, "inter")
train, test = split(ratings)
results = {ONLINE + "popularity": by_popularity(train, test), "the feed": by_our_model(sys.argv[2:], items, train, test)}
for peers in (by_implicit, by_lightfm, by_vowpal_wabbit):
    results |= dict(peers(train, test))
print(f"{len(train)} ratings to learn from, {len(test)} persons with something to foretell", file=sys.stderr)
measured = {}
for name, best in results.items():
    ndcg, hits = measure(best, test)
    measured[name] = sum(ndcg) / len(ndcg)
    (n, low, high), (h, h_low, h_high) = interval(ndcg), interval(hits)
    print(f"{name:27} nDCG@10 {n:.3f} ({low:.3f} to {high:.3f})  hit rate {h:.3f} ({h_low:.3f} to {h_high:.3f})", file=sys.stderr)
print(f"{'ok' if len(results['the feed']) == len(test) else 'not ok'} movielens: the feed ranks for everybody")
ours = measured.pop("the feed")
online = max((value, name) for name, value in measured.items() if name.startswith(ONLINE))
print(f"{'ok' if ours >= online[0] else 'not ok'} movielens: {ours:.3f} beside the best that learns online, {online[1]}: {online[0]:.3f}")
offline = max((value, name) for name, value in measured.items() if not name.startswith(ONLINE))
print(f"{'ok' if ours >= 0.95 * offline[0] else 'not ok'} movielens: {ours:.3f} beside the best of all, {offline[1]}: {offline[0]:.3f}")
