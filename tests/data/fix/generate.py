"""Fills in issued error workbooks as officers do, with openpyxl and LibreOffice, independent of the program.

Run from this folder: python3 generate.py ../../../target/release/baosong (needs openpyxl and soffice). It runs the job
in job/, whose ten faults are listed below, edits the workbook of unit 150102 and writes returned/. The files are
committed; the tests only read them. Workbooks issued earlier stay readable as long as the layout of error workbooks
keeps its number, so they need not be made again when texts or rules change.

 1 CUST-REP-001  91150103MA1PFPEL2Q  legal representative's document, check digit (should end in 5006)
 2 CUST-AMT-001  91150428MA1KRYDR0E  total assets 0 (should be 9119.55)
 3 CUST-DOC-004  91150102MA0QPNUB0P  credit code, check digit (should end in 0P)
 4 LOAN-SCP-001  1501022024137370    amount 430, below the reporting line (should be 830)
 5 LOAN-AMT-003  1501022024137370    balance 588.72 above that amount
 6 LOAN-RAT-001  1501022026137407    rate -1 (should be 4.43)
 7 LOAN-COD-BUSINESS_TYPE  1501022026137888  code 77 (should be 1)
 8 LOAN-AMT-001  1501022026137925    amount 0 (should be 2400)
 9 LOAN-DAT-002  1501022025138036    due 2025-12-01, before it was disbursed (should be 2026-12-08)
10 LOAN-DAT-005  1501022025138036    due and not overdue, for the same reason
"""

import datetime
import pathlib
import shutil
import subprocess
import sys
import tempfile

import openpyxl

HERE = pathlib.Path(__file__).parent
OUT = HERE / "returned"
NUMBER, TREATMENT, VALUE, TEXT, MARK = 1, 14, 15, 16, 17


def issue(program, folder, *returned):
    books = [str(OUT / name) for name in returned]
    command = [program, "fix" if books else "run", str(HERE / "job"), *books]
    command += ["--out", str(folder), "--ledger", str(folder / "l.db"), "-q"]
    subprocess.run(command, check=False)
    return folder / "2026-10/errors/150102-城关社部.xlsx"


class Returned:
    """An issued workbook being filled in."""

    def __init__(self, issued):
        self.book = openpyxl.load_workbook(issued)
        self.list = self.book["问题清单"]

    def line(self, number):
        rows = range(2, self.list.max_row + 1)
        return next(row for row in rows if self.list.cell(row, NUMBER).value == number)

    def answer(self, number, treatment=None, value=None, text=None):
        row = self.line(number)
        for column, entry in [(TREATMENT, treatment), (VALUE, value), (TEXT, text)]:
            if entry is not None:
                self.list.cell(row, column).value = entry

    def cell(self, sheet, key, heading):
        sheet = self.book[sheet]
        column = next(cell.column for cell in sheet[1] if cell.value == heading)
        row = next(row for row in range(2, sheet.max_row + 1) if key in [c.value for c in sheet[row]])
        return sheet.cell(row, column)

    def save(self, name):
        self.save_to(OUT / name)

    def save_to(self, path):
        self.book.save(path)


def reverse(sheet, columns):
    """Sorts the rows the other way round, in the first `columns` columns."""
    rows = [[sheet.cell(row, column).value for column in range(1, columns + 1)] for row in range(2, sheet.max_row + 1)]
    for at, values in enumerate(reversed(rows)):
        for column, value in enumerate(values):
            sheet.cell(at + 2, column + 1).value = value


def main(program):
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir()
    with tempfile.TemporaryDirectory() as folder:
        issued = issue(program, pathlib.Path(folder))
        write_all(issued, pathlib.Path(folder))
        # The workbook issued after worse.xlsx: one value put right, one put back to what was handed in.
        book = Returned(issue(program, pathlib.Path(folder), "worse.xlsx"))
        book.cell("贷款明细", "1501022026137925", "贷款金额(万元)").value = 2400
        book.cell("贷款明细", "1501022025138036", "到期日期").value = datetime.date(2025, 12, 1)
        book.save("second.xlsx")


