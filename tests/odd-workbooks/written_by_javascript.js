// Writes a small sheet of loans with the JavaScript libraries that write xlsx.
const path = require("path");
const XLSX = require("xlsx");
const ExcelJS = require("exceljs");

const out = process.argv[2] || ".";
const headings = ["社部代码", "合同号", "客户名称", "贷款金额(万元)", "年利率(%)", "逾期天数", "到期日期", "贷款状态", "贷款用途"];
const due = new Date(Date.UTC(2026, 8, 30));
const rows = [
  ["150102", "DK-001", "甲商贸 & <乙>", 499.99, 4.35, 0, due, "1", " 周转\n第二行 "],
  ["150102", "DK-002", "乌云·其木格", 0.1 + 0.2, null, null, due, "2", null],
  [150102, 150102198503051238, "_x000D_", -1e-7, 1e21, true, null, null, "𠮷野家"],
];

for (const [name, options] of [["sheetjs", {}], ["sheetjs_shared", { bookSST: true, compression: true }]]) {
  const sheet = XLSX.utils.aoa_to_sheet([headings, ...rows], { cellDates: name === "sheetjs" });
  sheet.D5 = { t: "n", v: 999.98, f: "D2*2" };
  sheet.E5 = { t: "e", v: 7, w: "#DIV/0!" };
  sheet["!ref"] = "A1:I5";
  sheet["!rows"] = [{}, {}, { hidden: true }];
  const book = XLSX.utils.book_new();
  XLSX.utils.book_append_sheet(book, sheet, "贷款明细");
  XLSX.writeFile(book, path.join(out, `written_by_${name}.xlsx`), { bookType: "xlsx", ...options });
}

(async () => {
  const book = new ExcelJS.Workbook();
  book.created = book.modified = new Date(Date.UTC(2026, 10, 1));
  const sheet = book.addWorksheet("贷款明细");
  sheet.addRow(headings);
  rows.forEach((row) => sheet.addRow(row));
  sheet.getCell("C5").value = { richText: [{ text: "丙" }, { font: { bold: true }, text: " 公司" }] };
  sheet.getCell("D5").value = { formula: "D2*2", result: 999.98 };
  sheet.getCell("E5").value = { error: "#DIV/0!" };
  sheet.getRow(3).hidden = true;
  await book.xlsx.writeFile(path.join(out, "written_by_exceljs.xlsx"));
  const stream = new ExcelJS.stream.xlsx.WorkbookWriter({
    filename: path.join(out, "written_by_exceljs_stream.xlsx"),
    useStyles: true,
  });
  const streamed = stream.addWorksheet("贷款明细");
  [headings, ...rows].forEach((row) => streamed.addRow(row).commit());
  await stream.commit();
})();
