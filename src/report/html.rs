//! The monthly quality report as one self-contained page: no network, no scripts but its own, readable without them.
//!
//! Knows the tables of a run and how they are shown in a browser. Personal data is masked.

use std::{collections::BTreeMap, fmt::Write as _, fs::File, io::Write as _, path::Path};

use anyhow::{Context as _, Result};

use super::{
    catalog::{FINDINGS, PERIODS, RULES, STANDINGS},
    tables::{Material, fill},
    value::{Typed, Value},
};
use crate::text::{Lang, Text};

/// Most findings the page lists; what is beyond is counted.
const MOST_FINDINGS: usize = 5_000;
/// Most rules in the table of rules.
const MOST_RULES: usize = 20;

/// Rows of a table, read by column.
struct Rows {
    columns: BTreeMap<String, Typed>,
    height: usize,
    lang: Lang,
}

impl Rows {
    fn text(&self, at: usize, column: &str) -> String {
        match self.columns.get(column).map_or(Value::Blank, |column| column.get(at, self.lang)) {
            Value::Blank => String::new(),
            Value::Text(text) => text.into_owned(),
            Value::Number { mantissa, scale } => crate::message::decimal_text(mantissa, scale),
            Value::Date(date) => date.to_string(),
        }
    }

    fn number(&self, at: usize, column: &str) -> i128 {
        self.columns.get(column).and_then(|column| column.number(at)).map_or(0, |(number, _)| number)
    }

    fn sum(&self, column: &str) -> i128 {
        self.columns.get(column).map_or(0, |column| column.sum(0..self.height).0)
    }
}

/// The page being written.
struct Page {
    out: String,
    lang: Lang,
}

/// Writes the page to `path`. The same run gives the same bytes.
///
/// # Errors
/// If a table cannot be made or `path` not be written.
pub fn write_html(material: &Material<'_>, path: &Path) -> Result<()> {
    let wanted = [&FINDINGS, &PERIODS, &RULES, &STANDINGS].map(|view| view.name.to_owned()).into_iter().collect();
    let tables = fill(material, &wanted, true)?;
    let rows = |name: &str| -> Result<Rows> {
        let frame = tables.get(name).context("a table of the page")?.clone().collect()?;
        let columns = frame.columns().iter().map(|column| Ok((column.name().to_string(), Typed::of(column)?)));
        Ok(Rows { height: frame.height(), columns: columns.collect::<Result<_>>()?, lang: material.lang })
    };
    let (findings, periods, rules, units) =
        (rows(FINDINGS.name)?, rows(PERIODS.name)?, rows(RULES.name)?, rows(STANDINGS.name)?);
    let mut page = Page { out: String::new(), lang: material.lang };
    page.head(material);
    page.cards(&units, &periods);
    page.months(&periods);
    page.units(&units);
    page.rules(&rules);
    page.findings(&findings);
    page.foot(material);
    let context = || format!("cannot write {}", path.display());
    File::create(path).and_then(|mut file| file.write_all(page.out.as_bytes())).with_context(context)
}

/// Text as HTML.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                out.push('\u{fffd}');
            }
            _ => out.push(c),
        }
    }
    out
}

/// `part` per thousand of `whole`, with one decimal, rounded half up; nothing of nothing.
fn per_thousand(part: i128, whole: i128) -> String {
    if whole <= 0 {
        return "—".to_owned();
    }
    let tenths = (part * 20_000 + whole) / (2 * whole);
    format!("{}.{}", tenths / 10, tenths % 10)
}

impl Page {
    fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn say(&self, zh: &str, en: &str) -> String {
        escaped(Text::new(zh, en).get(self.lang))
    }

