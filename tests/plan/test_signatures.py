"""A signature counts only if it is whole."""

import datetime as dt
from pathlib import Path

import pytest

from godwit.plan import read_signed
from godwit.verdict import PlanError

WHOLE = "id: survey\nstatement: Users are content.\nby: R. Example\nrole: Product\ndate: 2025-03-10\nevidence: survey of 40 users\n"


def test_a_whole_signature_is_read(tmp_path: Path) -> None:
    path = tmp_path / "survey.yaml"
    path.write_text(WHOLE + "sample: true\n", encoding="utf-8")
    signed = read_signed(path)
    assert (signed.id, signed.by, signed.date, signed.sample) == ("survey", "R. Example", dt.date(2025, 3, 10), True)


def test_an_unsigned_attestation_is_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_signed(tmp_path / "survey.yaml")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            WHOLE.replace("by: R. Example\n", ""),
            "'by' is missing; needed here: id, statement, by, role, date, evidence",
        ),
        (WHOLE.replace("R. Example", ""), "by: nothing is written here"),
        (WHOLE.replace("R. Example", "''"), "by: this text is empty"),
        (WHOLE.replace("2025-03-10", "soon"), "date: 'soon' is not a date such as 2025-03-14"),
        (WHOLE.replace("2025-03-10", "2025-03-10T12:00:00Z"), "date: '2025-03-10T12:00:00Z' is not a date"),
        (WHOLE + "signed: yes\n", "no word 'signed' here"),
        ("signed\n", "the file is not a mapping of words to values"),
    ],
    ids=["no-name", "nothing", "empty", "no-date", "a-time", "another-word", "a-word"],
)
def test_half_a_signature_is_refused(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "survey.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PlanError) as refused:
        read_signed(path)
    assert says in str(refused.value)
