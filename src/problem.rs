//! Problems in files people write (packs, jobs): all of them at once, each with file, line, column and a caret.
//!
//! Also the small reader that takes TOML apart key by key, so that a misspelt key or a value of the wrong type is
//! reported where it stands and the rest is still read. Knows nothing of what the keys mean.

use std::{collections::BTreeSet, fmt, io, ops::Range, path::Path, sync::Arc};

use chrono::NaiveDate;
use miette::{
    Diagnostic, LabeledSpan, MietteError, MietteSpanContents, NamedSource, SourceCode, SourceSpan, SpanContents,
};
use toml::de::{DeTable, DeValue};

use crate::{pack::Literal, text::Text};

/// One problem.
#[derive(Clone, Debug)]
pub struct Problem {
    /// What is wrong.
    pub message: Text,
    /// What to do.
    pub help: Option<Text>,
    /// The file, with its text.
    pub source: Option<Arc<NamedSource<String>>>,
    /// Where in the text, in bytes.
    pub span: Option<Range<usize>>,
}

/// All problems found in one go; never empty when returned as an error.
#[derive(Debug, Default)]
pub struct Problems {
    /// In the order found.
    pub list: Vec<Problem>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message.fmt(f)
    }
}

impl std::error::Error for Problem {}

impl Diagnostic for Problem {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.is_some().then_some(self as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.span.clone()?;
        Some(Box::new(std::iter::once(LabeledSpan::new(None, span.start, span.len().max(1)))))
    }
}

impl SourceCode for Problem {
    /// As the file gives it, but for the column: it is counted in characters, as editors do, and not in bytes.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let source = self.source.as_ref().ok_or(MietteError::OutOfBounds)?;
        let read = source.read_span(span, lines_before, lines_after)?;
        let before = source.inner().get(..read.span().offset()).unwrap_or_default();
        let column = before.rsplit('\n').next().map_or(0, |rest| rest.chars().count());
        let name = source.name().to_owned();
        let counted =
            MietteSpanContents::new_named(name, read.data(), *read.span(), read.line(), column, read.line_count());
        Ok(Box::new(counted))
    }
}

impl Problem {
    /// File, line and column (1-based), if the problem has a place.
    pub fn position(&self) -> Option<(String, usize, usize)> {
        let source = self.source.as_ref()?;
        let text = source.inner();
        let start = self.span.as_ref()?.start.min(text.len());
        let before = text.get(..start)?;
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |rest| rest.chars().count()) + 1;
        Some((source.name().to_owned(), line, column))
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.list.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            if let Some((file, line, column)) = problem.position() {
                write!(f, "{file}:{line}:{column}: ")?;
            }
            write!(f, "{}", problem.message)?;
            if let Some(help) = &problem.help {
                write!(f, " ({help})")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

impl Problems {
    /// Adds a problem without a place.
    pub fn add(&mut self, message: Text, help: Option<Text>) {
        self.list.push(Problem { message, help, source: None, span: None });
    }

    /// Adds that the file shown as `shown` could not be read, with what to do about it.
    pub fn cannot_read(&mut self, shown: &str, error: &io::Error) {
        let help = match error.kind() {
            io::ErrorKind::NotFound => {
                Text::new("没有这个文件，请核对路径和文件名", "no such file; check the path and the name")
            }
            io::ErrorKind::PermissionDenied => Text::new(
                "没有读取权限，或文件正被其他程序占用",
                "no permission to read it, or another program has it open",
            ),
            io::ErrorKind::InvalidData => Text::new("请另存为 UTF-8 编码的文本", "save it as UTF-8 text"),
            io::ErrorKind::IsADirectory => Text::new("这是文件夹，请指定文件", "it is a folder; name a file"),
            _ => Text::new("请核对磁盘或网络位置是否可用", "check that the disk or network place is available"),
        };
        self.add(Text::new(format!("读不出 {shown}"), format!("cannot read {shown}: {error}")), Some(help));
    }

    /// `value` if nothing was found, else all problems as the error.
    ///
    /// # Errors
    /// If any problem was added.
    pub fn into_result<T>(self, value: T) -> Result<T, Problems> {
        if self.list.is_empty() { Ok(value) } else { Err(self) }
    }

    /// The problems drawn with source lines and carets, for a terminal.
    pub fn render(&self) -> String {
        let handler = miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::unicode_nocolor());
        let mut out = String::new();
        for problem in &self.list {
            // Writing to a String cannot fail.
            let _ = handler.render_report(&mut out, problem);
        }
        out
    }
}

/// `did you mean ...`, if a candidate is close enough to `found`.
pub fn did_you_mean<'a>(found: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<Text> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(found, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.chars().count() / 4)
        .min()
        .map(|(_, candidate)| Text::new(format!("是否应为 `{candidate}`？"), format!("did you mean `{candidate}`?")))
}