    fn head(&mut self, material: &Material<'_>) {
        let job = &material.outcome.job;
        let (name, period) = (escaped(&job.institution.name), job.period);
        let title = self.say("数据质量月报", "Data quality");
        let skip = self.say("跳到问题清单", "Skip to the findings");
        let date = job.period.data_date();
        let line = match self.lang {
            Lang::Zh => format!("报告期 {period}　数据日期 {date}"),
            Lang::En => format!("Period {period} · data date {date}"),
        };
        let language = if self.lang == Lang::Zh { "zh-CN" } else { "en" };
        let css = include_str!("page.css");
        let _ = write!(
            self.out,
            "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"X-UA-Compatible\" content=\"IE=edge\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title} {name} {period}</title>\n\
             <style>\n{css}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#list\">{skip}</a>\n\
             <header><h1>{title}</h1><p>{name}　{line}</p></header>\n"
        );
        let open = material.open_points();
        if open > 0 {
            let text = match self.lang {
                Lang::Zh => format!("未定稿：尚有{open}项未处理，不得上报"),
                Lang::En => format!("DRAFT: {open} point(s) open; not to be submitted"),
            };
            let _ = writeln!(self.out, "<div class=\"draft\" role=\"status\">{}</div>", escaped(&text));
        }
        self.put("<main>\n");
    }

    /// The figures of the period, each with that of the period before where the ledger knows it.
    fn cards(&mut self, units: &Rows, periods: &Rows) {
        let is = |state: &str| (0..units.height).filter(|at| units.text(*at, "timeliness") == state).count();
        let figures = |of: &dyn Fn(&str) -> i128| {
            let (records, errors, warnings) = (of("records"), of("errors"), of("warnings"));
            let texts = [records, of("flagged"), errors, warnings].map(|figure| figure.to_string());
            texts.into_iter().chain([per_thousand(errors + warnings, records)]).collect::<Vec<_>>()
        };
        let before: Vec<usize> = (0..periods.height).filter(|at| periods.number(*at, "latest") == 1).collect();
        let prior = if before.is_empty() {
            Vec::new()
        } else {
            figures(&|column| before.iter().map(|at| periods.number(*at, column)).sum())
        };
        let labels = [
            (self.say("记录", "Records"), ""),
            (self.say("有问题的记录", "Records with findings"), ""),
            (self.say("强制问题", "Errors"), "bad"),
            (self.say("提示问题", "Warnings"), "warn"),
            (self.say("每千条记录问题", "Findings per 1,000 records"), ""),
        ];
        let last = self.say("上期", "last period");
        self.put("<ul class=\"cards\">\n");
        for (at, (figure, (label, class))) in figures(&|column| units.sum(column)).iter().zip(labels).enumerate() {
            let last = prior.get(at).map(|figure| format!("<small>{last} {figure}</small>")).unwrap_or_default();
            let _ = writeln!(self.out, "<li><div class=\"{class}\"><strong>{figure}</strong>{label}{last}</div></li>");
        }
        let label = self.say("未报 / 迟报社部", "Units missing / late");
        let (missing, late) = (is("missing"), is("late"));
        let _ =
            writeln!(self.out, "<li><div class=\"warn\"><strong>{missing} / {late}</strong>{label}</div></li>\n</ul>");
    }

    /// The last periods as a chart, with the same figures as a table below it.
    fn months(&mut self, periods: &Rows) {
        let mut months: BTreeMap<String, [i128; 4]> = BTreeMap::new();
        for at in 0..periods.height {
            let month = months.entry(periods.text(at, "period")).or_default();
            for (slot, column) in month.iter_mut().zip(["records", "flagged", "errors", "warnings"]) {
                *slot += periods.number(at, column);
            }
        }
        let heading = self.say("各月趋势", "By month");
        let _ = writeln!(self.out, "<h2>{heading}</h2>");
        self.chart(&months);
        let caption = self.say("强制和提示问题，按报告期", "Errors and warnings by period");
        let headings = [
            self.say("报告期", "Period"),
            self.say("记录", "Records"),
            self.say("有问题", "Flagged"),
            self.say("强制", "Errors"),
            self.say("提示", "Warnings"),
            self.say("每千条问题", "Per 1,000"),
        ];
        self.table(&caption, &headings, 1);
        for (month, [records, flagged, errors, warnings]) in &months {
            let rate = per_thousand(errors + warnings, *records);
            let month = escaped(month);
            let _ = writeln!(
                self.out,
                "<tr><th scope=\"row\">{month}</th><td class=\"n\">{records}</td><td class=\"n\">{flagged}</td>\
                 <td class=\"n\">{errors}</td><td class=\"n\">{warnings}</td><td class=\"n\">{rate}</td></tr>"
            );
        }
        self.put("</tbody></table>\n");
    }

