"""Compares how one command line ended on both sides: exit code, output, files; judges nothing that the baseline did not do."""

import signal
from collections.abc import Sequence
from fnmatch import fnmatchcase
from re import search

from godwit.checks.answers import compare_answers
from godwit.checks.differences import grouped, verdict_on
from godwit.checks.help_texts import vanished
from godwit.checks.json_text import parse_json, shown
from godwit.checks.text_noise import by_digits
from godwit.checks.text_rules import TextRules
from godwit.checks.texts import Keyed, compare_texts
from godwit.plan import CommandLine, Normaliser
from godwit.verdict import Answer, Ended, Finding, Judgement, inconclusive

_ABSENT = "(absent)"
Parts = dict[str, str]


def compare_commands(
    command: CommandLine, baseline: Sequence[Ended], candidate: Ended, normalisers: Sequence[Normaliser]
) -> Judgement:
    """Compare one run of the candidate with one or more of the baseline, part by part.

    Parts are `exit`, `stdout`, `stderr` and the names of files. JSON is compared as JSON under `normalisers`, other text by
    lines. With several runs of the baseline, what differs between them is compared by its shape. A baseline that did not
    end as the plan says, or whose own runs end differently, is inconclusive.
    """
    if why := _unusable(command, baseline):
        return inconclusive(why)
    if candidate.timed_out:
        late = Finding("did not end", "exit", f"ended with {baseline[0].exit}", f"killed after {command.timeout_s:g} s")
        return verdict_on([late], 1, "command line(s)")
    if command.help:
        return _help(command, baseline[0], candidate)
    rules = TextRules(command.normalise)
    sides = [_parts(run, rules) for run in (*baseline, candidate)]
    keyed = [*_exit(baseline[0], candidate), *_cut(candidate)]
    found, noise = _compared(sides[:-1], sides[-1], normalisers)
    left, allowed = _allow([*keyed, *found], command)
    notes = [rules.told(), f"noise of the baseline: {'; '.join(noise)}" if noise else "", allowed]
    return verdict_on(grouped(left), len(sides[0]) + 1, "part(s)", note="; ".join(filter(None, notes)))


def _unusable(command: CommandLine, runs: Sequence[Ended]) -> str:
    """Why the baseline's runs prove nothing; empty if they do."""
    first = runs[0]
    if any(run.timed_out for run in runs):
        return f"the baseline did not end within {command.timeout_s:g} s"
    if first.exit != command.exit:
        said = (first.stderr or first.stdout)[-300:].strip()
        return f"the baseline {_ending(first.exit)}, and the plan says {command.exit}: {said}"
    if len({run.exit for run in runs}) > 1:
        return f"the baseline ends now with {first.exit}, now with {next(run.exit for run in runs if run.exit != first.exit)}"
    if cut := next((run.cut for run in runs if run.cut), ()):
        return f"what the baseline wrote is too large to be compared whole: {', '.join(cut)}"
    if command.files and not first.files:
        return f"the baseline wrote no file that {', '.join(command.files)} means"
    return ""


