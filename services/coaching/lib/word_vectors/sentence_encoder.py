"""all-MiniLM-L6-v2 in numpy: English texts as vectors of 384 numbers.

A BERT of six layers whose output is averaged over the tokens (N. Reimers and I. Gurevych, "Sentence-BERT", 2019). Only
make_word_vectors.py uses it: word vectors are turned so that their sums come near to what it says of whole sentences.
"""

import json
import math

import numpy
import safetensors.numpy
import tokenizers

HEADS = 12
BATCH = 256


def error_function(x):
    """To seven digits: M. Abramowitz and I. Stegun, 7.1.26."""
    t = 1 / (1 + 0.3275911 * numpy.abs(x))
    series = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t
    return numpy.sign(x) * (1 - series * numpy.exp(-x * x))


def normalize(x, gain, bias):
    x = x - x.mean(axis=-1, keepdims=True)
    return x / numpy.sqrt((x * x).mean(axis=-1, keepdims=True) + 1e-12) * gain + bias


class SentenceEncoder:
    def __init__(self, folder):
        self.weights = safetensors.numpy.load_file(folder / "model.safetensors")
        self.layers = json.loads((folder / "config.json").read_text())["num_hidden_layers"]
        self.tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()

    def encode(self, texts):
        """A row of length one for each text."""
        tokens = [encoding.ids for encoding in self.tokenizer.encode_batch(texts)]
        by_length = {}
        for index, ids in enumerate(tokens):
            by_length.setdefault(len(ids), []).append(index)
        rows = [None] * len(texts)
        for indices in by_length.values():
            for begin in range(0, len(indices), BATCH):
                batch = indices[begin : begin + BATCH]
                encoded = self._encode(numpy.array([tokens[index] for index in batch]))
                for index, row in zip(batch, encoded, strict=True):
                    rows[index] = row
        return numpy.array(rows)

    def _dense(self, x, name):
        return x @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]

    def _normalize(self, x, name):
        return normalize(x, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"])

    def _attend(self, x, name, shape):
        texts, length, width = shape

        def heads(part):
            return self._dense(x, f"{name}.self.{part}").reshape(texts, length, HEADS, -1).transpose(0, 2, 1, 3)

        scores = heads("query") @ heads("key").transpose(0, 1, 3, 2) / math.sqrt(width // HEADS)
        scores = numpy.exp(scores - scores.max(axis=-1, keepdims=True))
        scores /= scores.sum(axis=-1, keepdims=True)
        attended = (scores @ heads("value")).transpose(0, 2, 1, 3).reshape(texts * length, width)
        return self._normalize(self._dense(attended, f"{name}.output.dense") + x, f"{name}.output.LayerNorm")

    def _encode(self, ids):
        """Texts of one length."""
        x = self.weights["embeddings.word_embeddings.weight"][ids]
        x = x + self.weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
        x = x + self.weights["embeddings.token_type_embeddings.weight"][0]
        shape = x.shape
        x = self._normalize(x, "embeddings.LayerNorm").reshape(-1, shape[-1])
        for layer in range(self.layers):
            name = f"encoder.layer.{layer}"
            x = self._attend(x, f"{name}.attention", shape)
            middle = self._dense(x, f"{name}.intermediate.dense")
            middle = middle / 2 * (1 + error_function(middle / math.sqrt(2)))
            x = self._normalize(self._dense(middle, f"{name}.output.dense") + x, f"{name}.output.LayerNorm")
        means = x.reshape(shape).mean(axis=1)
        return means / numpy.linalg.norm(means, axis=1, keepdims=True)
