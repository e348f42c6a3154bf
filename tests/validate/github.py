"""GitHub annotations: read by the rules of the runner, and written anew by the tool with which actions write them."""

import json
import re
import sys

import reports
from reports import support

# What the runner obeys besides lines that begin with `::`: the older form, wherever it stands on any other line.
OLDER = "##["
# The commands that it knows and that forebear has no use for.
OTHERS = "add-mask|add-path|set-env|set-output|save-state|stop-commands|echo|debug|group|endgroup|add-matcher|remove-matcher"


def unescape(text, more=()):
    for code, character in (*more, ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        text = text.replace(code, character)
    return text


def read(line):
    """One line as the runner reads it: command, properties, message; None for a line that it only prints.

    Source: ActionCommand.TryParseV2 and UnescapeProperty of the runner."""
    line = line.lstrip()
    if not line.startswith("::"):
        return None
    end = line.find("::", 2)
    if end < 0:
        return None
    command, _, rest = line[2:end].partition(" ")
    properties = {}
    for pair in filter(None, (pair.strip() for pair in rest.split(","))):
        key, _, value = pair.partition("=")
        properties[key] = unescape(value, (("%3A", ":"), ("%2C", ",")))
    return command, properties, unescape(line[end + 2 :])


def errors(path, annotations):
    counts = {}
    for line in path.read_bytes().decode("utf-8").removesuffix("\n").split("\n"):
        found = read(line)
        if found is None:
            yield f"no command: {line[:200]}"
            continue
        command, properties, message = found
        counts[command] = counts.get(command, 0) + 1
        annotations.append((line, command, properties, message))
        if command not in ("error", "warning", "notice"):
            yield f"the command {command}"
        if not set(properties) <= {"title", "file", "line", "endLine"} or not properties.get("title", "").startswith("forebear"):
            yield f"the properties {properties}"
        if not message.strip():
            yield f"no message: {line[:200]}"
        if properties.get("file", "x").startswith(("/", "..")) or not properties.get("file", "x"):
            yield f"a file elsewhere: {properties['file']}"
        if re.search("[\r\x1b\u202e]", line):
            yield f"control characters: {line[:200]!r}"
    for command, count in counts.items():
        if count > 10:
            yield f"{count} of {command}; ten are shown"


PROGRAM = """
import * as core from "@actions/core";
import { readFileSync } from "node:fs";
for (const [command, properties, message] of JSON.parse(readFileSync(process.argv[2], "utf8"))) {
  const { title, file, line, endLine } = properties;
  const number = (text) => (text === undefined ? undefined : Number(text));
  core[command](message, { title, file, startLine: number(line), endLine: number(endLine) });
}
"""


def main():
    check = reports.check("github", __doc__)
    annotations = []
    print("validator: the runner's rules, in this script")
    for path in reports.written("github")["github"]:
        check.says("the runner's rules", path.name, errors(path, annotations))
    forged = [line for line, *_ in annotations if re.match(rf"\s*::({OTHERS})\b", line)]
    check.says("the runner's rules", "commands of others", forged)
    made = support.node_with(check, "@actions/core")
    if made is None:
        return check.end()
    modules, version = made.modules, made.versions
    print(f"validator: {version}, which writes every annotation anew")
    # Beside the modules, where node looks for them.
    program, data = modules.parent / "annotations.mjs", modules.parent / "annotations.json"
    program.write_text(PROGRAM, encoding="utf-8")
    data.write_text(json.dumps([rest for _, *rest in annotations]), encoding="utf-8")
    done = support.run("node", program, data)
    lines = done.text.removesuffix("\n").split("\n")
    differ = [f"{ours[:200]} / {theirs[:200]}" for (ours, *_), theirs in zip(annotations, lines) if ours != theirs]
    if done.code or len(lines) != len(annotations):
        differ.append(f"{len(lines)} lines of {len(annotations)}: {done.text[-300:]}")
    check.says(version, f"{len(annotations)} annotations", differ)
    return check.end()


if __name__ == "__main__":
    sys.exit(main())
