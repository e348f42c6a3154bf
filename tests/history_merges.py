"""Holds forebear's view of merges against git's: what a merge itself did to legal files, by `git show --remerge-diff`.

    python3 tests/history_merges.py FOREBEAR REPO...

FOREBEAR is the built program. For each repository, over all references: every merge of two sides in which a legal file differs
from a parent is merged anew by git, and the letters (A, D, M) of legal files that git shows are compared with forebear's events of
that merge. A path is a legal file if any event of the timeline says so. A rename counts as an addition of the new path and a
deletion of the old one on git's side, and is compared by the new path alone.

Prints how many (merge, path) pairs both name, and lists those that only one of them names. Merges of three and more sides, which
git does not merge anew, are counted and left out. Nothing is fetched. Needs Python and git 2.36.
"""

import collections
import json
import subprocess
import sys

from history_table import ENVIRONMENT, git, name_of


def timeline(program, folder):
    """All events of all references."""
    command = [program, "history", "--all-refs", "--format", "json", folder]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True)
    if not done.stdout:
        sys.exit(f"{folder}: {done.stderr.decode(errors='replace')}")
    return json.loads(done.stdout)["timeline"]


def merges(folder):
    """Merges with how many parents they have."""
    listing = subprocess.run(
        git(folder, "rev-list", "--all", "--merges", "--parents"), env=ENVIRONMENT, capture_output=True, check=True
    ).stdout.decode()
    return {line.split()[0]: len(line.split()) - 1 for line in listing.splitlines()}


def differing(folder, commits, paths):
    """Of merges, those in which one of the paths differs from a parent."""
    done = subprocess.run(
        git(folder, "diff-tree", "--stdin", "-m", "-r", "-z", "--name-only", "--no-renames", "--format=%x01%H"),
        input="\n".join(commits).encode() + b"\n",
        env=ENVIRONMENT,
        capture_output=True,
        check=True,
    ).stdout
    found, commit = [], None
    for part in done.split(b"\0"):
        part = part.strip(b"\n")
        if part.startswith(b"\x01"):
            commit, _, part = part[1:41].decode(), None, part[41:].strip(b"\n")
        if part in paths and (not found or found[-1] != commit):
            found.append(commit)
    return found


def remerged(folder, commit, paths):
    """What git shows of legal files in a merge: path to letter."""
    done = subprocess.run(
        git(folder, "show", "--remerge-diff", "--no-renames", "--name-status", "-z", "--format=", commit),
        env=ENVIRONMENT,
        capture_output=True,
    )
    if done.returncode:
        return None
    parts = done.stdout.split(b"\0")
    pairs = zip(parts[0::2], parts[1::2])
    return {path: letter.decode().strip()[:1] for letter, path in pairs if path in paths}


LETTERS = {"added": "A", "restored": "A", "removed": "D"}


def compare(program, folder):
    legal = [event for event in timeline(program, folder) if event["about"] == "legal-file"]
    paths = {event["path"].encode(errors="surrogateescape") for event in legal}
    paths |= {event["from"].encode() for event in legal if event["event"] == "renamed" and event["from"]}
    parents = merges(folder)
    ours = collections.defaultdict(dict)
    octopus = 0
    for event in legal:
        count = parents.get(event["commit"], 0)
        octopus += count > 2
        if count == 2:
            ours[event["commit"]][event["path"].encode(errors="surrogateescape")] = event
    candidates = differing(folder, [commit for commit, count in parents.items() if count == 2], paths)
    both, letters, only_ours, only_gits, failed = 0, 0, [], [], 0
    for commit in sorted(set(candidates) | set(ours)):
        theirs = remerged(folder, commit, paths)
        if theirs is None:
            failed += 1
            continue
        mine = ours.get(commit, {})
        moved_away = {event["from"].encode() for event in mine.values() if event["event"] == "renamed" and event["from"]}
        for path in sorted(set(mine) | set(theirs)):
            if path in mine and path in theirs:
                both += 1
                letters += LETTERS.get(mine[path]["event"], "M") == theirs[path]
            elif path in mine:
                event = mine[path]
                only_ours.append(f"{commit[:10]} {event['event']} {event['path']}: {event['from']} -> {event['to']}"[:200])
            elif path not in moved_away:
                only_gits.append(f"{commit[:10]} {theirs[path]} {path.decode(errors='replace')}")
    print(
        f"| {name_of(folder)} | {len(parents)} | {len(set(candidates))} | {both} | {letters} | {len(only_ours)}"
        f" | {len(only_gits)} | {octopus} | {failed} |",
        flush=True,
    )
    return [f"only forebear: {line}" for line in only_ours] + [f"only git: {line}" for line in only_gits]


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    print(
        "| | merges | with a differing legal file | named by both | with the same letter | only by forebear | only by git"
        " | in merges of more sides | git could not |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    cases = {folder: compare(sys.argv[1], folder) for folder in sys.argv[2:]}
    for folder, lines in cases.items():
        if lines:
            print(f"\n{name_of(folder)}:\n")
            print("\n".join(f"- {line}" for line in lines))


if __name__ == "__main__":
    main()