def write_all(issued, folder):
    # Corrected in the cell; rows sorted, sheets renamed and moved, columns widened and added.
    book = Returned(issued)
    book.cell("贷款明细", "1501022024137370", "贷款金额(万元)").value = 830
    reverse(book.list, MARK)
    loans = book.book["贷款明细"]
    reverse(loans, loans.max_column)
    loans.insert_cols(4)
    loans.cell(1, 4).value = "备注（本社部）"
    loans.cell(2, 4).value = "已核对"
    loans.column_dimensions["A"].width = 30
    loans.title = "10月贷款 改"
    book.list.title = "清单（已填）"
    book.book.move_sheet(loans, -2)
    book.save("cells.xlsx")

    # Corrected, explained and declared in the list; lines and records deleted.
    book = Returned(issued)
    book.answer(6, "已更正", "4.43")
    book.answer(7, "已改源系统", "1")
    book.answer(2, "情况属实并说明", text="新设企业，资产尚未入账")
    book.answer(5, "情况属实并说明", text="借据金额为本次发放额")
    book.answer(8, "非本社部数据", text="东河社部发放")
    book.answer(9, "已改源系统")
    for number in (10, 3):
        book.list.delete_rows(book.line(number))
    customers = book.book["客户基本信息"]
    customers.delete_rows(customers.max_row)
    book.list.auto_filter.add_filter_column(1, ["强制"])
    book.save("list.xlsx")

    # A cell changed that no finding was about, beside one that was flagged.
    book = Returned(issued)
    book.answer(6, "已更正", "4.43")
    book.cell("贷款明细", "1501022024137370", "年利率(%)").value = 5.2
    book.save("unflagged.xlsx")

    # Values that only pass a check.
    book = Returned(issued)
    book.cell("客户基本信息", "91150103MA1PFPEL2Q", "法定代表人证件号码").value = "150103198010085006"
    book.answer(8, "已更正", "0.01")
    book.cell("客户基本信息", "91150102MA0QPNUB0P", "统一社会信用代码").value = "91150103MA1PFPEL2Q"
    book.cell("客户基本信息", "91150428MA1KRYDR0E", "总资产(万元)").value = None
    book.save("suspicious.xlsx")

    # Values that make it worse, do not help, or cannot be read.
    book = Returned(issued)
    book.answer(8, "已更正", "500")
    book.answer(9, "已更正", "2025-11-01")
    book.answer(6, "已更正", "百分之四")
    book.save("worse.xlsx")

    # Cell and list differ; a line copied over another.
    book = Returned(issued)
    book.cell("贷款明细", "1501022024137370", "贷款金额(万元)").value = 830
    book.answer(4, "已更正", "930")
    six, seven = book.line(6), book.line(7)
    for column in range(1, MARK + 1):
        book.list.cell(seven, column).value = book.list.cell(six, column).value
    book.list.cell(six, VALUE).value = "4.43"
    book.list.cell(seven, VALUE).value = "1"
    book.save("contradicting.xlsx")

    # What cannot be taken.
    book = Returned(issued)
    book.list.delete_cols(MARK)
    book.save("list-without-marks.xlsx")
    book = Returned(issued)
    loans = book.book["贷款明细"]
    loans.delete_cols(loans.max_column)
    book.save("sheet-without-marks.xlsx")
    book = Returned(issued)
    book.book.remove(book.book["_baosong"])
    book.save("without-hidden-sheet.xlsx")
    book = Returned(issued)
    reverse(book.list, TEXT)
    book.save("sorted-without-marks.xlsx")
    book = Returned(issued)
    book.book["贷款明细"].delete_cols(12)
    book.save("column-deleted.xlsx")

    # Saved by LibreOffice: as xlsx, and as what is not taken.
    for name, kind in [("cells.xlsx", "xlsx"), ("list.xlsx", "xls"), ("list.xlsx", "ods")]:
        target = folder / kind
        command = ["soffice", "--headless", "--convert-to", kind, "--outdir", str(target), str(OUT / name)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        stem = name.split(".")[0]
        saved = "cells-libreoffice.xlsx" if kind == "xlsx" else f"{stem}.{kind}"
        shutil.copy(target / f"{stem}.{kind}", OUT / saved)


if __name__ == "__main__":
    main(sys.argv[1])
