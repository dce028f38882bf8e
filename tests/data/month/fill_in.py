"""Fills in the error workbooks of a month as the officers of three units do, with openpyxl and LibreOffice, independent of
the program.

Run from this folder: python3 fill_in.py ../../../target/release/baosong (needs openpyxl and soffice). It goes through the
month as docs/month.md tells it, in a temporary copy, and writes returned/. The files are committed; the tests only read
them.

What is wrong in the files of October, worked out when they were written:

150102  LOAN-RAT-001            1501022026137407    rate -1, as in September (should be 4.43)
        LOAN-SCP-001, -AMT-003, -AMT-009  1501022024137370  amount 430, balance 588.72, 830 in September
        LOAN-COD-BUSINESS_TYPE  1501022026137888    code 77 (should be 1)
        LOAN-AMT-001            1501022026137925    amount 0 (should be 2400)
        CUST-REP-001            91150103MA1PFPEL2Q  representative's document, check digit (should end in 6)
        CUST-AMT-001, -FIN-002  91150428MA1KRYDR0E  total assets 0, 9119.55 in September
150103  LOAN-DAT-002, -DAT-005  1501032025142402    due 2025-10-01, before it was disbursed (should be 2028-10-11)
        CUST-DOC-004            91150428MA0HH73DXK  credit code, check digit (should end in K)
        LOAN-SCP-001, CUST-SCP-001  1501032026142883, 150103281660516  a loan of 4.6 million yuan: true, as in September
150104  nothing; it hands in late (later/)
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "fix"))

from generate import MARK, Returned, reverse  # noqa: E402

OUT = HERE / "returned"


class Month:
    """The month gone through in a copy of this folder."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder / "month"
        shutil.copytree(HERE, self.folder)

    def baosong(self, *arguments):
        command = [self.program, *map(str, arguments), "--ledger", "union.db", "-q"]
        subprocess.run(command, check=False, cwd=self.folder)

    def issued(self, period, unit):
        return Returned(self.folder / f"out/{period}/errors/{unit}.xlsx")

    def back(self, book, folder, unit):
        (OUT / folder).mkdir(parents=True, exist_ok=True)
        book.save_to(OUT / folder / f"{unit}.xlsx")


def line_of(book, rule):
    """Number of the one finding by `rule`: the first column of the list, found in any of its columns."""
    rows = book.list.iter_rows(min_row=2, values_only=True)
    (number,) = [row[0] for row in rows if any(str(cell).startswith(rule) for cell in row)]
    return number


def main(program):
    shutil.rmtree(OUT, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        month = Month(str(pathlib.Path(program).resolve()), pathlib.Path(folder))
        september(month)
        october(month)


def september(month):
    month.baosong("run", "2026-09")
    book = month.issued("2026-09", "150102-城关社部")
    book.answer(line_of(book, "LOAN-RAT-001"), "已更正", "4.43")
    month.back(book, "2026-09", "150102-城关社部")
    book = month.issued("2026-09", "150103-东河社部")
    for rule in ("LOAN-SCP-001", "CUST-SCP-001"):
        book.answer(line_of(book, rule), "情况属实并说明", text="联社要求报送，按贷款合同460万元")
    month.back(book, "2026-09", "150103-东河社部")
    month.baosong("fix", "2026-09", *sorted((OUT / "2026-09").iterdir()))


def october(month):
    month.baosong("run", "2026-10")
    excel(month.issued("2026-10", "150102-城关社部"), month)
    libreoffice(month.issued("2026-10", "150103-东河社部"), month)
    month.baosong("fix", "2026-10", *sorted((OUT / "2026-10").iterdir()))
    # A unit's first files and a whole new file of another; then the workbook issued for what is left.
    later = month.folder / "later"
    shutil.copytree(later / "submissions", month.folder / "2026-10/submissions", dirs_exist_ok=True)
    shutil.copy(later / "receipts.csv", month.folder / "2026-10")
    month.baosong("run", "2026-10")
    book = month.issued("2026-10", "150102-城关社部")
    book.cell("贷款明细", "1501022026137925", "贷款金额(万元)").value = 2400
    book.cell("客户基本信息", "91150103MA1PFPEL2Q", "法定代表人证件号码").value = "150103198010085006"
    month.back(book, "2026-10-second", "150102-城关社部")


def excel(book, month):
    """Rows sorted the other way round, a filter set, a line deleted, columns widened, sheets renamed and moved."""
    book.answer(line_of(book, "LOAN-RAT-001"), "已更正", "4.43")
    book.answer(line_of(book, "LOAN-AMT-001"), "已更正", "0.01")
    book.answer(line_of(book, "LOAN-COD-BUSINESS_TYPE"), "已改源系统", "1")
    book.cell("贷款明细", "1501022024137370", "贷款金额(万元)").value = 830
    book.cell("客户基本信息", "91150428MA1KRYDR0E", "总资产(万元)").value = 9119.55
    book.list.delete_rows(book.line(line_of(book, "CUST-REP-001")))
    reverse(book.list, MARK)
    book.list.auto_filter.add_filter_column(1, ["强制"])
    loans = book.book["贷款明细"]
    reverse(loans, loans.max_column)
    loans.column_dimensions["B"].width = 40
    loans.title = "贷款（已改）"
    book.list.title = "清单"
    book.book.move_sheet(loans, -2)
    month.back(book, "2026-10", "150102-城关社部")


def libreoffice(book, month):
    """Filled in like the other, then opened and saved by LibreOffice."""
    book.answer(line_of(book, "LOAN-DAT-002"), "已更正", "2028-10-11")
    book.answer(line_of(book, "CUST-DOC-004"), "非本社部数据", text="代码由联社统一维护")
    reverse(book.list, MARK)
    book.list.column_dimensions["C"].width = 33
    book.book["客户基本信息"].title = "客户"
    month.back(book, "filled", "150103-东河社部")
    source = OUT / "filled/150103-东河社部.xlsx"
    command = ["soffice", "--headless", "--convert-to", "xlsx", "--outdir", str(OUT / "2026-10"), str(source)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(source.parent)


main(sys.argv[1])
