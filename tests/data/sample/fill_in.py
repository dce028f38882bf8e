"""Fills in two error workbooks of the sample, with openpyxl and LibreOffice.

Run from this folder: python3 fill_in.py ../../../target/release/baosong. It runs September and October of
sample-input/large-credit and writes returned/. What is corrected, against expected-findings.csv of the sample:

150112  LOAN-AMT-008            1501122026163492  balance 0.06 instead of 600 (10,000 yuan)
        LOAN-AMT-009, -SCP-001  1501122025163603  amount 320, below the line; 690 in September
        LOAN-REQ-LOAN_TYPE      1501122025163529  loan type blank
        RDC-DOC-003             150112LS2525978   document type 12 with a credit code
        GTY-DOC-005             the same with a guarantor
        RDP-REQ-ADDRESS         150112LS2526020   address blank
150109  LOAN-DAT-002, -DAT-005  1501092026148914  due before it was disbursed
        LOAN-STA-001            1501092024152096  paid off, with a balance
        LOAN-DAT-005            1501092025151134  due the day before the end of the month: explained
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
SAMPLE = HERE.parents[2] / "sample-input/large-credit"
sys.path.insert(0, str(HERE.parent / "fix"))

from generate import MARK, Returned, reverse  # noqa: E402

OUT = HERE / "returned"
RECORD, RULE = 8, 12


def line_of(book, rule, record=""):
    """Number of the first finding by `rule` about a record whose key holds `record`."""
    for row in book.list.iter_rows(min_row=2, values_only=True):
        if str(row[RULE - 1]).startswith(rule) and any(record in str(cell) for cell in row):
            return row[0]
    raise KeyError(rule)


def main(program):
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir()
    with tempfile.TemporaryDirectory() as folder:
        for period in ("2026-09", "2026-10"):
            command = [program, "run", str(SAMPLE / period), "--out", f"{folder}/out", "--ledger", f"{folder}/l.db"]
            subprocess.run([*command, "-q"], check=False)
        first(Returned(f"{folder}/out/2026-10/errors/150112-石门社部.xlsx"))
        second(Returned(f"{folder}/out/2026-10/errors/150109-清泉社部.xlsx"), folder)


def first(book):
    """In the list, whose lines are then sorted the other way round."""
    answers = [
        ("LOAN-AMT-008", "1501122026163492", "600"),
        ("LOAN-AMT-009", "1501122025163603", "690"),
        ("LOAN-REQ-LOAN_TYPE", "1501122025163529", "1"),
        ("RDC-DOC-003", "150112LS2525978", "1"),
        ("GTY-DOC-005", "", "1"),
        ("RDP-REQ-ADDRESS", "150112LS2526020", "示例旗石门镇"),
    ]
    for rule, record, value in answers:
        book.answer(line_of(book, rule, record), "已更正", value)
    reverse(book.list, MARK)
    book.save_to(OUT / "150112-石门社部.xlsx")


def second(book, folder):
    """In cells and in the list; then saved by LibreOffice."""
    book.answer(line_of(book, "LOAN-DAT-002", "1501092026148914"), "已更正", "2027-01-09")
    book.answer(line_of(book, "LOAN-STA-001", "1501092024152096"), "已更正", "1")
    book.answer(line_of(book, "LOAN-DAT-005", "1501092025151134"), "情况属实并说明", text="次日已收回")
    book.list.title = "清单"
    source = pathlib.Path(folder) / "150109-清泉社部.xlsx"
    book.save_to(source)
    command = ["soffice", "--headless", "--convert-to", "xlsx", "--outdir", str(OUT), str(source)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


main(sys.argv[1])
