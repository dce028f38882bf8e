"""Totals of the sample, computed without the program under test: openpyxl, xlrd, odfpy and csv read the files handed in.

    python3 tests/data/reports/totals.py > tests/data/reports/totals.csv

For each unit: loans that are reported (single loans from 5 million yuan on, not withdrawn, no participant's share) with
their amounts and balances, and the retail defaults with theirs; in yuan. The first record of a customer with such a loan
counts as a reported customer.
"""
import csv
import io
import os
import re
import sys
import tomllib
import unicodedata
from decimal import Decimal, InvalidOperation

import openpyxl
import xlrd
from odf.opendocument import load as load_ods
from odf.table import Table, TableCell, TableRow
from odf.text import P

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..")
JOB = os.path.join(ROOT, "sample-input", "large-credit", "2026-10", "submissions")
PACK = tomllib.load(open(os.path.join(ROOT, "rules", "large-credit", "pack.toml"), "rb"))
WANTED = ["customers", "loans", "retail_defaults_corporate", "retail_defaults_personal"]


def plain(heading):
    """A heading without blanks, stars, brackets and units."""
    text = unicodedata.normalize("NFKC", str(heading or ""))
    text = re.sub(r"\((元|万元|%)\)", "", text)
    return re.sub(r"[\s*:：()]", "", text)


FIELDS = {}
for dataset in PACK["dataset"]:
    if dataset["id"] in WANTED:
        FIELDS[dataset["id"]] = {field["id"]: [plain(h) for h in field["headings"]] for field in dataset["fields"]}


def xlsx(path):
    book = openpyxl.load_workbook(path, data_only=True)
    for sheet in book.worksheets:
        merged = {}
        for area in sheet.merged_cells.ranges:
            for row in range(area.min_row, area.max_row + 1):
                for column in range(area.min_col, area.max_col + 1):
                    merged[row, column] = sheet.cell(area.min_row, area.min_col).value
        rows = []
        for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
            rows.append([merged.get((number, at), value) for at, value in enumerate(row, 1)])
        yield rows


def xls(path):
    book = xlrd.open_workbook(path)
    for sheet in book.sheets():
        yield [sheet.row_values(row) for row in range(sheet.nrows)]


def ods(path):
    for table in load_ods(path).spreadsheet.getElementsByType(Table):
        rows = []
        for row in table.getElementsByType(TableRow):
            cells = []
            for cell in row.getElementsByType(TableCell):
                repeat = int(cell.getAttribute("numbercolumnsrepeated") or 1)
                value = cell.getAttribute("value")
                if value is None:
                    value = "".join(str(part) for part in cell.getElementsByType(P)) or None
                cells += [value] * min(repeat, 60)
            rows += [cells] * min(int(row.getAttribute("numberrowsrepeated") or 1), 2)
        yield rows


def text_csv(path):
    data = open(path, "rb").read()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    first = text.splitlines()[0]
    delimiter = max(",;\t", key=first.count)
    yield list(csv.reader(io.StringIO(text), delimiter=delimiter))


def match(row):
    """Dataset and columns of a row of headings."""
    found = [plain(cell) for cell in row]
    best = (0, None, None)
    for name, fields in FIELDS.items():
        columns = {}
        for field, headings in fields.items():
            at = next((found.index(h) for h in headings if h in found), None)
            if at is not None:
                columns[field] = at
        if len(columns) > best[0] and len(columns) >= 0.7 * len(fields):
            best = (len(columns), name, columns)
    return best[1], best[2]


def number(value):
    """An exact number; none for what is no number."""
    if value is None or value == "" or isinstance(value, bool):
        return None
    if isinstance(value, float):
        return Decimal(repr(round(value, 6)))
    text = unicodedata.normalize("NFKC", str(value)).strip().replace(",", "").replace(" ", "")
    text = re.sub(r"(万元|元)$", "", text)
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def tables():
    for folder, _, names in sorted(os.walk(JOB)):
        for name in sorted(names):
            if name.startswith("~$"):
                continue
            path = os.path.join(folder, name)
            below = os.path.relpath(path, JOB)
            reader = {".xlsx": xlsx, ".xls": xls, ".ods": ods, ".csv": text_csv}[os.path.splitext(name)[1]]
            try:
                sheets = list(reader(path))
            except Exception as error:
                print(f"unreadable: {below}: {error}", file=sys.stderr)
                continue
            for rows in sheets:
                for at, row in enumerate(rows[:12]):
                    # The last of several rows of headings counts.
                    dataset, columns = match(row)
                    if dataset:
                        if at + 1 < len(rows) and match(rows[at + 1])[0] == dataset:
                            continue
                        yield below, dataset, columns, rows[at + 1:], row
                        break


def main():
    units, reported_codes, loans = {}, set(), []
    customers = []
    for below, dataset, columns, rows, headings in tables():
        unit = below[:6]
        cell = lambda row, field: row[columns[field]] if field in columns and columns[field] < len(row) else None
        in_yuan = lambda field: "(元)" in unicodedata.normalize("NFKC", str(headings[columns[field]]))
        for row in rows:
            filled = [value for value in row if value not in (None, "")]
            first = re.sub(r"\s", "", str(filled[0])) if filled else ""
            if len(filled) < 4 or first.startswith(("合计", "小计", "总计")):
                continue
            if [number(value) for value in filled[:4]] == [1, 2, 3, 4]:
                # The numbers of the columns.
                continue
            if match(row)[0] == dataset:
                # The headings again, as printed on a second page.
                continue
            key = str(cell(row, "customer_code") or "").strip()
            record = units.setdefault(unit, {})
            if dataset == "loans":
                amounts = []
                for field in ("amount", "balance"):
                    value = number(cell(row, field))
                    if value is not None:
                        value *= 1 if in_yuan(field) else 10000
                    amounts.append(value)
                status = str(cell(row, "status") or "").strip().split(".")[0]
                syndicated = str(cell(row, "syndicated") or "").strip().split(".")[0]
                role = str(cell(row, "lead_role") or "").strip().split(".")[0]
                participant = syndicated in ("1", "是") and role in ("2", "参与")
                if amounts[0] is None or amounts[0] < 5_000_000 or status in ("9", "已撤销") or participant:
                    continue
                reported_codes.add(key)
                record.setdefault("loans", []).append((amounts[0], amounts[1] or Decimal(0)))
            elif dataset == "customers":
                customers.append(key)
            else:
                # An amount in yuan with more than two decimals cannot be used: which fen is meant?
                whole = lambda value: value if value is None or value == round(value, 2) else None
                amount, default = (whole(number(cell(row, field))) for field in ("loan_amount", "default_amount"))
                record.setdefault(dataset, []).append((amount or Decimal(0), default or Decimal(0)))
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["unit", "dataset", "records", "amount", "other"])
    for unit in sorted(units):
        for dataset in ("loans", "retail_defaults_corporate", "retail_defaults_personal"):
            rows = units[unit].get(dataset, [])
            sums = [sum((row[at] for row in rows), Decimal(0)).quantize(Decimal("0.01")) for at in (0, 1)]
            out.writerow([unit, dataset, len(rows), *sums])
    known = {code for code in customers if code in reported_codes}
    out.writerow(["", "customers", len(known), "", ""])


main()