/// A text in both languages with its places.
pub struct TextAt {
    /// The text.
    pub value: Text,
    /// Where the Chinese stands.
    pub zh: Span,
    /// Where the English stands.
    pub en: Span,
}

/// A TOML file taken apart with positions.
#[derive(Clone, Debug)]
pub struct TomlFile {
    source: Arc<NamedSource<String>>,
}

/// A place in a TOML file.
#[derive(Clone, Debug)]
pub struct Span {
    source: Arc<NamedSource<String>>,
    range: Range<usize>,
}

impl Span {
    /// Adds a problem at this place.
    pub fn problem(&self, problems: &mut Problems, message: Text, help: Option<Text>) {
        problems.list.push(Problem {
            message,
            help,
            source: Some(self.source.clone()),
            span: Some(self.range.clone()),
        });
    }

    /// File and line, such as `large-credit/loans.toml:31`.
    pub fn file_line(&self) -> String {
        let before = self.source.inner().get(..self.range.start).unwrap_or_default();
        format!("{}:{}", self.source.name(), before.matches('\n').count() + 1)
    }

    /// The part of a quoted string that begins `offset` characters into it. Exact for strings without escapes, which
    /// conditions are; with escapes it stays inside the string.
    #[must_use]
    pub fn inside(&self, offset: usize, length: usize) -> Span {
        let text = self.source.inner().get(self.range.clone()).unwrap_or_default();
        let quote = if text.starts_with("\"\"\"") || text.starts_with("'''") {
            3 + usize::from(text[3..].starts_with('\n'))
        } else {
            1
        };
        let skip: usize = text.chars().skip(quote).take(offset).map(char::len_utf8).sum();
        let long: usize = text.chars().skip(quote + offset).take(length).map(char::len_utf8).sum();
        let start = (self.range.start + quote + skip).min(self.range.end);
        Span { source: self.source.clone(), range: start..(start + long.max(1)).min(self.range.end.max(start + 1)) }
    }
}

/// A TOML table being read: every key that is asked for is known, the others are reported by [`Reader::finish`].
pub struct Reader<'a, 'i> {
    file: &'a TomlFile,
    table: &'a DeTable<'i>,
    /// Where the table stands.
    pub span: Span,
    known: BTreeSet<String>,
}

/// A value with its place.
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

impl TomlFile {
    /// A file by the name shown in problems, and its text.
    pub fn new(name: &str, text: String) -> Self {
        Self { source: Arc::new(NamedSource::new(name, text)) }
    }

    /// A place in the file.
    pub fn span(&self, range: Range<usize>) -> Span {
        Span { source: self.source.clone(), range }
    }

    /// Parses the text; syntax errors become problems, and what could be read is handed to `read`.
    pub fn parse<T>(&self, problems: &mut Problems, read: impl FnOnce(&mut Reader<'_, '_>, &mut Problems) -> T) -> T {
        let (table, errors) = DeTable::parse_recoverable(self.source.inner());
        for error in errors {
            let message = Text::new("TOML 语法错误", error.message().trim());
            self.span(error.span().unwrap_or(0..1)).problem(problems, message, None);
        }
        let mut reader = Reader::new(self, table.get_ref(), self.span(0..0));
        let value = read(&mut reader, problems);
        reader.finish(problems);
        value
    }

