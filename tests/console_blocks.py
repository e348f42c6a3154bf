"""Runs what the documentation shows: every fenced block marked `console` in README.md and docs/, and compares what is printed.

    python3 tests/console_blocks.py [--update] [--require] [--program FILE] [PAGE…]

The blocks of a page run in order in one shell, in a folder with the four stories (`a` to `d`) and with nothing of this machine: a
home of its own, a fixed day, width and author, and no colour. Lines that begin with `$ ` are commands, `> ` continues one, all
others are what is printed, on either stream. A line `…` or `...` stands for any lines, or for none. A comment
`<!-- console: COMMAND -->` runs a command that the page does not show. Exit codes: 0, 1, 3 and 4 are answers; another one has to
be shown, by `$ echo $?` right after it.

Blocks marked `sh` are not run: bash reads them (`bash -n`), and every option and format of forebear in them has to be one that the
program has. Blocks marked `python`, `toml` and `json` have to be what they say.

--update   write what is printed into the pages; read what changed before you commit it
--program  the program, instead of a debug build
"""

import base64
import difflib
import hashlib
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile

import support

FENCE = re.compile(r"^(`{3,})(\w*)\s*$")
HIDDEN = re.compile(r"^<!-- console: (.*) -->$")
ELISION = {"…", "..."}
ANSWERS = {0, 1, 3, 4}
# Blocks of these commands are not run here. Continuous integration runs the commands themselves, and they build for minutes.
NOT_RUN = {"README.md": ("cargo run", "cargo test")}


class Block:
    """A fenced block, or a hidden command, of a page."""

    def __init__(self, kind, first, lines):
        self.kind, self.first, self.lines = kind, first, lines

    def commands(self):
        """The commands of a console block: each with the lines that are shown below it."""
        found = []
        for line in self.lines:
            if line.startswith("$ "):
                found.append(([line[2:]], []))
            elif line.startswith("> ") and found and not found[-1][1]:
                found[-1][0].append(line[2:])
            elif found:
                found[-1][1].append(line)
            else:
                raise SystemExit(f"line {self.first}: a console block begins with a command, `$ …`")
        return found


def blocks(text):
    """The blocks of a page, and its hidden commands, in order."""
    found, fence = [], None
    for number, line in enumerate(text.splitlines(), 1):
        mark = FENCE.match(line)
        if fence:
            if mark and mark.group(1).startswith(fence) and not mark.group(2):
                fence = None
            else:
                found[-1].lines.append(line)
        elif mark:
            fence = mark.group(1)
            found.append(Block(mark.group(2), number + 1, []))
        elif HIDDEN.match(line):
            found.append(Block("hidden", number, [HIDDEN.match(line).group(1)]))
    return found


def parts(shown):
    """The shown lines between elisions."""
    found = [[]]
    for line in shown:
        if line in ELISION:
            found.append([])
        else:
            found[-1].append(line)
    return found


def find(part, lines, start):
    """Where the lines of a part stand next; None where they do not."""
    places = range(start, len(lines) - len(part) + 1)
    return next((at for at in places if lines[at : at + len(part)] == part), None)


def matches(shown, printed):
    """Whether the shown lines, with their elisions, are the printed ones."""
    first, *rest = parts(shown)
    if not rest:
        return first == printed
    *middle, last = rest
    if printed[: len(first)] != first:
        return False
    at = len(first)
    for part in middle:
        place = find(part, printed, at)
        if place is None:
            return False
        at = place + len(part)
    return len(printed) - len(last) >= at and printed[len(printed) - len(last) :] == last


def updated(shown, printed):
    """The printed lines, with the elisions of the shown ones where the lines around them are still found."""
    if matches(shown, printed):
        return shown
    first, *rest = parts(shown)
    if not rest:
        return printed
    result, at = printed[: len(first)], len(first)
    for number, part in enumerate(rest, 1):
        if not part:
            start = at
        elif number == len(rest):
            start = len(printed) - len(part)
        else:
            start = find(part[:1], printed, at)
        if start is None or start < at:
            return printed
        result = [*result, "…", *printed[start : start + len(part)]]
        at = start + len(part)
    return result if matches(result, printed) else printed


