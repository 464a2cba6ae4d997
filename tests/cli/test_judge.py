"""`godwit judge`: recorded series of two sides become promote, hold or abort, as codes, table and JSON; bad input is one message."""

import json
import random
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from godwit.cli import main

JUDGE = """
id: canary
alpha: 0.01
metrics:
  - {id: latency, metric: latency, kind: distribution, worse: higher, tolerance: 20%, floor: 0,
     tail: p90, tail_tolerance: 100%, min_n: 200}
  - {id: errors, metric: failed, kind: count, worse: higher, tolerance: 0%, floor: 2, min_n: 200}
"""
COUNTS = """
id: c
alpha: 0.01
metrics: [{id: errors, metric: failed, kind: count, worse: higher, tolerance: 0%, floor: 0.1, min_n: 100}]
"""


def judge(folder: Path, *words: str, by: str = JUDGE) -> Result:
    (folder / "judge.yaml").write_text(by, encoding="utf-8")
    return CliRunner().invoke(main, ["judge", *words, "--by", str(folder / "judge.yaml")], catch_exceptions=False)


def requests(factor: float, failing: float = 0.0, n: int = 1000) -> list[tuple[str, int, float, int]]:
    """A line a request, sides in turn."""
    chance = random.Random(3)
    rows = []
    for number in range(2 * n):
        side = ("baseline", "candidate")[number % 2]
        is_candidate = number % 2
        value = chance.lognormvariate(3, 0.4) * (factor if is_candidate else 1.0)
        rows.append((side, number, round(value, 3), int(is_candidate and chance.random() < failing)))
    return rows


def wide(folder: Path, rows: list[tuple[str, int, float, int]]) -> str:
    path = folder / "requests.csv"
    path.write_text(
        "\n".join(["side,time,latency,failed", *(",".join(map(str, row)) for row in rows)]), encoding="utf-8"
    )
    return str(path)


def long(folder: Path, rows: list[tuple[str, int, float, int]]) -> str:
    path = folder / "long.csv"
    lines = [
        f"{side},{at},{name},{value}"
        for side, at, *two in rows
        for name, value in zip(("latency", "failed"), two, strict=True)
    ]
    path.write_text("\n".join(["arm,time,metric,value", *lines]), encoding="utf-8")
    return str(path)


def ranges(folder: Path, name: str, values: dict[str, list[str]], label: str = "side") -> str:
    """The answer of a range query, one value a minute."""
    series = [
        {"metric": {label: side}, "values": [[60 * at, value] for at, value in enumerate(each)]}
        for side, each in values.items()
    ]
    path = folder / f"{name}.json"
    path.write_text(
        json.dumps({"status": "success", "data": {"resultType": "matrix", "result": series}}), encoding="utf-8"
    )
    return str(path)


@pytest.mark.parametrize(
    ("factor", "failing", "word", "code"),
    [
        pytest.param(1.0, 0.0, "PROMOTE", 0, id="alike"),
        pytest.param(1.5, 0.0, "ABORT", 10, id="slower"),
        pytest.param(1.0, 0.1, "ABORT", 10, id="failing"),
        pytest.param(1.2, 0.0, "HOLD", 11, id="just as bad as allowed"),
    ],
)
def test_the_decision_is_printed_and_is_the_exit_code(tmp_path, factor, failing, word, code):
    ended = judge(tmp_path, wide(tmp_path, requests(factor, failing)))
    assert (ended.output.split()[0], ended.exit_code) == (word, code)


def test_the_long_form_says_the_same_as_the_wide_one(tmp_path):
    rows = requests(1.5)
    assert judge(tmp_path, wide(tmp_path, rows)).output == judge(tmp_path, long(tmp_path, rows)).output


def test_each_row_tells_statistic_n_interval_and_bound(tmp_path):
    line = judge(tmp_path, wide(tmp_path, requests(1.5))).output.splitlines()[3].split()
    assert line[:3] == ["latency", "abort", "1000/1000"]
    assert line[-2:] == ["20", "%"]


def test_looks_follow_the_series_as_it_grew_and_end_with_an_abort(tmp_path):
    ended = judge(tmp_path, wide(tmp_path, requests(1.8)), "--looks", "10", "--json")
    found = json.loads(ended.output)
    assert found["decision"] == "abort"
    assert [look["look"] for look in found["looks"]] == list(range(1, len(found["looks"]) + 1))
    assert len(found["looks"]) < 10
    assert [look["decision"] for look in found["looks"]][-1] == "abort"


