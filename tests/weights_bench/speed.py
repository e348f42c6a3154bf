"""Time and memory of whole runs of the program: a model of 1 GiB, and fingerprints of models of 80 layers.

Times are processor time (user and system) and time on the clock, medians of several runs; memory is the greatest resident set of a run. Beside
them stands a plain read of the same file in the same session, one run of each kind after the other, so that what else the machine does falls
on all of them alike.
"""

import os
import platform
import re
import statistics
import struct
import subprocess
import time

import support
from weights_bench import pages

RUNS = 9
MIB = 1 << 20
# A Llama of bf16: width, keys and values, inner width, layers, tokens. 1.0 GiB.
WIDTH, KEYS, INNER, LAYERS, TOKENS = 2048, 512, 5632, 11, 20_000
# The goals of the project: seconds of processor time, bytes a second, bytes.
SKETCH, NORMS, MEMORY, PAIR, MANY = 0.050, 1.5 * (1 << 30), 200 * MIB, 0.3, 1.0
KINDS = {
    "read": "plain read (cat)",
    "sketch": "--no-digests",
    "norms": "--no-digests --column-norms",
    "digests": "digests",
    "all": "digests, --column-norms",
}


def measure(bench):
    """Measures all kinds of fingerprints, and comparisons."""
    if bench.numpy is None or not hasattr(os, "wait4"):
        return bench.check.skip("speed", "this system does not tell what a process took") if bench.numpy else None
    file = llama(bench.numpy, bench.folder("speed") / "model.safetensors")
    out = bench.folder("speed") / "model.print"
    program = [bench.forebear, "fingerprint", file, "--output", out]
    commands = {
        "read": ["cat", file],
        "sketch": [*program, "--no-digests"],
        "norms": [*program, "--no-digests", "--column-norms"],
        "digests": program,
        "all": [*program, "--column-norms"],
    }
    runs = {kind: [] for kind in commands}
    for _ in range(RUNS):
        for kind, command in commands.items():
            runs[kind].append(run(command))
    size = file.stat().st_size
    result = {
        "forebear": bench.version,
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
        "bytes": size,
        "runs": RUNS,
        "fingerprints": {kind: medians(taken) for kind, taken in runs.items()},
        "comparisons": comparisons(bench),
    }
    goals(bench.check, result)
    return result


def llama(numpy, file):
    """A Llama-shaped model of random weights, the same whenever it is made."""
    shapes = {"model.embed_tokens.weight": (TOKENS, WIDTH), "model.norm.weight": (WIDTH,)}
    for layer in range(LAYERS):
        for part, shape in {
            "input_layernorm": (WIDTH,),
            "post_attention_layernorm": (WIDTH,),
            "self_attn.q_proj": (WIDTH, WIDTH),
            "self_attn.k_proj": (KEYS, WIDTH),
            "self_attn.v_proj": (KEYS, WIDTH),
            "self_attn.o_proj": (WIDTH, WIDTH),
            "mlp.gate_proj": (INNER, WIDTH),
            "mlp.up_proj": (INNER, WIDTH),
            "mlp.down_proj": (WIDTH, INNER),
        }.items():
            shapes[f"model.layers.{layer}.{part}.weight"] = shape
    entries, at = [], 0
    for name, shape in shapes.items():
        length = 2 * int(numpy.prod(shape))
        numbers = ",".join(str(size) for size in shape)
        entries.append(f'"{name}":{{"dtype":"BF16","shape":[{numbers}],"data_offsets":[{at},{at + length}]}}')
        at += length
    header = ("{" + ",".join(entries) + "}").encode()
    header += b" " * (-len(header) % 8)
    if file.is_file() and file.stat().st_size == 8 + len(header) + at:
        return file
    with file.open("wb") as out:
        out.write(struct.pack("<Q", len(header)) + header)
        for number, shape in enumerate(shapes.values()):
            random = numpy.random.default_rng(number)
            values = random.standard_normal(shape, dtype="f4")
            values = values * numpy.float32(0.1) + 1 if len(shape) == 1 else values * numpy.float32(0.02)
            # The upper half of a 32-bit float is a bf16.
            out.write((values.view("u4") >> 16).astype("<u2").tobytes())
    return file