    fn chart(&mut self, months: &BTreeMap<String, [i128; 4]>) {
        const HEIGHT: i128 = 140;
        let most = months.values().map(|[.., errors, warnings]| *errors.max(warnings)).max().unwrap_or(0).max(1);
        let width = 80 * months.len().max(4) + 40;
        let label =
            self.say("各月强制和提示问题数的柱状图，数字见下表", "Bars of errors and warnings by month; figures below");
        let _ = writeln!(
            self.out,
            "<svg role=\"img\" aria-label=\"{label}\" width=\"{width}\" height=\"190\" viewBox=\"0 0 {width} 190\">"
        );
        for (at, (month, [.., errors, warnings])) in months.iter().enumerate() {
            let x = 30 + 80 * at;
            for (shift, count, colour) in [(0, errors, "#c0504d"), (26, warnings, "#e8a33d")] {
                let height = count * HEIGHT / most;
                let (left, top) = (x + shift, 165 - height);
                let middle = left + 12;
                let _ = write!(
                    self.out,
                    "<rect x=\"{left}\" y=\"{top}\" width=\"24\" height=\"{height}\" fill=\"{colour}\"/>\
                     <text x=\"{middle}\" y=\"{}\" font-size=\"11\" text-anchor=\"middle\">{count}</text>",
                    top - 4
                );
            }
            let _ = writeln!(
                self.out,
                "<text x=\"{}\" y=\"182\" font-size=\"12\" text-anchor=\"middle\">{}</text>",
                x + 25,
                escaped(month)
            );
        }
        self.put("</svg>\n");
    }

    fn table(&mut self, caption: &str, headings: &[String], texts: usize) {
        let _ = write!(self.out, "<table><caption>{caption}</caption><thead><tr>");
        for (at, heading) in headings.iter().enumerate() {
            let class = if at < texts { "" } else { " class=\"n\"" };
            let _ = write!(self.out, "<th scope=\"col\"{class}>{heading}</th>");
        }
        self.put("</tr></thead><tbody>\n");
    }

    fn units(&mut self, units: &Rows) {
        let heading = self.say("各社部", "Units");
        let _ = writeln!(self.out, "<h2>{heading}</h2>");
        let headings = [
            self.say("社部", "Unit"),
            self.say("报送情况", "Submission"),
            self.say("收到时间", "Received"),
            self.say("记录", "Records"),
            self.say("强制", "Errors"),
            self.say("提示", "Warnings"),
            self.say("每千条问题", "Per 1,000"),
            self.say("未处理", "Open"),
            self.say("往期已报", "Repeated"),
        ];
        let caption = self.say("按每千条记录的问题数从多到少", "By findings per 1,000 records, most first");
        self.table(&caption, &headings, 3);
        let findings = |at: usize| units.number(at, "errors") + units.number(at, "warnings");
        let rank = |at: usize| (findings(at) * 1_000_000).checked_div(units.number(at, "records")).unwrap_or_default();
        let mut order: Vec<usize> = (0..units.height).collect();
        order.sort_by_key(|at| (-rank(*at), units.text(*at, "unit")));
        for at in order {
            let class = match units.text(at, "timeliness").as_str() {
                "missing" => "error",
                "late" => "warning",
                "on-time" => "good",
                _ => "info",
            };
            let name = escaped(&format!("{} {}", units.text(at, "unit"), units.text(at, "unit_name")));
            let (state, received) = (escaped(&units.text(at, "submitted")), escaped(&units.text(at, "received")));
            let rate = per_thousand(findings(at), units.number(at, "records"));
            let _ = write!(
                self.out,
                "<tr><th scope=\"row\">{name}</th><td><span class=\"tag {class}\">{state}</span></td><td>{received}</td>"
            );
            for figure in ["records", "errors", "warnings"] {
                let _ = write!(self.out, "<td class=\"n\">{}</td>", units.number(at, figure));
            }
            let _ = writeln!(
                self.out,
                "<td class=\"n\">{rate}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
                units.number(at, "open"),
                units.number(at, "repeated")
            );
        }
        self.put("</tbody></table>\n");
    }