    /// Reads `path`; a file that cannot be read is a problem.
    pub fn open(path: &Path, shown: &str, problems: &mut Problems) -> Option<Self> {
        match std::fs::read_to_string(path) {
            Ok(text) => Some(Self::new(shown, text)),
            Err(error) => {
                problems.cannot_read(shown, &error);
                None
            }
        }
    }
}

impl<'a, 'i> Reader<'a, 'i> {
    fn new(file: &'a TomlFile, table: &'a DeTable<'i>, span: Span) -> Self {
        Self { file, table, span, known: BTreeSet::new() }
    }

    /// The keys of the table with their places, all taken as known.
    pub fn keys(&mut self) -> Vec<At<String>> {
        let keys: Vec<_> = self
            .table
            .iter()
            .map(|(key, _)| At { value: key.get_ref().to_string(), span: self.file.span(key.span()) })
            .collect();
        self.known.extend(keys.iter().map(|key| key.value.clone()));
        keys
    }

    fn value(&mut self, key: &str) -> Option<(&'a DeValue<'i>, Span)> {
        self.known.insert(key.to_owned());
        let value = self.table.get(key)?;
        Some((value.get_ref(), self.file.span(value.span())))
    }

    /// Whether the key is there.
    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Whether the key holds a table.
    pub fn is_table(&self, key: &str) -> bool {
        self.table.get(key).is_some_and(|value| value.get_ref().as_table().is_some())
    }

    /// Whether the key holds a list of tables.
    pub fn holds_tables(&self, key: &str) -> bool {
        let first = self.table.get(key).and_then(|value| value.get_ref().as_array()?.iter().next());
        first.is_some_and(|item| item.get_ref().as_table().is_some())
    }

    /// Takes keys as known although nobody reads them: another problem stands in the way.
    pub fn pass_over(&mut self, keys: &[&str]) {
        self.known.extend(keys.iter().map(|key| (*key).to_owned()));
    }

    /// A text. An empty one is a problem.
    pub fn text(&mut self, key: &str, problems: &mut Problems) -> Option<At<String>> {
        let (value, span) = self.value(key)?;
        match value.as_str() {
            Some("") => {
                span.problem(problems, Text::new(format!("`{key}` 是空的"), format!("`{key}` is empty")), None);
                None
            }
            Some(text) => Some(At { value: text.to_owned(), span }),
            None => wrong_type(key, ("加引号的文字", "a text in quotes"), value, &span, problems),
        }
    }

    /// A text that must be there; empty if a problem was added.
    pub fn required_text(&mut self, key: &str, problems: &mut Problems) -> At<String> {
        if !self.has(key) {
            self.missing(key, problems);
        }
        let span = self.span.clone();
        self.text(key, problems).unwrap_or(At { value: String::new(), span })
    }

    /// Reports that `key` is missing.
    pub fn missing(&mut self, key: &str, problems: &mut Problems) {
        self.known.insert(key.to_owned());
        self.span.problem(problems, Text::new(format!("缺少 `{key}`"), format!("`{key}` is missing")), None);
    }

    /// `true` or `false`.
    pub fn flag(&mut self, key: &str, problems: &mut Problems) -> Option<bool> {
        let (value, span) = self.value(key)?;
        value.as_bool().or_else(|| wrong_type(key, ("true 或 false", "true or false"), value, &span, problems))
    }

    /// A whole number that is not negative.
    pub fn count(&mut self, key: &str, problems: &mut Problems) -> Option<u32> {
        let (value, span) = self.value(key)?;
        let number = value.as_integer().and_then(|number| number.as_str().parse().ok());
        number.or_else(|| wrong_type(key, ("不带引号的整数", "a whole number"), value, &span, problems))
    }

