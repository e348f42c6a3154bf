"""Made-up text for tiny language models: from a seed, so that every machine has the same bytes.

`prose` is an invented language: a lexicon whose frequencies fall as 1 / rank, verbs that agree with their subjects, quotes. `prose-2` is
the same with a lexicon of its own. `code` is an invented programming language: nested blocks, names that are used after they are set,
sums with their results.
"""

import functools
import random

CORPUS_BYTES = 400_000


def words(chooser, count):
    """Invented words of one to three syllables."""
    syllables = [first + vowel + last for first in "bdfgklmnprstvz" for vowel in "aeiou" for last in ("", "n", "r", "s")]
    return ["".join(chooser.choices(syllables, k=chooser.choice((1, 2, 2, 3)))) for _ in range(count)]


def prose(chooser):
    """Lines of sentences, for ever."""
    lexicons = {kind: words(chooser, count) for kind, count in (("noun", 600), ("verb", 300), ("adjective", 200))}
    weights = {kind: [1 / (rank + 1) for rank in range(len(lexicon))] for kind, lexicon in lexicons.items()}

    def word(kind):
        return chooser.choices(lexicons[kind], weights[kind])[0]

    def phrase(many):
        adjective = f"{word('adjective')}a " if chooser.random() < 0.4 else ""
        return f"{'lo' if many else 'le'} {adjective}{word('noun')}{'i' if many else ''}"

    def sentence(depth):
        many = chooser.random() < 0.4
        said = f"{phrase(many)} {word('verb')}{'ent' if many else 'et'}"
        if depth < 2 and chooser.random() < 0.2:
            return f'{said}, "{sentence(depth + 1)}"'
        return f"{said} {phrase(chooser.random() < 0.4)}" if chooser.random() < 0.7 else said

    while True:
        text = ". ".join(line[0].upper() + line[1:] for line in (sentence(0) for _ in range(chooser.randint(2, 6))))
        yield f"{text}.\n"


def code(chooser):
    """Functions, for ever."""
    names = [name[:6] for name in words(chooser, 80)]

    def block(depth, known):
        for _ in range(chooser.randint(1, 4)):
            indent, kind = "    " * depth, chooser.random()
            if kind < 0.25 and depth < 3:
                yield f"{indent}while {chooser.choice(known)} < {chooser.randint(1, 99)} {{\n"
                yield from block(depth + 1, list(known))
                yield f"{indent}}}\n"
            elif kind < 0.5:
                left, right = chooser.randint(0, 49), chooser.randint(0, 49)
                yield f"{indent}assert {left} + {right} == {left + right};\n"
            elif kind < 0.75:
                known.append(chooser.choice(names))
                yield f"{indent}let {known[-1]} = [{chooser.choice(known[:-1])}, {chooser.choice(known)}];\n"
            else:
                yield f"{indent}{chooser.choice(known)}({chooser.choice(known)}.len() * {chooser.randint(2, 9)});\n"

    while True:
        name, argument = chooser.choice(names), chooser.choice(names)
        yield f"fn {name}({argument}) {{\n{''.join(block(1, [argument]))}}}\n\n"


@functools.cache
def corpus(name):
    """The bytes of a text."""
    writer = {"prose": prose, "prose-2": prose, "code": code}[name]
    text = bytearray()
    for part in writer(random.Random(f"forebear {name}")):
        text += part.encode("ascii")
        if len(text) >= CORPUS_BYTES:
            return bytes(text[:CORPUS_BYTES])


def common_bytes(names):
    """Bytes that occur in each of several texts."""
    return sorted(set.intersection(*(set(corpus(name)) for name in names)))
