"""Sentences in context through a small pretrained encoder: many consecutive sentences in one input, one vector each.

Sequential sentence classification (Cohan et al. 2019, "Pretrained Language Models for Sequential Sentence
Classification"): each sentence of an input is closed by a separator and read off its own tokens, which attend to their
neighbours. Inference needs onnxruntime and tokenizers, never torch; `argmine.training.encoder` trains.

Why a sentence has its label: the head is piecewise linear in its token vectors, so the log odds of a label against all
others fall apart into one part a token and one a number that says where the sentence stands ("gradient times input",
Simonyan et al. 2014, against the paper's mean token). How much the context in the tokens counts is found by reading the
sentence alone, without heading and neighbours (occlusion, Zeiler and Fergus 2014).
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from argmine.errors import ModelError
from argmine.isolation import beat
from argmine.model.decision import Decision, Switches, decision_of
from argmine.model.folder import load_arrays, load_facts
from argmine.model.sentence_context import Contexts, Reason, SentenceContext, strongest
from argmine.model.windows import PLACES, ROLES, Floats, Layout, Tokens, Window, overlapping, places, tokenise, window
from argmine.scheme import DEFAULT

if TYPE_CHECKING:
    from tokenizers import Tokenizer

ENCODER: Final = "encoder.onnx"
TOKENIZER: Final = "tokenizer.json"
HEAD: Final = "head.safetensors"
FACTS: Final = "encoder.json"
UNSEEN: Final = "unseen.safetensors"
"""What the head makes of papers that the encoder was not trained on; a model may lack it."""
LINKS: Final = "links.safetensors"
"""The pair scorer, which becomes part of a linker, not of the encoder."""
FORMAT: Final = 1
_KEPT_TOKENS: Final = 60_000
"""Some 90 MB of vectors; those of longer papers are not kept, and read again when somebody asks for reasons."""


@dataclass(frozen=True)
class Head:
    """The layers above the encoder: a sentence's vectors and place to logits. Names as in the file."""

    inner_weight: Floats
    inner_bias: Floats
    labels_weight: Floats
    labels_bias: Floats
    reported_weight: Floats
    reported_bias: Floats

    def __call__(self, vectors: Floats, where: Floats) -> tuple[Floats, Floats]:
        """From `vectors` (sentences, 2 hidden) and `where` (sentences, PLACES) to (sentences, labels), (sentences,)."""
        hidden = self.hidden(vectors, where)
        labels = hidden @ self.labels_weight.T + self.labels_bias
        return labels, (hidden @ self.reported_weight.T + self.reported_bias)[:, 0]

    def hidden(self, vectors: Floats, where: Floats) -> Floats:
        """What the two outputs are linear in, shape (sentences, width)."""
        return np.maximum(np.hstack([vectors, where]) @ self.inner_weight.T + self.inner_bias, 0)

    def gradient(self, vector: Floats, where: Floats, wanted: NDArray[np.float64]) -> NDArray[np.float64]:
        """The gradient of `wanted` (labels,) times the labels' logits by vector and place: (2 hidden + PLACES,)."""
        open_ = self.inner_weight @ np.concatenate([vector, where]) + self.inner_bias > 0
        return np.asarray(((wanted @ self.labels_weight) * open_) @ self.inner_weight, dtype=np.float64)

    @classmethod
    def load(cls, path: Path, classes: int = len(DEFAULT.labels)) -> Self:
        """Read a file of the arrays. Raises ModelError where one is missing or of another shape."""
        arrays = load_arrays(path)
        try:
            head = cls(**{name: np.asarray(arrays[name], dtype=np.float32) for name in cls.__dataclass_fields__})
        except KeyError as why:
            raise ModelError(f"{path}: lacks {why}; install the model again") from why
        width = len(head.inner_bias)
        wanted: dict[str, tuple[int, ...]] = {
            "inner_weight": (width, head.inner_weight.shape[-1]),
            "reported_weight": (1, width),
        }
        wanted |= {"labels_weight": (classes, width), "labels_bias": (classes,), "reported_bias": (1,)}
        for name, shape in wanted.items():
            if getattr(head, name).shape != shape:
                raise ModelError(f"{path}: {name} is not of the shape {shape}; install the model again")
        return head