    fn rules(&mut self, rules: &Rows) {
        let heading = self.say("问题最多的规则", "Rules with most findings");
        let _ = writeln!(self.out, "<h2>{heading}</h2>");
        let headings = [
            self.say("规则", "Rule"),
            self.say("级别", "Severity"),
            self.say("内容", "What it says"),
            self.say("依据", "Source"),
            self.say("违反", "Violated"),
            self.say("适用", "Eligible"),
            self.say("涉及金额(元)", "At risk (yuan)"),
        ];
        let mut order: Vec<usize> = (0..rules.height).filter(|at| rules.number(*at, "violated") > 0).collect();
        order.sort_by_key(|at| (-rules.number(*at, "violated"), rules.text(*at, "rule")));
        let (found, shown) = (order.len(), order.len().min(MOST_RULES));
        let caption = match self.lang {
            Lang::Zh => format!("共{found}条规则有问题，列前{shown}条"),
            Lang::En => format!("{found} rules have findings; the first {shown} are listed"),
        };
        self.table(&caption, &headings, 4);
        for at in order.into_iter().take(MOST_RULES) {
            let (rule, class) = (escaped(&rules.text(at, "rule")), escaped(&rules.text(at, "severity")));
            let _ = writeln!(
                self.out,
                "<tr><th scope=\"row\">{rule}</th><td><span class=\"tag {class}\">{}</span></td><td class=\"w\">{}</td>\
                 <td class=\"w\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
                escaped(&rules.text(at, "level")),
                escaped(&rules.text(at, "title")),
                escaped(&rules.text(at, "source")),
                rules.number(at, "violated"),
                rules.number(at, "eligible"),
                escaped(&rules.text(at, "at_risk")),
            );
        }
        self.put("</tbody></table>\n");
    }

    /// A choice among values of a column.
    fn choice(&mut self, id: &str, label: &str, values: &BTreeMap<String, String>) {
        let all = self.say("全部", "all");
        let _ = write!(
            self.out,
            "<p><label for=\"{id}\">{label}</label><select id=\"{id}\"><option value=\"\">{all}</option>"
        );
        for (value, shown) in values {
            let _ = write!(self.out, "<option value=\"{}\">{}</option>", escaped(value), escaped(shown));
        }
        self.put("</select></p>\n");
    }