def test_answers_of_range_queries_are_read_and_sides_told_by_a_label(tmp_path):
    failed = {"stable": ["1"] * 40, "canary": ["9"] * 40}
    asked = {"stable": ["100"] * 40, "canary": ["100"] * 40}
    sources = [
        f"{name}={ranges(tmp_path, name, values, 'track')}"
        for name, values in (("failed", failed), ("failed_n", asked))
    ]
    ended = judge(tmp_path, *sources, "--label", "track", "--baseline", "stable", "--candidate", "canary", by=COUNTS)
    assert ended.exit_code == 10
    assert "4000/4000" in ended.output


def test_one_side_may_have_more_counts_than_the_other(tmp_path):
    source = f"failed={ranges(tmp_path, 'failed', {'baseline': ['0'] * 30, 'candidate': ['1'] * 40})}"
    ended = judge(tmp_path, source, by=COUNTS.replace("min_n: 100", "min_n: 20"))
    assert (ended.exit_code, "30/40" in ended.output) == (10, True), ended.output


def test_a_url_is_asked_for_its_series(tmp_path, serve):
    path = ranges(tmp_path, "failed", {"baseline": ["0"] * 30, "candidate": ["1"] * 30})
    content = Path(path).read_bytes()
    server = serve(lambda seen: (200, {"Content-Type": "application/json"}, content))
    ended = judge(
        tmp_path, f"failed={server.url}/api/v1/query_range?query=x", by=COUNTS.replace("min_n: 100", "min_n: 20")
    )
    assert ended.exit_code == 10, ended.output


def test_a_value_that_is_missing_keeps_from_promoting(tmp_path):
    rows = requests(1.0)
    rows[7] = (*rows[7][:2], float("nan"), 0)
    ended = judge(tmp_path, wide(tmp_path, rows))
    assert ended.exit_code == 11
    assert "missing" in ended.output


def test_a_plan_serves_as_a_judge(tmp_path):
    ended = CliRunner().invoke(
        main, ["judge", wide(tmp_path, requests(1.0)), "--by", "migrations/orchestration_v2/plan.yaml"]
    )
    assert ended.exit_code == 4
    assert "name one with --judge; it has first-users, more-users" in ended.output


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param("", "the header names nothing", id="empty"),
        pytest.param("a,b\n1,2\n", "the header names a, b", id="no sides"),
        pytest.param("side,time,latency,failed\nbaseline,1,x,0\n", "2: 'x' is no number", id="no number"),
        pytest.param("side,time,latency,failed\nbaseline,soon,1,0\n", "2: 'soon' is no time", id="no time"),
        pytest.param("side,time,latency,failed\nbaseline,1,2\n", "another number of columns", id="short line"),
        pytest.param("side,time,latency,failed\nbaseline,1,2,0\n", "no series of 'candidate'; the series name baseline", id="one side"),
        pytest.param("side,time,speed\nbaseline,1,2\ncandidate,1,2\n", "no values of 'latency'", id="other metric"),
        pytest.param('{"status": "error"}', "no answer of a Prometheus range query", id="no range"),
        pytest.param('{"status": "success", "data": {"resultType": "vector", "result": []}}', "gives a matrix", id="vector"),
    ],
)  # fmt: skip
def test_bad_series_are_one_clear_message(tmp_path, content, said):
    path = tmp_path / "series"
    path.write_text(content, encoding="utf-8")
    ended = judge(tmp_path, str(path))
    assert ended.exit_code == 4
    assert ended.output.startswith("godwit: ")
    assert said in ended.output


@pytest.mark.parametrize(
    ("by", "said"),
    [
        pytest.param("a: b", "no judge; it has none; write id, alpha and metrics", id="no judge"),
        pytest.param(JUDGE.replace("alpha: 0.01", "alpha: 2"), "alpha", id="alpha"),
        pytest.param("a: [", "neither JSON nor YAML", id="no document"),
    ],
)
def test_bad_rules_are_one_clear_message(tmp_path, by, said):
    ended = judge(tmp_path, wide(tmp_path, requests(1.0, n=3)), by=by)
    assert ended.exit_code == 4
    assert said in ended.output


@pytest.mark.parametrize(
    ("source", "said"),
    [
        pytest.param("no-such-file.csv", "no-such-file.csv: No such file or directory", id="no file"),
        pytest.param("http://example.org/x", "allow it with --allow example.org", id="another host"),
        pytest.param("http://127.0.0.1:1/x", "not 200 with series", id="nobody there"),
    ],
)
def test_a_source_that_cannot_be_read_is_one_clear_message(tmp_path, source, said):
    ended = judge(tmp_path, source)
    assert ended.exit_code == 4
    assert said in ended.output
