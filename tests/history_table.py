"""Measures the walk through histories against git and gitleaks, and prints Markdown tables.

    python3 tests/history_table.py REPO...                    four ways to read each repository, and git's two
    python3 tests/history_table.py --growth NUMPY FOLDER      one repository at three sizes, which are made in FOLDER

Options: `--runs N` rounds (5); `--threads N` threads of the pack engine (1); `--gitleaks PROGRAM` measures it once for each
repository; `--forebear PROGRAM` adds a whole `forebear history --all-refs`, with recognising the texts and writing the report;
`--skip WORD` leaves rows out whose name holds it (may be repeated).

Each round runs every command once, one after the other; the ratios are medians of the rounds' own ratios, so that what else the
machine does falls on both sides. CPU is user and system time of a command and of all it starts; the peak is that of the largest
process. A peak below some 15 MiB is Python's, from which the command was started. Repositories are only read. Nothing is fetched.

The rows:

- `packs`, `objects`: both engines over all references, every commit compared with every parent, no file read (example
  `history_speed` of the scanner, which this builds); `decode` is the reading of the packs alone;
- `floor`: every commit and tree of the packs inflated once, nothing else; what cannot be had for less;
- `git log --all -m --raw`: every commit against every parent, whole trees, no names asked for; as it is typed, so with git's own
  search for renames, and without (`--no-renames`), which is the fairer one and not what is typed;
- `git log --all --full-history -m --raw -- GLOBS`: the same question as forebear's, asked of git: legal files by name, whatever their
  case.

Needs Python, git 2.36 and Rust.
"""

import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent

GLOBS = [
    f":(icase,glob)**/{name}"
    for name in ["LICENSE*", "LICENCE*", "UNLICENSE*", "COPYING*", "NOTICE*", "*USE_POLICY*", "THIRD*PARTY*"]
]

# Nothing of the machine's own configuration, and no fetching of what a partial clone lacks.
ENVIRONMENT = dict(
    os.environ,
    GIT_CONFIG_GLOBAL=os.devnull,
    GIT_CONFIG_NOSYSTEM="1",
    GIT_NO_LAZY_FETCH="1",
    GIT_NO_REPLACE_OBJECTS="1",
    GIT_TERMINAL_PROMPT="0",
    LC_ALL="C",
)


def git(folder, *arguments):
    """A git command on a folder that may belong to somebody else."""
    return ["git", "-c", "safe.directory=*", "-C", str(folder), *arguments]


def output(command):
    """What a command prints."""
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=True)
    return done.stdout


class Cost:
    """What one run took: seconds of CPU and of wall time, and peak memory in MiB."""

    def __init__(self, cpu, wall, peak, failed):
        self.cpu, self.wall, self.peak, self.failed = cpu, wall, peak, failed


def measure(command):
    """Runs a command with its output thrown away."""
    begun = time.monotonic()
    child = subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = child.stderr.read()
    _, status, used = os.wait4(child.pid, 0)
    wall = time.monotonic() - begun
    child.returncode = os.waitstatus_to_exitcode(status)
    said = re.sub(r"\x1b\[[0-9;]*m", "", said.decode(errors="replace")).strip()
    # Gitleaks gives up where git does (a snapshot without its largest files), and may call that a success.
    failed = said.splitlines()[-1:] if child.returncode or "partial scan" in said else None
    return Cost(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024, failed)