@dataclass(frozen=True)
class Reading:
    """What the encoder made of a paper's sentences; the first three as `SentenceEncoder.__call__` returns them."""

    logits: Floats
    reported: Floats
    vectors: Floats
    places: Floats
    states: list[Floats]
    """Of each sentence its tokens' vectors, the separator's the last: (tokens, hidden). None of a very long paper's."""


def check_tokenizer(path: Path) -> None:
    """Raise ModelError for a tokenizer that brings regular expressions along: one can take for ever on a line of text.
    Those of pretrained encoders need none; whatever splits words is built into the library."""
    waiting: list[Any] = [load_facts(path)]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict) and "Regex" in found:
            raise ModelError(
                f"{path}: brings a regular expression along, which argmine does not use; see where the model is from, "
                "and train or install one again"
            )
        if isinstance(found, dict | list):
            waiting += found.values() if isinstance(found, dict) else found


class SentenceEncoder:
    """The trained encoder: sentences in context to logits and vectors.

    `labels` and `reported` turn the logits into calibrated probabilities and decisions (`reported` those of two
    classes, the first with the logit 0). One input goes through the network at a time: it scales its int8 activations
    by what it sees together, and a sentence's scores must not depend on what else is in a batch.
    """

    def __init__(
        self,
        session: Any,
        tokenizer: Tokenizer,
        head: Head,
        layout: Layout,
        labels: Decision | Switches | None = None,
        reported: Decision | None = None,
        names: Sequence[str] = DEFAULT.labels,
    ) -> None:
        self._session, self._tokenizer, self.head, self.layout = session, tokenizer, head, layout
        self._folder: Path | None = None
        self._last: tuple[tuple[SentenceContext, ...], Reading] | None = None
        self.names = tuple(names)
        self.labels = labels or Decision.plain(len(self.names))
        self.reported = reported or Decision.plain(2)

    @classmethod
    def load(cls, path: Path, threads: int | None = None) -> Self:
        """Read a folder of encoder.onnx, tokenizer.json, head.safetensors and encoder.json. `threads` limits the
        network's threads (None: as OMP_NUM_THREADS says, else as many as there are cores). Raises ModelError where a
        file is missing, damaged or of another version."""
        facts = load_facts(path / FACTS)
        names = facts.get("labels")
        if facts.get("format") != FORMAT or not isinstance(names, list) or not all(isinstance(n, str) for n in names):
            raise ModelError(f"{path / FACTS}: is of another version of argmine; install the model again")
        for name in (ENCODER, TOKENIZER, HEAD):
            if not (path / name).is_file():
                raise ModelError(f"{path / name}: is missing from the model; install it again")
        check_tokenizer(path / TOKENIZER)
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.use_deterministic_compute = True
        # Threads that wait by spinning take the processor from whoever else works on this machine.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        if threads is None and os.environ.get("OMP_NUM_THREADS", "").isdecimal():
            threads = int(os.environ["OMP_NUM_THREADS"])
        if threads:
            options.intra_op_num_threads = threads
            options.inter_op_num_threads = 1
        try:
            layout = Layout(**facts["layout"])
            label = decision_of(facts["decide_label"], len(names)) if "decide_label" in facts else None
            reported = Decision.of(facts["decide_reported"], 2) if "decide_reported" in facts else None
            session = onnxruntime.InferenceSession(path / ENCODER, options, providers=["CPUExecutionProvider"])
            tokenizer = Tokenizer.from_file(str(path / TOKENIZER))
        # Both libraries raise bare Exceptions of their own making for files that are not theirs.
        except Exception as why:
            first = str(why).split("\n")[0]
            raise ModelError(f"{path}: can't be read ({first}); install the model again") from why
        tokenizer.no_truncation()
        tokenizer.no_padding()
        made = cls(session, tokenizer, Head.load(path / HEAD, len(names)), layout, label, reported, names)
        made._folder = path
        return made

    def save(self, path: Path) -> None:
        """Write the files into a folder: those that it was loaded from, as they are."""
        if self._folder is None:
            raise ModelError("an encoder that was not loaded from a folder can't be written to one")
        path.mkdir(parents=True, exist_ok=True)
        more = [UNSEEN] if (self._folder / UNSEEN).is_file() else []
        for name in (ENCODER, TOKENIZER, HEAD, FACTS, *more):
            if (source := self._folder / name).resolve() != (path / name).resolve():
                (path / name).write_bytes(source.read_bytes())

    def __call__(self, contexts: Contexts) -> tuple[Floats, Floats, Floats]:
        """Logits of the labels (sentences, labels), of being reported (sentences,), and vectors (sentences, 2 hidden):
        the mean of the sentence's tokens, then its separator's. `contexts` are a paper's sentences in order."""
        reading = self.reading(contexts)
        return reading.logits, reading.reported, reading.vectors

    def reading(self, contexts: Contexts) -> Reading:
        """The same, with the tokens of each sentence where the paper is not very long. The last paper's is kept."""
        known = tuple(contexts)
        if self._last is None or self._last[0] != known:
            self._last = None
            self._last = known, self._read(known)
        return self._last[1]

    def states(self, contexts: Contexts) -> Iterator[Floats]:
        """Of each sentence its tokens' vectors as in a `Reading`; those of a very long paper are read again."""
        kept = self.reading(contexts).states
        return iter(kept or self._states(tokenise(self._tokenizer, contexts, self.layout), "sentences read again"))

    def _read(self, contexts: Contexts) -> Reading:
        tokens = tokenise(self._tokenizer, contexts, self.layout)
        short = sum(len(sentence) + 1 for sentence in tokens.sentences) <= _KEPT_TOKENS
        vectors = np.zeros((len(contexts), 2 * self._hidden()), dtype=np.float32)
        states: list[Floats] = []
        for i, own in enumerate(self._states(tokens, "sentences tagged")):
            vectors[i] = _vector(own)
            states += [own.copy()] if short else []
        where = places(contexts)
        return Reading(*self.head(vectors, where), vectors, where, states)

    def _states(self, tokens: Tokens, doing: str) -> Iterator[Floats]:
        for one in overlapping(tokens, self.layout):
            beat(doing, one.keep_from, len(tokens))
            hidden = self._run(one)
            for i in range(one.keep_from - one.first, one.keep_to - one.first):
                yield hidden[one.starts[i] : one.ends[i]]

    def alone(self, contexts: Contexts) -> Floats:
        """The logits of the labels (sentences, labels) that each sentence gets without heading and neighbours."""
        bare = [replace(c, section="", above="", index=0, total=1, in_section=0, in_paragraph=0) for c in contexts]
        tokens = tokenise(self._tokenizer, bare, self.layout)
        vectors = np.zeros((len(bare), 2 * self._hidden()), dtype=np.float32)
        for i in range(len(bare)):
            beat("units explained", i, len(bare))
            one = window(tokens, i, i + 1)
            vectors[i] = _vector(self._run(one)[one.starts[0] : one.ends[0]])
        return self.head(vectors, places(contexts))[0]

    def _hidden(self) -> int:
        return (self.head.inner_weight.shape[1] - PLACES) // 2

    def _run(self, one: Window) -> Floats:
        beat()
        (hidden,) = self._session.run(None, {"ids": np.array([one.ids], dtype=np.int64)})
        tokens: Floats = hidden[0]
        return tokens

    def offsets(self, text: str) -> list[tuple[int, int]]:
        """Where in the text each of its tokens stands, as far as they are read."""
        return list(self._tokenizer.encode(text, add_special_tokens=False).offsets[: self.layout.longest])