    /// A list of whole numbers that are not negative.
    pub fn counts(&mut self, key: &str, problems: &mut Problems) -> Vec<At<u32>> {
        let Some((value, span)) = self.value(key) else { return Vec::new() };
        let Some(array) = value.as_array() else {
            wrong_type::<()>(key, ("整数列表", "a list of whole numbers"), value, &span, problems);
            return Vec::new();
        };
        let mut counts = Vec::new();
        for item in array {
            let span = self.file.span(item.span());
            match item.get_ref().as_integer().and_then(|number| number.as_str().parse().ok()) {
                Some(value) => counts.push(At { value, span }),
                None => {
                    wrong_type::<()>(key, ("整数列表", "a list of whole numbers"), item.get_ref(), &span, problems);
                }
            }
        }
        counts
    }

    /// A calendar day.
    pub fn date(&mut self, key: &str, problems: &mut Problems) -> Option<NaiveDate> {
        let (value, span) = self.value(key)?;
        match literal(value) {
            Some(Literal::Date(date)) => Some(date),
            _ => wrong_type(key, DATE, value, &span, problems),
        }
    }

    /// A number, text, date or truth value.
    pub fn literal(&mut self, key: &str, problems: &mut Problems) -> Option<At<Literal>> {
        let (value, span) = self.value(key)?;
        match literal(value) {
            Some(value) => Some(At { value, span }),
            None => wrong_type(key, LITERAL, value, &span, problems),
        }
    }

    /// A list of texts; a single text is a list of one.
    pub fn texts(&mut self, key: &str, problems: &mut Problems) -> Vec<At<String>> {
        let Some((value, span)) = self.value(key) else { return Vec::new() };
        if let Some(text) = value.as_str() {
            return vec![At { value: text.to_owned(), span }];
        }
        let Some(array) = value.as_array() else {
            wrong_type::<()>(key, ("文字列表", "a list of texts"), value, &span, problems);
            return Vec::new();
        };
        let mut texts = Vec::new();
        for item in array {
            let span = self.file.span(item.span());
            match item.get_ref().as_str() {
                Some(text) => texts.push(At { value: text.to_owned(), span }),
                None => {
                    wrong_type::<()>(key, ("文字列表", "a list of texts"), item.get_ref(), &span, problems);
                }
            }
        }
        texts
    }

    /// A text in both languages, `{ zh = "...", en = "..." }`.
    pub fn both_languages(&mut self, key: &str, problems: &mut Problems) -> TextAt {
        let found = self.table(key, problems, |reader, problems| {
            let zh = reader.required_text("zh", problems);
            let en = reader.required_text("en", problems);
            TextAt { value: Text { zh: zh.value, en: en.value }, zh: zh.span, en: en.span }
        });
        found.unwrap_or_else(|| {
            if !self.has(key) {
                self.missing(key, problems);
            }
            TextAt { value: Text::default(), zh: self.span.clone(), en: self.span.clone() }
        })
    }

    /// A nested table, if it is there.
    pub fn table<T>(
        &mut self,
        key: &str,
        problems: &mut Problems,
        read: impl FnOnce(&mut Reader<'_, '_>, &mut Problems) -> T,
    ) -> Option<T> {
        let (value, span) = self.value(key)?;
        match value.as_table() {
            Some(table) => {
                let mut reader = Reader::new(self.file, table, span);
                let result = read(&mut reader, problems);
                reader.finish(problems);
                Some(result)
            }
            None => wrong_type(key, ("表 { … }", "a table"), value, &span, problems),
        }
    }

    /// A list of tables (`[[key]]` or `key = [{ ... }]`), each handed to `read`.
    pub fn tables(
        &mut self,
        key: &str,
        problems: &mut Problems,
        mut read: impl FnMut(&mut Reader<'_, '_>, &mut Problems),
    ) {
        let Some((value, span)) = self.value(key) else { return };
        let Some(array) = value.as_array() else {
            wrong_type::<()>(key, ("表的列表", "a list of tables"), value, &span, problems);
            return;
        };
        for item in array {
            let span = self.file.span(item.span());
            match item.get_ref().as_table() {
                Some(table) => {
                    let mut reader = Reader::new(self.file, table, span);
                    read(&mut reader, problems);
                    reader.finish(problems);
                }
                None => {
                    wrong_type::<()>(key, ("表的列表", "a list of tables"), item.get_ref(), &span, problems);
                }
            }
        }
    }