def example():
    """Builds the measuring program and gives its path."""
    command = ["cargo", "build", "--release", "--locked", "-p", "forebear-scanner", "--example", "history_speed"]
    done = subprocess.run(
        [*command, "--message-format=json"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    for line in reversed(done.stdout.splitlines()):
        program = json.loads(line).get("executable")
        if program:
            return program
    sys.exit("cargo built no program")


def commands(program, folder, options):
    """The rows for a repository."""
    rows = {
        "packs": [program, "packs", str(folder), str(options.threads)],
        "objects": [program, "objects", str(folder)],
        "decode": [program, "decode", str(folder), str(options.threads)],
        "floor": [program, "floor", str(folder)],
        "git log --all -m --raw": git(folder, "log", "--all", "-m", "--raw"),
        "… --no-renames": git(folder, "log", "--all", "-m", "--raw", "--no-renames"),
        "git log --all --full-history -m --raw -- GLOBS": git(
            folder, "log", "--all", "--full-history", "-m", "--raw", "--", *GLOBS
        ),
    }
    if options.forebear:
        rows["forebear history"] = [
            options.forebear, "history", "--all-refs", "--no-cache", "--format", "json", "--output", os.devnull, str(folder)
        ]
    return {name: row for name, row in rows.items() if not any(word in name for word in options.skip)}


def rounds(rows, count):
    """Runs all rows in turn, several times; gives the costs by row."""
    costs = {name: [] for name in rows}
    # Once unmeasured, so that the first row does not pay for reading the disk.
    measure(next(iter(rows.values())))
    for number in range(count):
        # Every second round backwards: no row always follows the same other one.
        for name in list(rows)[:: 1 if number % 2 == 0 else -1]:
            cost = measure(rows[name])
            costs[name].append(cost)
            print(f"  {name}: {cost.cpu:.2f} s", file=sys.stderr)
    return costs


def table(costs, reference="packs"):
    """Rows of Markdown."""
    print("| | CPU, s | wall, s | peak, MiB | CPU against `packs` |")
    print("|---|---|---|---|---|")
    for name, runs in costs.items():
        failed = next((run.failed for run in runs if run.failed), None)
        if failed:
            print(f"| `{name}` | failed: {' '.join(failed)[:90]} | | | |")
            continue
        cpu, wall, peak = (statistics.median(getattr(run, what) for run in runs) for what in ("cpu", "wall", "peak"))
        ratio = ""
        if reference in costs and not any(run.failed for run in costs[reference]):
            pairs = zip(runs, costs[reference])
            ratio = f"{statistics.median(run.cpu / max(base.cpu, 0.001) for run, base in pairs):.2f}×"
        print(f"| `{name}` | {cpu:.3f} | {wall:.3f} | {peak:.0f} | {ratio} |")
    print()


def size(folder):
    """Commits, distinct trees, bytes of commits and trees, MiB of packs."""
    commits = int(output(git(folder, "rev-list", "--all", "--count")))
    listing = output(
        git(folder, "cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objecttype) %(objectsize)")
    )
    trees = amount = 0
    for line in listing.splitlines():
        kind, _, length = line.partition(" ")
        trees += kind == "tree"
        amount += int(length) if kind in ("tree", "commit") else 0
    place = pathlib.Path(output(git(folder, "rev-parse", "--git-path", "objects/pack")).strip())
    packs = sum(file.stat().st_size for file in (folder / place).glob("*.pack"))
    return commits, trees, amount, packs / 2**20


def describe(folder):
    commits, trees, amount, packs = size(folder)
    return f"{commits} commits, {trees} trees, {amount / 1e6:.0f} MB of commits and trees, packs of {packs:.0f} MiB"


def name_of(folder):
    """A name without a machine's folders in it."""
    parts = [part for part in pathlib.Path(folder).resolve().parts if part not in ("repo", ".git")]
    return parts[-1].replace("+", "/").removesuffix(".git")


def machine(options):
    load = "/".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{os.cpu_count()} cores, load {load}; medians of {options.runs} rounds, {options.threads} thread(s).\n")


def compare(options):
    program = example()
    machine(options)
    for folder in map(pathlib.Path, options.repositories):
        print(f"### {name_of(folder)}\n\n{describe(folder)}\n", flush=True)
        costs = rounds(commands(program, folder, options), options.runs)
        if options.gitleaks:
            arguments = ["detect", "--no-banner", "--exit-code=0", "--log-opts=--all", "--source", str(folder)]
            costs["gitleaks detect --log-opts=--all"] = [measure([options.gitleaks, *arguments])]
        table(costs)
        sys.stdout.flush()


def prefix(repository, fraction, folder):
    """Makes a bare repository of the first part of a history: all that the commit reaches which lies on the line of first
    parents where that many commits are behind it. Deltas are taken over as they are."""
    line = output(git(repository, "rev-list", "--first-parent", "HEAD")).split()
    everything = int(output(git(repository, "rev-list", "--count", "HEAD")))
    low, high = 0, len(line) - 1
    while low < high:
        middle = (low + high) // 2
        if int(output(git(repository, "rev-list", "--count", line[middle]))) > everything * fraction:
            low = middle + 1
        else:
            high = middle
    if folder.exists():
        return
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(folder)], env=ENVIRONMENT, check=True)
    # What a snapshot lacks (large blobs) stays lacking.
    packing = git(
        repository, "pack-objects", "--revs", "--stdout", "--delta-base-offset", "--missing=allow-any", "-q"
    )
    pack = folder / "made.pack"
    with open(pack, "wb") as out:
        subprocess.run(packing, input=f"{line[low]}\n".encode(), stdout=out, env=ENVIRONMENT, check=True)
    with open(pack, "rb") as made:
        indexing = git(folder, "index-pack", "--stdin", "--keep")
        subprocess.run(indexing, stdin=made, stdout=subprocess.DEVNULL, env=ENVIRONMENT, check=True)
    pack.unlink()
    subprocess.run(git(folder, "update-ref", "refs/heads/main", line[low]), env=ENVIRONMENT, check=True)


def growth(options):
    repository, folder = (pathlib.Path(part) for part in options.repositories)
    program = example()
    folder.mkdir(parents=True, exist_ok=True)
    machine(options)
    print(f"Growth of {name_of(repository)}, what HEAD reaches:\n")
    print("| part | commits | trees | MB of commits and trees | " + " | ".join(
        f"`{name}`, s" for name in ("packs", "objects", "decode", "floor", "git log --all -m --raw", "… --no-renames")
    ) + " | `packs`, ns a byte |")
    print("|---" * 11 + "|")
    options.skip.append("GLOBS")
    options.forebear = None
    for fraction in (0.1, 0.3, 1.0):
        part = folder / f"part-{fraction:.0%}".replace("%", "")
        prefix(repository, fraction, part)
        commits, trees, amount, _ = size(part)
        costs = rounds(commands(program, part, options), options.runs)
        medians = {name: statistics.median(run.cpu for run in runs) for name, runs in costs.items()}
        cells = [f"{fraction:.0%}", str(commits), str(trees), f"{amount / 1e6:.0f}"]
        cells += [f"{seconds:.3f}" for seconds in medians.values()]
        cells.append(f"{medians['packs'] / amount * 1e9:.2f}")
        print("| " + " | ".join(cells) + " |", flush=True)
    print()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("repositories", nargs="+", metavar="REPO")
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--gitleaks")
    parser.add_argument("--forebear")
    parser.add_argument("--skip", action="append", default=[])
    options = parser.parse_args()
    if options.growth and len(options.repositories) != 2:
        parser.error("--growth takes a repository, and a folder for its parts")
    (growth if options.growth else compare)(options)


if __name__ == "__main__":
    main()
