"""Writes the same small sheet of loans with every Python library that writes xlsx, and with LibreOffice."""

import datetime
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import excelize
import openpyxl
import pyexcelerate
import xlsxwriter
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

OUT = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
HEADINGS = ["社部代码", "合同号", "客户名称", "贷款金额(万元)", "年利率(%)", "逾期天数", "到期日期", "贷款状态", "贷款用途"]
DUE = datetime.date(2026, 9, 30)
ROWS = [
    ["150102", "DK-001", "甲商贸 & <乙>", 499.99, 4.35, 0, DUE, "1", " 周转\n第二行 "],
    ["150102", "DK-002", "乌云·其木格", 0.1 + 0.2, None, None, DUE, "2", None],
    [150102, 150102198503051238, "_x000D_", -1e-7, 1e21, True, None, None, "𠮷野家"],
]
FORMULA = "=D2*2"
STAMP = datetime.datetime(2026, 11, 1)


def by_openpyxl(path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "贷款明细"
    for row in [HEADINGS, *ROWS]:
        sheet.append(row)
    sheet["D5"] = FORMULA
    sheet["E5"] = "#DIV/0!"
    sheet["C5"] = CellRichText("丙", TextBlock(InlineFont(b=True), " 公司"))
    for row in (2, 3):
        sheet.cell(row, 7).number_format = 'yyyy"年"m"月"d"日"'
    sheet.row_dimensions[3].hidden = True
    sheet.merge_cells("A7:C7")
    sheet["A7"] = "合计"
    other = book.create_sheet("隐藏")
    other.sheet_state = "hidden"
    book.properties.created = book.properties.modified = STAMP
    book.save(path)


def by_xlsxwriter(path, **options):
    book = xlsxwriter.Workbook(path, options)
    book.set_properties({"created": STAMP})
    sheet = book.add_worksheet("贷款明细")
    day = book.add_format({"num_format": "yyyy/m/d"})
    bold = book.add_format({"bold": True})
    for at, row in enumerate([HEADINGS, *ROWS]):
        if at == 2:
            sheet.set_row(at, None, None, {"hidden": True})
        for column, value in enumerate(row):
            if isinstance(value, datetime.date):
                sheet.write_datetime(at, column, datetime.datetime.combine(value, datetime.time()), day)
            elif isinstance(value, str):
                sheet.write_string(at, column, value)
            elif value is not None:
                sheet.write(at, column, value)
    sheet.write_rich_string(4, 2, "丙", bold, " 公司")
    sheet.write_formula(4, 3, FORMULA, None, 999.98)
    sheet.write_formula(4, 4, "=1/0", None, "#DIV/0!")
    sheet.write_blank(4, 5, None, day)
    book.close()


def by_excelize(path):
    book = excelize.new_file()
    book.set_sheet_name("Sheet1", "贷款明细")
    day = book.new_style(excelize.Style(num_fmt=14))
    for at, row in enumerate([HEADINGS, *ROWS], 1):
        for column, value in enumerate(row):
            cell = f"{'ABCDEFGHI'[column]}{at}"
            if isinstance(value, datetime.date):
                book.set_cell_value("贷款明细", cell, (value - datetime.date(1899, 12, 30)).days)
                book.set_cell_style("贷款明细", cell, cell, day)
            elif value is not None:
                book.set_cell_value("贷款明细", cell, value)
    book.set_cell_formula("贷款明细", "D5", "D2*2")
    book.set_row_visible("贷款明细", 3, False)
    book.save_as(str(path))


def by_pyexcelerate(path):
    book = pyexcelerate.Workbook()
    book.new_sheet("贷款明细", data=[HEADINGS, *ROWS])
    book.save(str(path))


by_openpyxl(OUT / "written_by_openpyxl.xlsx")
by_xlsxwriter(OUT / "written_by_xlsxwriter.xlsx")
by_xlsxwriter(OUT / "written_by_xlsxwriter_inline_1904.xlsx", constant_memory=True, date_1904=True)
by_excelize(OUT / "written_by_excelize.xlsx")
by_pyexcelerate(OUT / "written_by_pyexcelerate.xlsx")
with tempfile.TemporaryDirectory() as folder:
    kinds = [("ods", OUT / "written_by_openpyxl.xlsx"), ("xlsx", Path(folder) / "written_by_openpyxl.ods")]
    for kind, source in kinds:
        convert = ["libreoffice", "--headless", "--convert-to", kind, "--outdir", folder, str(source)]
        subprocess.run(convert, check=True)
    shutil.move(Path(folder) / "written_by_openpyxl.xlsx", OUT / "written_by_libreoffice.xlsx")