def _vector(tokens: Floats) -> Floats:
    return np.concatenate([tokens.mean(axis=0), tokens[-1]])


_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d[\d.,%]*|\?|!")
_STANDS: Final[dict[int, str]] = {
    4: "it opens its section",
    5: "it closes its section",
    6: "it opens its paragraph",
    7: "it closes its paragraph",
    8: "it is a paragraph by itself",
    **{10 + k: f"its section's role is {role}" for k, role in enumerate(ROLES)},
}
"""What the places of `argmine.model.windows.places` that are 0 or 1 say, by their columns."""


def explain_encoder(
    encoder: SentenceEncoder, contexts: Contexts, wanted: Mapping[int, str], limit: int = 5
) -> dict[int, list[Reason]]:
    """For each sentence of `wanted` (its position to its label) what moved the score of that label most. At most
    `limit` reasons each, the strongest first, whether they speak for the label or against it."""
    at = sorted(wanted)
    if not at:
        return {}
    reading = encoder.reading(contexts)
    alone = dict(zip(at, encoder.alone([contexts[i] for i in at]), strict=True))
    found = {}
    middle: Floats | None = None
    for i, states in enumerate(encoder.states(contexts)):
        if i not in alone:
            continue
        if middle is None:  # of the sentences' means, with which their vectors begin
            middle = np.ascontiguousarray(reading.vectors[:, : states.shape[1]]).mean(axis=0)
        k, logits, place = encoder.names.index(wanted[i]), alone[i], reading.places[i]
        if isinstance(encoder.labels, Switches):  # a label stands or falls alone, whatever others the sentence has
            scale = float(encoder.labels.scale[k])
            moved = float(reading.logits[i][k]) - float(logits[k])
            against = np.asarray(np.arange(len(logits)) == k, dtype=np.float64)
        else:
            scale = encoder.labels.scale
            moved = _odds(reading.logits[i], k) - _odds(logits, k)
            against = _against(reading.logits[i], k)
        gradient = scale * encoder.head.gradient(reading.vectors[i], place, against)
        parts = (states - middle) @ gradient[: states.shape[1]] / len(states)
        reasons = _words(contexts[i].text, encoder.offsets(contexts[i].text), parts)
        stands = gradient[-PLACES:] * place
        reasons += [Reason("place", text, round(float(stands[column]), 3)) for column, text in _STANDS.items()]
        if contexts[i].total > 1 or contexts[i].section:
            reasons.append(Reason("around", "its heading and the sentences around it", round(float(scale * moved), 3)))
        found[i] = strongest(reasons, limit)
    return found


