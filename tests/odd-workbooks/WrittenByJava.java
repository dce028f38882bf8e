// Writes the same small sheet of loans with Apache POI, once with shared strings and once as a stream with inline ones.
//
// java -cp 'pyreportjasper/libs/*' WrittenByJava.java FOLDER
//
// POI 5.2.2 and what it needs lie in the Python package pyreportjasper 2.1.4.

import java.io.FileOutputStream;
import java.time.LocalDate;
import org.apache.poi.ss.usermodel.Cell;
import org.apache.poi.ss.usermodel.CellStyle;
import org.apache.poi.ss.usermodel.Font;
import org.apache.poi.ss.usermodel.FormulaError;
import org.apache.poi.ss.usermodel.RichTextString;
import org.apache.poi.ss.usermodel.Row;
import org.apache.poi.ss.usermodel.Sheet;
import org.apache.poi.ss.usermodel.Workbook;
import org.apache.poi.ss.util.CellRangeAddress;
import org.apache.poi.xssf.streaming.SXSSFWorkbook;
import org.apache.poi.xssf.usermodel.XSSFWorkbook;

public class WrittenByJava {
    static final String[] HEADINGS = {
        "社部代码", "合同号", "客户名称", "贷款金额(万元)", "年利率(%)", "逾期天数", "到期日期", "贷款状态", "贷款用途"
    };
    static final LocalDate DUE = LocalDate.of(2026, 9, 30);
    static final Object[][] ROWS = {
        {"150102", "DK-001", "甲商贸 & <乙>", 499.99, 4.35, 0.0, DUE, "1", " 周转\n第二行 "},
        {"150102", "DK-002", "乌云·其木格", 0.1 + 0.2, null, null, DUE, "2", null},
        {150102.0, 150102198503051238.0, "_x000D_", -1e-7, 1e21, true, null, null, "𠮷野家"},
    };

    static void fill(Workbook book) {
        Sheet sheet = book.createSheet("贷款明细");
        CellStyle day = book.createCellStyle();
        day.setDataFormat(book.createDataFormat().getFormat("yyyy-mm-dd"));
        Row heads = sheet.createRow(0);
        for (int column = 0; column < HEADINGS.length; column++) {
            heads.createCell(column).setCellValue(HEADINGS[column]);
        }
        for (int at = 0; at < ROWS.length; at++) {
            Row row = sheet.createRow(at + 1);
            for (int column = 0; column < ROWS[at].length; column++) {
                Object value = ROWS[at][column];
                if (value == null) {
                    continue;
                }
                Cell cell = row.createCell(column);
                if (value instanceof LocalDate) {
                    // The serial number itself: dates of POI depend on the time zone.
                    cell.setCellValue(((LocalDate) value).toEpochDay() + 25_569.0);
                    cell.setCellStyle(day);
                } else if (value instanceof Double) {
                    cell.setCellValue((Double) value);
                } else if (value instanceof Boolean) {
                    cell.setCellValue((Boolean) value);
                } else {
                    cell.setCellValue((String) value);
                }
            }
        }
        sheet.getRow(2).setZeroHeight(true);
        Row last = sheet.createRow(4);
        last.createCell(4).setCellErrorValue(FormulaError.DIV0.getCode());
        last.createCell(3).setCellFormula("D2*2");
        if (book instanceof XSSFWorkbook) {
            RichTextString rich = book.getCreationHelper().createRichTextString("丙 公司");
            Font bold = book.createFont();
            bold.setBold(true);
            rich.applyFont(1, 4, bold);
            last.createCell(2).setCellValue(rich);
            book.getCreationHelper().createFormulaEvaluator().evaluateAll();
        }
        sheet.addMergedRegion(new CellRangeAddress(6, 6, 0, 2));
        sheet.setColumnHidden(5, true);
    }

    static void write(Workbook book, XSSFWorkbook properties, String path) throws Exception {
        fill(book);
        properties.getProperties().getCoreProperties().setCreated("2026-11-01T00:00:00Z");
        try (FileOutputStream out = new FileOutputStream(path)) {
            book.write(out);
        }
    }

    public static void main(String[] arguments) throws Exception {
        String folder = arguments.length > 0 ? arguments[0] : ".";
        XSSFWorkbook whole = new XSSFWorkbook();
        write(whole, whole, folder + "/written_by_poi.xlsx");
        XSSFWorkbook below = new XSSFWorkbook();
        write(new SXSSFWorkbook(below), below, folder + "/written_by_poi_stream.xlsx");
    }
}
