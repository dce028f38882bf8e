//! Profiles as one HTML page that needs nothing else: no script, no font, no picture from anywhere.

use std::fmt::Write as _;

use super::{FileProfile, SheetProfile, shown, summary};
use crate::text::{Lang, Text};

const STYLE: &str = "\
body{font:14px/1.5 'Microsoft YaHei','PingFang SC',sans-serif;margin:2rem;color:#1f2937}\
h1{font-size:1.5rem;color:#1f3a5f}h2{font-size:1.15rem;margin-top:2rem;color:#1f3a5f;overflow-wrap:anywhere}\
h3{font-size:1rem;margin:1.2rem 0 .4rem}table{border-collapse:collapse;width:100%}\
th,td{border:1px solid #c9d1db;padding:.25rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}\
th{background:#dce6f1}td.n{text-align:right;font-variant-numeric:tabular-nums}\
td.d{color:#9c0006}td.d div{background:#ffc7ce;margin-bottom:2px;padding:0 .25rem}p.note{color:#7f4f00}\
div.bar{background:#e5e7eb;height:4px;margin-top:3px}div.bar i{display:block;background:#5b9bd5;height:4px}\
@media print{body{margin:0;font-size:10px}tr{break-inside:avoid}}";

/// The page.
pub fn page(files: &[FileProfile], lang: Lang) -> String {
    let title = Text::new("表格剖析", "What is in these tables");
    let (code, title) = (if lang == Lang::Zh { "zh" } else { "en" }, title.get(lang));
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"{code}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
    );
    let remark = Text::new(
        "形式：9 数字，A 大写字母，a 小写字母，汉 汉字，{n} 重复 n 次。号码和姓名已掩码。",
        "Shapes: 9 a digit, A a capital, a a small letter, 汉 a Chinese character, {n} n times. Numbers and names of \
         persons are masked.",
    );
    paragraph(&mut page, "", remark.get(lang));
    for file in files {
        let format = summary::format_name(file.format);
        let heading = if format.is_empty() { file.name.clone() } else { format!("{} ({format})", file.name) };
        line(&mut page, "h2", &heading);
        if let Some(unreadable) = &file.unreadable {
            paragraph(&mut page, "note", unreadable.message.get(lang));
        }
        for sheet in &file.sheets {
            line(&mut page, "h3", &summary::sheet_line(sheet, lang));
            columns(&mut page, sheet, lang);
        }
    }
    page.push_str("</body>\n</html>\n");
    page
}

fn columns(page: &mut String, sheet: &SheetProfile, lang: Lang) {
    if sheet.columns.is_empty() {
        return;
    }
    page.push_str("<table>\n<thead><tr>");
    let why = Text::new("依据", "Reasons");
    for heading in summary::headings(lang).into_iter().chain([why.get(lang)]) {
        let _ = write!(page, "<th>{}</th>", escaped(heading));
    }
    page.push_str("</tr></thead>\n<tbody>\n");
    for (column, cells) in sheet.columns.iter().zip(summary::column_lines(sheet, lang)) {
        page.push_str("<tr>");
        for (at, cell) in cells.iter().enumerate() {
            let _ = match at {
                3 => {
                    let share = (column.facts.filled * 100).checked_div(sheet.records).unwrap_or_default().min(100);
                    let bar = format!("<div class=\"bar\"><i style=\"width:{share}%\"></i></div>");
                    write!(page, "<td class=\"n\">{}{bar}</td>", escaped(cell))
                }
                4 | 5 => write!(page, "<td class=\"n\">{}</td>", escaped(cell)),
                8 => {
                    let lines: String =
                        cell.lines().map(|line| format!("<div>{}</div>", escaped(line))).collect::<Vec<_>>().concat();
                    write!(page, "<td class=\"d\">{lines}</td>")
                }
                _ => write!(page, "<td>{}</td>", escaped(cell)),
            };
        }
        let _ = writeln!(page, "<td>{}</td></tr>", escaped(shown::reasons(column).get(lang)));
    }
    page.push_str("</tbody>\n</table>\n");
}

fn line(page: &mut String, tag: &str, text: &str) {
    let _ = writeln!(page, "<{tag}>{}</{tag}>", escaped(text));
}

fn paragraph(page: &mut String, class: &str, text: &str) {
    let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
    let _ = writeln!(page, "<p{class}>{}</p>", escaped(text));
}

/// Text that means nothing to a browser; control characters, which HTML has no place for, become blanks.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ if c.is_control() => safe.push(' '),
            _ => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn nothing_of_the_data_is_markup() {
        assert_eq!(escaped("<b>&\"'\u{1}"), "&lt;b&gt;&amp;&quot;&#39; ");
    }
}
