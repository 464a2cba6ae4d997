"""Whether secrets are read with their key only, are private, and lie nowhere in plain; no finding shows a secret."""

from collections.abc import Mapping, Sequence

from godwit.checks.differences import cut, grouped, verdict_on
from godwit.checks.path_patterns import first_of, means
from godwit.verdict import FileEntry, Finding, Judgement, Opening, PlainSecret, inconclusive

_OTHERS = 0o077


def judge_opened(tries: Sequence[Opening]) -> Judgement:
    """Judge that each secret is read exactly as it was."""
    wrong = []
    for it in tries:
        if it.ended.timed_out or it.ended.exit != 0:
            said = cut((it.ended.stderr or it.ended.stdout).strip()[-300:])
            ended = "it did not end in time" if it.ended.timed_out else f"exit code {it.ended.exit}"
            wrong.append((ended, Finding("secret cannot be read", it.key, "", ended, said)))
        elif not it.same:
            what = "secret is read with something around it" if it.spilled else "secret is another one now"
            sign = "of no length" if not it.ended.stdout.strip() else f"{len(it.ended.stdout.strip())} characters"
            wrong.append((what, Finding(what, it.key, "as it was", sign)))
    return verdict_on(grouped(wrong), len(tries), "secrets")


def judge_shut(tries: Sequence[Opening]) -> Judgement:
    """Judge that no secret is read without its key or with another: the command fails and prints nothing of it.

    The first tries, with the right key on a copy (`how` is empty), must succeed, or the others tell nothing.
    """
    control = [it for it in tries if not it.how]
    if not control or not all(it.same for it in control):
        return inconclusive("a copy of the store cannot be read with its own key, so nothing is told by those without")
    wrong = []
    for it in tries:
        if not it.how:
            continue
        if it.spilled:
            wrong.append((("spilled", it.how), Finding(f"secret is read {it.how}", it.key, "refused", "printed")))
        elif it.ended.timed_out:
            wrong.append((("late", it.how), Finding(f"did not end {it.how}", it.key, "refused", "killed")))
        elif it.ended.exit == 0:
            wrong.append((("taken", it.how), Finding(f"not refused {it.how}", it.key, "an exit code", "exit code 0")))
    return verdict_on(grouped(wrong), len(tries) - len(control), "tries without the key")


def judge_private(entries: Mapping[str, FileEntry], private: Sequence[str]) -> Judgement:
    """Judge that nobody but the owner may read or write what is private; a pattern that means nothing is inconclusive."""
    idle = [pattern for pattern in private if not any(means(pattern, path) for path in entries)]
    if idle:
        return inconclusive(f"nothing lies where private points: {', '.join(idle)}")
    mine = {path: it for path, it in entries.items() if first_of(private, path) and it.kind != "link"}
    wrong = [
        ((it.kind, it.mode), Finding("open to others", path, "its owner only", f"{it.mode:04o}", f"{it.kind}s"))
        for path, it in mine.items()
        if it.mode & _OTHERS
    ]
    return verdict_on(grouped(wrong), len(mine), "private files and folders")


def judge_plain(hits: Sequence[PlainSecret], files: int, secrets: Sequence[str]) -> Judgement:
    """Judge that none of the secrets (by name) was found in plain in so many files."""
    if not secrets:
        return inconclusive("no secret to look for")
    wrong = [
        ((it.key, it.spelling), Finding("secret in plain", it.path, "nowhere", f"{it.key}, {it.spelling}"))
        for it in hits
    ]
    return verdict_on(grouped(wrong), files, "files", note=f"looked for {len(secrets)} secret(s)")