def _odds(logits: Floats, k: int) -> float:
    # The logit of column k against all others together.
    others = np.delete(logits, k)
    top = float(others.max())
    return float(logits[k]) - top - float(np.log(np.exp(others - top).sum()))


def _against(logits: Floats, k: int) -> NDArray[np.float64]:
    # The gradient of `_odds` by the logits.
    e = np.exp(logits - logits.max()).astype(np.float64)
    e[k] = 0.0
    out = -e / max(float(e.sum()), 1e-12)
    out[k] = 1.0
    return np.asarray(out)


def _words(text: str, offsets: Sequence[tuple[int, int]], parts: NDArray[np.float64]) -> list[Reason]:
    # The tokens' parts summed by the words of the sentence; the same word twice counts once, with both parts.
    totals: dict[str, float] = defaultdict(float)
    tokens = [(a, b, p) for (a, b), p in zip(offsets, parts.tolist(), strict=False)]  # beyond lies the separator
    first = 0
    for match in _WORD.finditer(text):
        while first < len(tokens) and tokens[first][1] <= match.start():
            first += 1
        word = {"?": "a question mark", "!": "an exclamation mark"}.get(match[0], match[0].lower())
        totals[word] += sum(p for a, b, p in tokens[first:] if a < match.end() and b > match.start())
    return [Reason("word", word, round(weight, 3)) for word, weight in totals.items()]
