//! The small pieces of a definition: texts in one or both languages, words of a list, names of columns and files.

use polars::prelude::{PlSmallStr, Schema};

use crate::{
    problem::{At, Problems, Reader, did_you_mean},
    text::Text,
};

/// A text: `"…"` stands for both languages, `{ zh = "…", en = "…" }` for each.
pub fn either_language(
    reader: &mut Reader<'_, '_>,
    key: &str,
    required: bool,
    problems: &mut Problems,
) -> Option<Text> {
    if !reader.has(key) {
        if required {
            reader.missing(key, problems);
        }
        return None;
    }
    if reader.is_table(key) {
        return Some(reader.both_languages(key, problems).value);
    }
    reader.text(key, problems).map(|text| Text::new(text.value.clone(), text.value))
}

/// A list of texts in one or both languages.
pub fn texts(reader: &mut Reader<'_, '_>, key: &str, problems: &mut Problems) -> Vec<Text> {
    if reader.holds_tables(key) {
        let mut texts = Vec::new();
        reader.tables(key, problems, |reader, problems| {
            let zh = reader.required_text("zh", problems).value;
            texts.push(Text { zh, en: reader.required_text("en", problems).value });
        });
        return texts;
    }
    reader.texts(key, problems).into_iter().map(|text| Text::new(text.value.clone(), text.value)).collect()
}

/// The value that belongs to a word, if the key is there.
pub fn choice<T: Copy>(
    reader: &mut Reader<'_, '_>,
    key: &str,
    choices: &[(&str, T)],
    problems: &mut Problems,
) -> Option<T> {
    let word = reader.text(key, problems)?;
    let found = choices.iter().find(|(name, _)| *name == word.value).map(|(_, value)| *value);
    if found.is_none() {
        let names = || choices.iter().map(|(name, _)| *name);
        let help = did_you_mean(&word.value, names()).unwrap_or_else(|| {
            let names = names().collect::<Vec<_>>().join(", ");
            Text::new(format!("可以写：{names}"), format!("one of: {names}"))
        });
        let name = &word.value;
        let message = Text::new(format!("这里不能写 `{name}`"), format!("`{name}` is not known here"));
        word.span.problem(problems, message, Some(help));
    }
    found
}

/// Whether the query has the column; if not, it is a problem.
pub fn known_column(name: &At<String>, schema: &Schema, problems: &mut Problems) -> bool {
    if name.value.is_empty() || schema.contains(&name.value) {
        return true;
    }
    let columns = || schema.iter_names().map(PlSmallStr::as_str);
    let help = did_you_mean(&name.value, columns()).unwrap_or_else(|| {
        let columns = columns().collect::<Vec<_>>().join(", ");
        Text::new(format!("查询的列：{columns}"), format!("the query has: {columns}"))
    });
    let column = &name.value;
    let message = Text::new(format!("查询没有列 `{column}`"), format!("the query has no column `{column}`"));
    name.span.problem(problems, message, Some(help));
    false
}

/// The columns of `sort`; one that begins with `-` has the largest first.
pub fn sorting(reader: &mut Reader<'_, '_>, schema: &Schema, problems: &mut Problems) -> Vec<(String, bool)> {
    let mut sort = Vec::new();
    for name in reader.texts("sort", problems) {
        let largest_first = name.value.starts_with('-');
        let column = At { value: name.value.trim_start_matches('-').to_owned(), span: name.span };
        if known_column(&column, schema, problems) {
            sort.push((column.value, largest_first));
        }
    }
    sort
}

/// Reports a file name that could leave the folder or lacks the extension.
pub fn safe_file(name: &At<String>, extension: &str, problems: &mut Problems) {
    let text = &name.value;
    if text.is_empty() {
        return;
    }
    let stem = text.strip_suffix(extension);
    let good = stem.is_some_and(|stem| !stem.is_empty() && !stem.starts_with('.'))
        && !text.chars().any(|c| c.is_control() || r#"\/:*?"<>|"#.contains(c));
    if !good {
        let message = Text::new(format!("`{text}` 不能作文件名"), format!("`{text}` cannot name the file"));
        let help =
            Text::new(format!("以 {extension} 结尾，不含路径"), format!("it ends in {extension} and holds no path"));
        name.span.problem(problems, message, Some(help));
    }
}