def run(command):
    """Processor seconds, seconds on the clock and the greatest resident set of one run."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        [str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=support.environment()
    )
    _, status, used = os.wait4(process.pid, 0)
    taken = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        support.sys.exit(f"{' '.join(map(str, command))} ended with {process.returncode}")
    # Linux tells kibibytes, macOS bytes.
    memory = used.ru_maxrss * (1 if platform.system() == "Darwin" else 1024)
    return {"cpu": used.ru_utime + used.ru_stime, "wall": taken, "memory": memory}


def medians(runs):
    """The median of each figure, and the least processor time."""
    found = {key: statistics.median(one[key] for one in runs) for key in ("cpu", "wall", "memory")}
    return {"cpu": round(found["cpu"], 4), "wall": round(found["wall"], 4), "memory": int(found["memory"])} | {
        "least_cpu": round(min(one["cpu"] for one in runs), 4)
    }


def comparisons(bench):
    """Two fingerprints of 80 layers by the program; one against 500 by the example, which prints its time on the clock."""
    folder = bench.folder("speed")
    base = ("cargo", "run", "--quiet", "--locked", "--release", "--package", "forebear-weights", "--example", "compare_speed", "--")
    many = []
    for _ in range(RUNS):
        text = support.must(*base, folder)
        many.append([float(found) for found in re.findall(r"one against 500, \d thread\(s\): ([0-9.]+) s", text)])
    pair = [run([bench.forebear, "compare", folder / "suspect.print", folder / "base.print", "--format", "json"]) for _ in range(RUNS)]
    said = bench.compare(folder / "suspect.print", folder / "base.print")
    return {
        "bytes": (folder / "base.print").stat().st_size,
        "pair": medians(pair),
        "verdict": said["verdict"],
        "least_p": min(group["p"] for group in said["groups"]),
        "many": {threads: round(statistics.median(times), 4) for threads, times in zip(("1", "2"), zip(*many))},
    }


def goals(check, result):
    """The goals. What is counted is processor time: it does not grow with what else the machine does."""
    found, size = result["fingerprints"], result["bytes"]
    check.expect(size >= 1 << 30, "the model has 1 GiB", size)
    check.expect(found["sketch"]["cpu"] <= SKETCH, f"a sketch takes at most {SKETCH * 1000:.0f} ms of processor time", found["sketch"])
    rate = size / (found["norms"]["cpu"] - found["sketch"]["cpu"])
    check.expect(rate >= NORMS, "column norms take a second of processor time for 1.5 GiB", f"{rate / (1 << 30):.2f} GiB/s")
    for kind, figures in found.items():
        check.expect(figures["memory"] <= MEMORY, f"{KINDS[kind]}: at most 200 MiB of memory", figures)
    told = result["comparisons"]
    check.expect(told["verdict"] == "shared-weights" and told["least_p"] <= 1e-6, "two of 80 layers: p to one in a million", told)
    check.expect(told["pair"]["cpu"] <= PAIR, f"two of 80 layers: at most {PAIR} s of processor time", told["pair"])
    check.expect(told["many"]["1"] <= MANY, f"one against 500: at most {MANY} s", told["many"])


def tables(result):
    """Fingerprints, and comparisons."""
    read = result["fingerprints"]["read"]
    rows = []
    for kind, figures in result["fingerprints"].items():
        rate = result["bytes"] / figures["cpu"] / (1 << 30)
        rows.append([
            KINDS[kind],
            f"{figures['cpu'] * 1000:,.0f} ms",
            f"{figures['cpu'] / read['cpu']:.2f}",
            f"{figures['wall'] * 1000:,.0f} ms",
            f"{figures['wall'] / read['wall']:.2f}",
            f"{rate:.1f} GiB/s" if kind not in {"sketch"} else "–",
            f"{figures['memory'] / MIB:.0f} MiB",
        ])
    head = [f"{result['bytes'] / (1 << 30):.2f} GiB, bf16", "processor", "of a read", "clock", "of a read", "rate by processor", "memory"]
    told = result["comparisons"]
    others = [
        ["two of 80 layers, p to 10⁻⁶, whole run", f"{told['pair']['cpu'] * 1000:,.0f} ms", f"{told['pair']['wall'] * 1000:,.0f} ms"],
        ["one of 80 layers against 500, one thread", "", f"{told['many']['1'] * 1000:,.0f} ms"],
        ["one of 80 layers against 500, two threads", "", f"{told['many']['2'] * 1000:,.0f} ms"],
    ]
    return {
        "speed": pages.table(head, rows),
        "speed-comparisons": pages.table(["fingerprints", "processor", "clock"], others),
    }