class Sandbox:
    """A folder with the stories, and a shell in it that sees nothing else of the machine."""

    MARK = "\x01end of the command\x01"

    def __init__(self, folder, program, stories, wheels, installs):
        self.folder = folder
        for story in stories.iterdir():
            shutil.copytree(story, folder / story.name, symlinks=True)
        path = [os.path.dirname(shutil.which(name)) for name in ("git", "bash", "env")]
        self.environment = {
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "COLUMNS": "100",
            "NO_COLOR": "1",
            "SOURCE_DATE_EPOCH": "1775001600",
            "FOREBEAR_CACHE": str(folder / ".cache"),
            "GIT_CONFIG_NOSYSTEM": "1",
            **support.person(),
            "GIT_AUTHOR_DATE": "2026-04-01T00:00:00Z",
            "GIT_COMMITTER_DATE": "2026-04-01T00:00:00Z",
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(wheels),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }
        if installs:
            # The page installs forebear itself; until then there is none.
            support.must(sys.executable, "-m", "venv", folder / ".venv")
            path.insert(0, str(folder / ".venv" / "bin"))
        else:
            (folder / ".bin").mkdir()
            (folder / ".bin" / "forebear").symlink_to(program)
            path.insert(0, str(folder / ".bin"))
        self.environment["PATH"] = ":".join(dict.fromkeys(path))
        (folder / ".gitconfig").write_text("[init]\n\tdefaultBranch = main\n[advice]\n\tdetachedHead = false\n")
        self.shell = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=folder,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )

    def run(self, command):
        """Runs a command in the shell; gives its exit code and what it printed, without the sandbox's own place."""
        # `eval` keeps a command with an unclosed quote from swallowing what follows; the status is there for `echo $?`.
        script = f"eval {shlex.quote(command)} </dev/null\n__code=$?; printf '\\n%s %s\\n' {shlex.quote(self.MARK)} $__code; (exit $__code)\n"
        self.shell.stdin.write(script)
        self.shell.stdin.flush()
        lines = []
        for line in self.shell.stdout:
            if line.startswith(self.MARK):
                break
            lines.append(line)
        else:
            raise SystemExit(f"the shell ended in `{command}`:\n{''.join(lines)}")
        text = "".join(lines)
        text = text.removesuffix("\n")
        text = text.replace(str(self.folder.resolve()), "~").replace(str(self.folder), "~")
        return int(line.split()[-1]), text.splitlines()

    def close(self):
        self.shell.stdin.close()
        self.shell.wait()
        self.shell.stdout.close()


def run_page(page, sandbox, update):
    """Runs the console blocks of a page; gives what is wrong, and how many commands ran."""
    lines = page.read_text(encoding="utf-8").splitlines()
    name = page.relative_to(support.ROOT).as_posix()
    wrong, count, moved = [], 0, 0
    for block in blocks("\n".join(lines)):
        if block.kind == "hidden":
            code, printed = sandbox.run(block.lines[0])
            if code not in ANSWERS:
                wrong.append(f"{name}:{block.first}: `{block.lines[0]}` ended with {code}:\n" + "\n".join(printed))
            continue
        if block.kind != "console" or is_not_run(name, block):
            continue
        new = []
        commands = block.commands()
        for index, (command, shown) in enumerate(commands):
            following = commands[index + 1][0] if index + 1 < len(commands) else []
            code, printed = sandbox.run("\n".join(command))
            count += 1
            text = command[0] if len(command) == 1 else f"{command[0]} …"
            if code not in ANSWERS and following[:1] != ["echo $?"]:
                wrong.append(f"{name}:{block.first}: `{text}` ended with {code}:\n" + "\n".join(printed))
            if not matches(shown, printed):
                difference = "\n".join(difflib.unified_diff(shown, printed, "shown", "printed", lineterm="", n=2))
                wrong.append(f"{name}:{block.first}: `{text}` prints something else:\n{difference}")
            new += [("$ " if number == 0 else "> ") + line for number, line in enumerate(command)]
            new += updated(shown, printed)
        if update and new != block.lines:
            start = block.first - 1 + moved
            lines[start : start + len(block.lines)] = new
            moved += len(new) - len(block.lines)
    if update:
        text = "\n".join(lines) + "\n"
        if text != page.read_text(encoding="utf-8"):
            page.write_text(text, encoding="utf-8")
            print(f"{name}: written anew")
            wrong = [one for one in wrong if "prints something else" not in one]
    return wrong, count


def is_not_run(name, block):
    return any(line.startswith(f"$ {start}") for line in block.lines for start in NOT_RUN.get(name, ()))


def read_only(page, program):
    """Yields what is wrong in the blocks that are read and not run."""
    name = page.relative_to(support.ROOT).as_posix()
    for block in blocks(page.read_text(encoding="utf-8")):
        text = "\n".join(block.lines) + "\n"
        if block.kind in ("sh", "bash"):
            done = support.run("bash", "-n", input=text)
            if done.code:
                yield f"{name}:{block.first}: bash does not read this: {done.text.strip()}"
            for what in unknown_options(text, program):
                yield f"{name}:{block.first}: {what}"
        elif block.kind in READERS:
            try:
                READERS[block.kind](text)
            except (SyntaxError, ValueError) as error:
                yield f"{name}:{block.first}: this is no {block.kind}: {error}"


READERS = {"python": lambda text: compile(text, "a block", "exec"), "toml": tomllib.loads, "json": json.loads}
HELP = {}


def help_of(program, command):
    """What `--help` prints for a command; None for one that is none."""
    if command not in HELP:
        done = support.run(program, *command, "--help", env={"COLUMNS": "200", "NO_COLOR": "1"})
        HELP[command] = done.text if done.code == 0 else None
    return HELP[command]


