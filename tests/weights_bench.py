#!/usr/bin/env python3
"""The bench of `forebear fingerprint` and `forebear compare`: real models from packages, what people do to models, draws of the null.

    python3 tests/weights_bench.py PART… [--require] [--forebear PROGRAM] [--write]
    python3 tests/weights_bench.py --write
    python3 tests/weights_bench.py --check

Parts are the modules of tests/weights_bench/ that measure something: `--help` lists them. `all` runs every one. A part fails where a
condition that the program must keep does not hold. `--write` stores what was measured in tests/weights_bench/results/, and puts its
tables into docs/weights.md and its pictures into docs/images/; without a part it writes those of all stored results. `--check`
measures nothing: it fails where the page and the stored results disagree.

Packages come from PyPI and npm when a part asks for them, in the versions of tests/weights_bench/packages.py. Everything is below
target/weights-bench/.
"""

import importlib
import pathlib
import sys
import time

import support
from weights_bench import pages
from weights_bench.bench import Bench

# Parts in the order of `all`: each is a module with `measure`, and `tables` and `plots` where it has any.
PARTS = {
    "fingerprints": "fingerprints of the models that come from packages",
    "null": "draws of the exact null distribution",
    "real": "related and unrelated models from packages",
    "derivations": "what people do to models, done to a real one",
    "tiny": "small language models trained here",
    "checked": "what a check says of copies, and of strangers",
    "cisco": "another tool on the same pairs",
    "tokens": "vocabularies from packages, each with each",
    "speed": "time and memory",
}


def main():
    parser = support.parser(__doc__ + "\n" + "\n".join(f"  {name:13} {what}" for name, what in PARTS.items()))
    parser.add_argument("parts", nargs="*", metavar="PART", help="what to measure")
    parser.add_argument("--forebear", type=pathlib.Path, metavar="PROGRAM", help="the program; else it is built")
    parser.add_argument("--write", action="store_true", help="store the results, and write docs/weights.md")
    parser.add_argument("--check", action="store_true", help="see that docs/weights.md is what the stored results say")
    options = parser.parse_args()
    if options.check == bool(options.parts or options.write):
        parser.error("name parts, or ask for --check, or for --write alone")
    if unknown := set(options.parts) - {*PARTS, "all"}:
        parser.error(f"no part is called {' or '.join(sorted(unknown))}")
    if options.check:
        check = support.Check("weights_bench", options.require)
        check.says("stored results", "docs/weights.md", pages.wrong(modules()))
        return check.end()
    if not options.parts:
        pages.write(modules())
        return 0
    names = PARTS if "all" in options.parts else options.parts
    code = 0
    for name in names:
        code = max(code, measure(name, options))
    return code


def measure(name, options):
    """Measures one part, in its own count of conditions."""
    module = importlib.import_module(f"weights_bench.{name}")
    check = support.Check(f"weights_bench {name}", options.require)
    begun = time.monotonic()
    result = module.measure(Bench(check, options.forebear))
    if result is None:
        return check.end()
    for title, table in getattr(module, "tables", lambda _: {})(result).items():
        print(f"\n{title}\n\n{table}\n")
    print(f"{name}: {time.monotonic() - begun:.0f} s")
    # A condition that fails ends the script before this: what breaks a promise is not written down as a result.
    if options.write and check.failed == 0:
        pages.store(name, result)
        pages.write({name: module})
    return check.end()


def modules():
    """The modules of the parts whose results are stored."""
    return {name: importlib.import_module(f"weights_bench.{name}") for name in PARTS if pages.has(name)}


if __name__ == "__main__":
    sys.exit(main())