def _ending(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    known = {each.value: each.name for each in signal.Signals}
    return f"was ended by {known.get(-code, f'signal {-code}')}"


def _exit(baseline: Ended, candidate: Ended) -> list[Keyed]:
    if baseline.exit == candidate.exit:
        return []
    said = (candidate.stderr or candidate.stdout).strip().splitlines()[-1:]
    reason = f"it said: {said[0][:160]}" if said else ""
    return [("exit", Finding("exit code", "exit", _ending(baseline.exit), _ending(candidate.exit), reason))]


def _cut(candidate: Ended) -> list[Keyed]:
    return [(name, Finding("too large", name, "kept whole", "cut")) for name in candidate.cut]


def _help(command: CommandLine, baseline: Ended, candidate: Ended) -> Judgement:
    findings, n, new = vanished(baseline.stdout + baseline.stderr, candidate.stdout + candidate.stderr)
    if n == 0:
        return inconclusive("the baseline's help offers no option, subcommand or choice that could be read")
    keyed: list[Keyed] = [*_exit(baseline, candidate), *((finding.where, finding) for finding in findings)]
    left, allowed = _allow(keyed, command)
    notes = [f"new: {', '.join(new)}" if new else "", allowed]
    return verdict_on(grouped(left), n, "offer(s) of the help", note="; ".join(filter(None, notes)))


def _parts(run: Ended, rules: TextRules) -> Parts:
    """Everything that a run said and wrote as text, by name, rules applied; bytes that are no text are written out."""
    texts = {"stdout": run.stdout, "stderr": run.stderr}
    texts |= {f"file {name}": content.decode(errors="backslashreplace") for name, content in run.files}
    return dict(zip(texts, rules.of_one_run(list(texts.values()), run.places), strict=True))


def _compared(
    runs: Sequence[Parts], candidate: Parts, normalisers: Sequence[Normaliser]
) -> tuple[list[Keyed], list[str]]:
    steady = set.intersection(*(set(run) for run in runs))
    if any(set(run) != steady for run in runs):
        runs, candidate = [_renamed(run, steady) for run in runs], _renamed(candidate, steady)
    always = set.intersection(*(set(run) for run in runs))
    ever = set.union(*(set(run) for run in runs))
    found: list[Keyed] = [
        ("missing", Finding("file missing", name.removeprefix("file "), name.removeprefix("file "), _ABSENT))
        for name in sorted(always - candidate.keys())
    ]
    found += [
        ("extra", Finding("file extra", name.removeprefix("file "), _ABSENT, name.removeprefix("file ")))
        for name in sorted(candidate.keys() - ever)
    ]
    both = [name for name in runs[0] if name in always and name in candidate]
    json_names = [name for name in both if all(_is_json(side[name]) for side in (*runs, candidate))]
    quiet = [name for name in json_names if all(not _json([name], runs[0], run, normalisers) for run in runs[1:])]
    found += _json(quiet, runs[0], candidate, normalisers)
    noise: list[str] = []
    for name in (name for name in both if name not in quiet):
        way = _leaves if name in json_names else str
        keyed, told = compare_texts(name.removeprefix("file "), [way(run[name]) for run in runs], way(candidate[name]))
        found += keyed
        noise += [f"{name}: {told}"] * bool(told)
    return found, noise


def _renamed(run: Parts, steady: set[str]) -> Parts:
    """The parts, files with a name of their own in each run by the shape of their names."""
    return {(name if name in steady else by_digits(name)): text for name, text in run.items()}


def _is_json(text: str) -> bool:
    try:
        return isinstance(parse_json(text), dict | list)
    except ValueError:
        return False


def _json(names: Sequence[str], one: Parts, other: Parts, normalisers: Sequence[Normaliser]) -> list[Keyed]:
    """Differences of JSON parts; ids that each side made are matched over all of them."""
    if not names:
        return []
    baseline, candidate = (
        [Answer(name, 200, (("content-type", "application/json"),), side[name].encode()) for name in names]
        for side in (one, other)
    )
    judgement = compare_answers("", baseline, candidate, normalisers, (), ())
    return [((name, it.what, it.where), it) for name, it in (_placed(it, names) for it in judgement.findings)]


def _placed(finding: Finding, names: Sequence[str]) -> tuple[str, Finding]:
    """A finding whose place begins with the name of its part, not with its index."""
    index, _, rest = finding.where.removeprefix("/").partition("/") if len(names) > 1 else ("0", "", finding.where[1:])
    name = names[int(index)]
    label = name.removeprefix("file ")
    examples = tuple(f"{label}{where[len(index) + 1 :] if len(names) > 1 else where}" for where in finding.examples)
    where = f"{label}/{rest}" if rest else label
    return name, Finding(
        finding.what, where, finding.baseline, finding.candidate, finding.reason, finding.count, examples
    )


def _leaves(text: str) -> str:
    """A JSON text as one line for each leaf, with its pointer, so that noise in it can be told by lines."""
    lines: list[str] = []
    waiting = [("", parse_json(text))]
    while waiting:
        place, value = waiting.pop(0)
        if isinstance(value, dict) and value:
            waiting += [(f"{place}/{key}", item) for key, item in value.items()]
        elif isinstance(value, list) and value:
            waiting += [(f"{place}/{index}", item) for index, item in enumerate(value)]
        else:
            lines.append(f"{place}: {shown(value)}\n")
    return "".join(sorted(lines))


def _allow(keyed: Sequence[Keyed], command: CommandLine) -> tuple[list[Keyed], str]:
    """What no intended difference covers, and what is to be said about the intended ones."""
    left: list[Keyed] = []
    fired: set[int] = set()
    for key, finding in keyed:
        covering = {index for index, it in enumerate(command.allowed) if _covers(it.at, it.like, finding)}
        fired |= covering
        if not covering:
            left.append((key, finding))
    quiet = [it.at for index, it in enumerate(command.allowed) if index not in fired]
    count = len(keyed) - len(left)
    notes = [f"{count} allowed"] * bool(count) + [f"allowance never needed: {', '.join(quiet)}"] * bool(quiet)
    return left, "; ".join(notes)


def _covers(at: str, like: str | None, finding: Finding) -> bool:
    place = finding.where.partition(":")[0]
    here = fnmatchcase(place, at) or fnmatchcase(place, f"{at}/*")
    return here and (like is None or any(search(like, text) for text in (finding.baseline, finding.candidate)))