def unknown_options(script, program):
    """Yields the options of forebear in a script that the program does not have."""
    for line in script.replace("\\\n", " ").splitlines():
        found = re.search(r"(?:^|[\s(;&|!])forebear ([a-z][^|;&>)]*)", line.split(" #")[0])
        if not found:
            continue
        words = found.group(1).split()
        command = (words[0],)
        if len(words) > 1 and words[0] in ("licenses", "models") and words[1] in ("show", "identify", "add"):
            command = (words[0], words[1])
        text = help_of(program, command)
        if text is None:
            yield f"`forebear {' '.join(command)}` is no command"
            continue
        for word in words:
            option = re.match(r"--[a-z][a-z-]*", word)
            if option and not re.search(rf"{option.group(0)}(?![a-z-])", text):
                yield f"`forebear {' '.join(command)}` has no option {option.group(0)}"
        for name in re.findall(r"--format[ =]([a-z][a-z0-9.-]*)|--output[ =]([a-z][a-z0-9.-]*)=", found.group(1)):
            name = "".join(name)
            if not re.search(rf"^ +- {re.escape(name)}:|[\[ ]{re.escape(name)}[,\]]", text, re.M):
                yield f"`forebear {' '.join(command)}` has no format {name}"


def unexplained_formats(program):
    """Yields formats that the table of docs/formats.md does not have, and those that it has and the program has not."""
    text = (support.ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    table = re.search(r"^\| format \|.*\n((?:\|.*\n)+)", text, re.M).group(1)
    explained = {name for row in table.splitlines() for name in re.findall(r"`([^`]+)`", row.split("|")[1])}
    section = re.search(r"--format <FORMAT>.*?Possible values:\n(.*?)\n\n", help_of(program, ("check",)), re.S).group(1)
    has = set(re.findall(r"^ +- ([a-z0-9.-]+):", section, re.M))
    for name in sorted(has ^ explained):
        yield f"docs/formats.md: the table of formats and the program differ in {name}"


def wheel(folder, program, version):
    """A wheel with the program, as `maturin build` makes one: the layout is that of the wheel format, PEP 427."""
    name = f"forebear-{version}"
    files = {
        f"{name}.data/scripts/forebear": program.read_bytes(),
        f"{name}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: forebear\nVersion: {version}\n".encode(),
        f"{name}.dist-info/WHEEL": b"Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: false\nTag: py3-none-any\n",
    }
    record = "".join(
        f"{path},sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()},{len(data)}\n"
        for path, data in files.items()
    )
    files[f"{name}.dist-info/RECORD"] = f"{record}{name}.dist-info/RECORD,,\n".encode()
    with zipfile.ZipFile(folder / f"{name}-py3-none-any.whl", "w") as archive:
        for path, data in files.items():
            info = zipfile.ZipInfo(path)
            # A regular file, and what anybody may do with it; pip makes executable what is so here.
            info.external_attr = (0o100755 if "scripts" in path else 0o100644) << 16
            archive.writestr(info, data)


def pages(named):
    if named:
        return [page.resolve() for page in named]
    arguments = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", "README.md", "docs/*.md"]
    names = support.must(*arguments).splitlines()
    return [support.ROOT / name for name in sorted(names) if (support.ROOT / name).is_file()]


def can_install():
    return support.run(sys.executable, "-c", "import ensurepip, venv").code == 0


def main():
    parser = support.parser(__doc__)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--program", type=pathlib.Path)
    parser.add_argument("pages", nargs="*", type=pathlib.Path, metavar="PAGE")
    options = parser.parse_args()
    check = support.Check("console blocks", options.require)
    program = (options.program or support.program()).resolve()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder).resolve()
        stories = support.stories(folder / "stories")
        version = support.must(program, "--version").split()[1]
        (folder / "wheels").mkdir()
        check.says("the program", "the table of formats", unexplained_formats(program))
        for page in pages(options.pages):
            name = page.relative_to(support.ROOT).as_posix()
            check.says("bash, Python and the program", f"what is only read in {name}", read_only(page, program))
            texts = blocks(page.read_text(encoding="utf-8"))
            shown = [line for block in texts if block.kind == "console" and not is_not_run(name, block) for line in block.lines]
            if not shown:
                continue
            installs = any(line.startswith(("$ pip ", "$ python3 -m venv ")) for line in shown)
            if installs and not can_install():
                check.skip(name, "this Python makes no virtual environments (python3-venv)")
                continue
            if installs and not any((folder / "wheels").iterdir()):
                wheel(folder / "wheels", program, version)
            place = folder / page.stem
            place.mkdir()
            sandbox = Sandbox(place, program, stories, folder / "wheels", installs)
            found, count = run_page(page, sandbox, options.update)
            sandbox.close()
            for one in found:
                print(one)
            check.failed += len(found)
            check.passed += count - len(found)
            print(f"{name}: {count} commands")
    return check.end()


if __name__ == "__main__":
    sys.exit(main())