    fn findings(&mut self, findings: &Rows) {
        let (found, shown) = (findings.height, findings.height.min(MOST_FINDINGS));
        let heading = self.say("问题清单", "Findings");
        let _ = writeln!(self.out, "<h2 id=\"list\">{heading}</h2>");
        if found > shown {
            let text = match self.lang {
                Lang::Zh => format!("共{found}个问题，本页列前{shown}个；全部见 findings.csv。"),
                Lang::En => format!("{found} findings; this page lists the first {shown}. All are in findings.csv."),
            };
            let _ = writeln!(self.out, "<p>{}</p>", escaped(&text));
        }
        let values = |key: &str, shown_as: &dyn Fn(usize) -> String| -> BTreeMap<String, String> {
            (0..shown).map(|at| (findings.text(at, key), shown_as(at))).collect()
        };
        let units = values("unit", &|at| format!("{} {}", findings.text(at, "unit"), findings.text(at, "unit_name")));
        let rules = values("rule", &|at| findings.text(at, "rule"));
        let severities = values("severity", &|at| findings.text(at, "level"));
        // Without scripts there is nothing to filter with.
        self.put("<form id=\"filters\" class=\"hidden\">\n");
        let labels = [self.say("社部", "Unit"), self.say("规则", "Rule"), self.say("级别", "Severity")];
        for ((id, values), label) in
            [("f-unit", &units), ("f-rule", &rules), ("f-severity", &severities)].into_iter().zip(&labels)
        {
            self.choice(id, label, values);
        }
        let (search, reset) = (self.say("含有文字", "Contains"), self.say("清除筛选", "Clear"));
        let _ = writeln!(
            self.out,
            "<p><label for=\"f-text\">{search}</label><input id=\"f-text\" type=\"text\"></p>\n\
             <p><button type=\"reset\">{reset}</button></p>\n</form>"
        );
        let pattern = self.say("显示 {shown} 个，共 {all} 个", "{shown} of {all} shown");
        let _ = writeln!(
            self.out,
            "<p id=\"count\" class=\"count\" role=\"status\" aria-live=\"polite\" data-text=\"{pattern}\"></p>"
        );
        let headings = [
            self.say("社部", "Unit"),
            self.say("级别", "Severity"),
            self.say("规则", "Rule"),
            self.say("位置", "Place"),
            self.say("记录", "Record"),
            self.say("值", "Value"),
            self.say("问题", "Finding"),
            self.say("处理办法", "What to do"),
            self.say("状态", "Status"),
        ];
        let caption = self.say("证件号码和姓名已掩码", "Numbers of documents and names of persons are masked");
        let _ = write!(self.out, "<table><caption>{caption}</caption><thead><tr>");
        for heading in headings {
            let _ = write!(self.out, "<th scope=\"col\">{heading}</th>");
        }
        self.put("</tr></thead><tbody id=\"findings\">\n");
        for at in 0..shown {
            let text = |column: &str| escaped(&findings.text(at, column));
            let (unit, rule, class) = (text("unit"), text("rule"), text("severity"));
            let parts = ["file", "sheet", "cell"].map(|part| findings.text(at, part));
            let place: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            let _ = writeln!(
                self.out,
                "<tr data-unit=\"{unit}\" data-rule=\"{rule}\" data-severity=\"{class}\"><td>{}</td>\
                 <td><span class=\"tag {class}\">{}</span></td><td>{rule}</td><td class=\"w\">{}</td><td class=\"w\">{}</td>\
                 <td class=\"w\">{}</td><td class=\"w\">{}</td><td class=\"w\">{}</td><td>{}</td></tr>",
                text("unit_name"),
                text("level"),
                escaped(&place.join(" ")),
                text("record_key"),
                text("value"),
                text("message"),
                text("fix"),
                text("status"),
            );
        }
        self.put("</tbody></table>\n");
    }

    fn foot(&mut self, material: &Material<'_>) {
        let pack = &material.outcome.pack;
        let (id, edition) = (escaped(&pack.id), escaped(&pack.edition));
        let text = match self.lang {
            Lang::Zh => format!("规则包 {id} {edition}　程序版本 {}", env!("CARGO_PKG_VERSION")),
            Lang::En => format!("Pack {id} {edition} · program {}", env!("CARGO_PKG_VERSION")),
        };
        let script = include_str!("page.js");
        let _ = write!(self.out, "</main>\n<footer>{text}</footer>\n<script>\n{script}</script>\n</body>\n</html>\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_markup() {
        assert_eq!(
            escaped("<script>alert('1') & \"2\"</script>\u{1}"),
            "&lt;script&gt;alert(&#39;1&#39;) &amp; &quot;2&quot;&lt;/script&gt;\u{fffd}"
        );
    }

    #[test]
    fn rates_have_one_decimal() {
        for (part, whole, rate) in [(1, 3, "333.3"), (2, 3, "666.7"), (0, 5, "0.0"), (1, 2_000, "0.5"), (5, 0, "—")] {
            assert_eq!(per_thousand(part, whole), rate);
        }
    }

    #[test]
    fn the_script_is_old_javascript() {
        let script = include_str!("page.js");
        for new in ["let ", "const ", "=>", "`", "class ", "async ", "fetch", "http"] {
            assert!(!script.contains(new), "{new}");
        }
    }
}