    fn finish(self, problems: &mut Problems) {
        for (key, _) in self.table {
            if !self.known.contains(key.get_ref().as_ref()) {
                let known = || self.known.iter().map(String::as_str);
                let help = did_you_mean(key.get_ref(), known()).unwrap_or_else(|| {
                    let names = known().collect::<Vec<_>>().join(", ");
                    Text::new(format!("这里可以写：{names}"), format!("known keys: {names}"))
                });
                let name = key.get_ref();
                let message = Text::new(format!("没有 `{name}` 这个键"), format!("unknown key `{name}`"));
                self.file.span(key.span()).problem(problems, message, Some(help));
            }
        }
    }
}

const DATE: (&str, &str) = ("不带引号的日期，如 2026-10-31", "a date such as 2026-10-31, without quotes");
const LITERAL: (&str, &str) = ("数字、文字、日期、true 或 false", "a number, text, date, true or false");

/// Adds that `key` holds something else than what is `wanted` (in Chinese and English).
fn wrong_type<T>(
    key: &str,
    wanted: (&str, &str),
    value: &DeValue<'_>,
    span: &Span,
    problems: &mut Problems,
) -> Option<T> {
    let found = value.type_str();
    let zh = match value {
        DeValue::String(_) => "文字",
        DeValue::Integer(_) => "整数",
        DeValue::Float(_) => "小数",
        DeValue::Boolean(_) => "true 或 false",
        DeValue::Datetime(_) => "日期",
        DeValue::Array(_) => "列表",
        DeValue::Table(_) => "表",
    };
    let message =
        Text::new(format!("`{key}` 应为{}，现为{zh}", wanted.0), format!("`{key}` is {}; found {found}", wanted.1));
    span.problem(problems, message, None);
    None
}

fn literal(value: &DeValue<'_>) -> Option<Literal> {
    Some(match value {
        DeValue::String(text) => Literal::Text(text.to_string()),
        DeValue::Integer(number) => Literal::Integer(number.as_str().replace('_', "").parse().ok()?),
        DeValue::Float(number) => Literal::Decimal(number.as_str().replace('_', "")),
        DeValue::Boolean(flag) => Literal::Bool(*flag),
        DeValue::Datetime(datetime) => {
            let date = datetime.date?;
            Literal::Date(NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into())?)
        }
        DeValue::Array(_) | DeValue::Table(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_is_reported_with_its_place() {
        let file =
            TomlFile::new("job.toml", "pack = 3\nperoid = \"2026-10\"\n[institution]\nname = \"x\"\n".to_owned());
        let mut problems = Problems::default();
        file.parse(&mut problems, |reader, problems| {
            reader.text("pack", problems);
            reader.required_text("period", problems);
            reader.table("institution", problems, |reader, problems| reader.required_text("name", problems).value);
        });
        let text = problems.to_string();
        assert!(
            text.contains(
                "job.toml:1:8: `pack` 应为加引号的文字，现为整数 / `pack` is a text in quotes; found integer"
            ),
            "{text}"
        );
        assert!(text.contains("`period` is missing"), "{text}");
        assert!(text.contains("job.toml:2:1: 没有 `peroid` 这个键 / unknown key `peroid` (是否应为 `period`？ / did you mean `period`?)"), "{text}");
        assert!(problems.render().contains("peroid"), "{}", problems.render());
    }

    #[test]
    fn numbers_keep_their_digits() {
        let file = TomlFile::new("p.toml", "a = 500.10\nb = 7\nc = 2026-10-31\n".to_owned());
        let mut problems = Problems::default();
        let values = file.parse(&mut problems, |reader, problems| {
            ["a", "b", "c"].map(|key| reader.literal(key, problems).map(|at| at.value))
        });
        assert_eq!(values[0], Some(Literal::Decimal("500.10".to_owned())));
        assert_eq!(values[1], Some(Literal::Integer(7)));
        assert_eq!(values[2], NaiveDate::from_ymd_opt(2026, 10, 31).map(Literal::Date));
        assert!(problems.list.is_empty());
    }
}
