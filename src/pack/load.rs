//! Loading a pack: all files read, all problems found at once, and only a good [`RulePack`] handed on.
//!
//! Packs are embedded in the binary; a folder given by the job takes their place.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};

use chrono::NaiveDate;
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use super::{
    AmountUnit, Code, CodeList, Dataset, Field, FieldKind, Literal, RulePack, Source, clauses, completeness, expand,
    functions::Context,
    params,
    rules::{self, RuleScope},
    schemes,
};
use crate::{
    finding::Severity,
    job::{Calendar, Period},
    problem::{At, Problems, Reader, TomlFile, did_you_mean},
    text::{Mask, Text},
};

#[derive(RustEmbed)]
#[folder = "rules/"]
struct Embedded;

/// What a pack is loaded for.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Name of the pack.
    pub pack: &'a str,
    /// Folder with packs that takes the place of those in the binary.
    pub folder: Option<&'a Path>,
    /// Rules and parameters in force on this period's data date are taken.
    pub period: Period,
    /// Parameters the job sets.
    pub overrides: &'a BTreeMap<String, Literal>,
    /// Working days, for `working_days()`.
    pub calendar: Calendar,
}

/// Names of the packs there are: folders with a `pack.toml`.
///
/// # Errors
/// If the folder cannot be read.
pub fn pack_names(folder: Option<&Path>) -> std::io::Result<Vec<String>> {
    let mut names = BTreeSet::new();
    match folder {
        Some(folder) => {
            for entry in std::fs::read_dir(folder)? {
                let entry = entry?;
                if entry.path().join("pack.toml").is_file() {
                    names.insert(entry.file_name().to_string_lossy().into_owned());
                }
            }
        }
        None => names.extend(Embedded::iter().filter_map(|path| path.strip_suffix("/pack.toml").map(str::to_owned))),
    }
    Ok(names.into_iter().collect())
}

/// The files of the program's own folder `common`, which packs of one's own include, by their path below the rules folder.
pub fn common_files() -> Vec<(String, Vec<u8>)> {
    let own =
        |path: &String| path.starts_with("common/") && Path::new(path).extension().is_some_and(|kind| kind == "toml");
    let mut names: Vec<String> = Embedded::iter().map(std::borrow::Cow::into_owned).filter(own).collect();
    names.sort();
    let read = |name: String| Embedded::get(&name).map(|file| (name, file.data.into_owned()));
    names.into_iter().filter_map(read).collect()
}

/// Files of a pack by their path below the rules folder.
type Files = BTreeMap<String, String>;

fn read_files(request: &Request<'_>, pack: &str, problems: &mut Problems) -> Files {
    let mut files = Files::new();
    let mut add = |name: String, content: Vec<u8>, problems: &mut Problems| {
        if let Ok(text) = String::from_utf8(content) {
            files.insert(name, text);
        } else {
            let message = Text::new(format!("{name} 不是 UTF-8 文本"), format!("{name} is not UTF-8 text"));
            problems.add(message, Some(Text::new("请另存为 UTF-8 编码", "save it as UTF-8")));
        }
    };
    if let Some(folder) = request.folder {
        for sub in [pack.to_owned(), format!("{pack}/codes")] {
            let Ok(entries) = std::fs::read_dir(folder.join(&sub)) else { continue };
            for entry in entries.flatten().filter(|entry| entry.path().is_file()) {
                let name = format!("{sub}/{}", entry.file_name().to_string_lossy());
                match std::fs::read(entry.path()) {
                    Ok(content) => add(name, content, problems),
                    Err(error) => problems.cannot_read(&name, &error),
                }
            }
        }
    } else {
        let prefix = format!("{pack}/");
        for path in Embedded::iter() {
            let own = path.strip_prefix(&prefix).is_some_and(|rest| !rest.trim_start_matches("codes/").contains('/'));
            if let Some(file) = Embedded::get(&path).filter(|_| own) {
                add(path.into_owned(), file.data.into_owned(), problems);
            }
        }
    }
    files
}

/// What to do if the pack asked for is not there.
fn where_packs_are(request: &Request<'_>) -> Text {
    match (request.folder, pack_names(request.folder)) {
        (Some(folder), _) if folder.join("pack.toml").is_file() => Text::new(
            "指定的文件夹本身就是规则包；请指定它的上一级文件夹",
            "the folder is itself a pack; name the folder it lies in",
        ),
        (Some(folder), Err(error)) => {
            let folder = folder.display();
            Text::new(format!("打不开文件夹 {folder}，请核对路径"), format!("cannot list {folder}: {error}"))
        }
        (Some(folder), Ok(names)) if names.is_empty() => {
            let folder = folder.display();
            Text::new(
                format!("{folder} 下没有含 pack.toml 的文件夹"),
                format!("no folder in {folder} holds a pack.toml"),
            )
        }
        (_, names) => {
            let names = names.unwrap_or_default();
            did_you_mean(request.pack, names.iter().map(String::as_str)).unwrap_or_else(|| {
                let names = names.join(", ");
                Text::new(format!("现有规则包：{names}"), format!("packs: {names}"))
            })
        }
    }
}

/// Loads a pack and proves it: every condition is compiled and tried on tables without records.
///
/// # Errors
/// All problems of all its files, each with its place.
pub fn load_pack(request: &Request<'_>) -> Result<RulePack, Problems> {
    let mut problems = Problems::default();
    let files = read_files(request, request.pack, &mut problems);
    let main = format!("{}/pack.toml", request.pack);
    let Some(text) = files.get(&main) else {
        let message =
            Text::new(format!("没有规则包 `{}`", request.pack), format!("there is no pack `{}`", request.pack));
        problems.add(message, Some(where_packs_are(request)));
        return Err(problems);
    };
    let date = request.period.data_date();
    let mut pack = RulePack {
        id: request.pack.to_owned(),
        edition: String::new(),
        without_deadlines: false,
        title: Text::default(),
        datasets: Vec::new(),
        completeness: Vec::new(),
        rules: Vec::new(),
        tiers: Vec::new(),
        cadences: Vec::new(),
        params: BTreeMap::new(),
        codes: BTreeMap::new(),
        clauses: Vec::new(),
        retired: Vec::new(),
        hash: String::new(),
    };
    let mut includes = Vec::new();
    let mut lists_named = Vec::new();
    let mut measures = Vec::new();
    TomlFile::new(&main, text.clone()).parse(&mut problems, |reader, problems| {
        pack.edition = reader.required_text("edition", problems).value;
        pack.without_deadlines = reader.flag("deadlines", problems) == Some(false);
        pack.title = reader.both_languages("title", problems).value;
        includes = reader.texts("include", problems);
        pack.retired = reader.texts("retired", problems).into_iter().map(|id| id.value).collect();
        reader.tables("dataset", problems, |reader, problems| {
            read_dataset(reader, problems, &mut pack.datasets, &mut lists_named);
        });
        reader.tables("completeness", problems, |reader, problems| {
            measures.extend(completeness::read(reader, problems, &pack.datasets));
        });
    });
    let mut all_files = files;
    for folder in includes {
        let more = read_files(request, &folder.value, &mut problems);
        if more.is_empty() {
            let (message, help) = no_folder(request, &folder.value);
            folder.span.problem(&mut problems, message, help);
        }
        all_files.extend(more);
    }
    pack.hash = hash(&all_files);
    let mut classed = params::Classed::default();
    let schemes_in = read_values(&all_files, date, &mut pack, &mut classed, &mut problems);
    for named in lists_named {
        if !pack.codes.contains_key(&named.value) {
            let help = did_you_mean(&named.value, pack.codes.keys().map(String::as_str));
            let name = &named.value;
            let message = Text::new(format!("没有代码表 `{name}`"), format!("there is no code list `{name}`"));
            named.span.problem(&mut problems, message, help);
        }
    }
    pack.params = classed.in_force(pack.params, request.overrides, &mut problems);
    params::override_params(&mut pack.params, request.overrides, &mut problems);

    let context = Arc::new(Context::new(date, request.calendar.clone(), &pack.codes));
    let values = parameter_values(&pack, request.period);
    pack.completeness = completeness::tried(measures, &pack.datasets, &values, &context, &mut problems);
    let mut found = Vec::new();
    let mut ids = BTreeMap::new();
    for (name, text) in &all_files {
        let is_toml = Path::new(name).extension().is_some_and(|extension| extension == "toml");
        if !is_toml || name == &main || name.ends_with("/params.toml") || schemes::is_scheme(name) {
            continue;
        }
        TomlFile::new(name, text.clone()).parse(&mut problems, |reader, problems| {
            let scope = RuleScope { pack: &pack, params: &values, context: &context, date };
            reader.tables("rule", problems, |reader, problems| {
                found.extend(rules::read_rule(reader, problems, &scope, &mut ids));
            });
        });
    }
    found.extend(expand::field_rules(&pack));
    found.sort_by(|a: &super::Rule, b| a.id.cmp(&b.id));
    report_made_twice(&found, &mut problems);
    pack.rules = found;
    clauses::report_unknown(&pack, &mut problems);
    schemes::read(&schemes_in, &mut pack, &values, &context, &mut problems);
    problems.into_result(pack)
}

/// Reads code lists and parameters. Files with schemes of tiers may hold parameters of their own, which are read first;
/// those files are returned, but for any with mistakes of syntax.
fn read_values(
    files: &Files,
    date: NaiveDate,
    pack: &mut RulePack,
    classed: &mut params::Classed,
    problems: &mut Problems,
) -> Vec<(String, TomlFile)> {
    let mut schemes_in = Vec::new();
    for (name, text) in files {
        if let Some(list) = name.strip_suffix(".csv").and_then(|name| name.rsplit_once("/codes/")) {
            pack.codes.insert(list.1.to_owned(), read_codes(name, text, problems));
        } else if *name == format!("{}/clauses.csv", pack.id) {
            pack.clauses = clauses::read(name, text, problems);
        } else if name.ends_with("/params.toml") {
            let file = TomlFile::new(name, text.clone());
            file.parse(problems, |reader, problems| {
                params::read_params(reader, problems, date, &mut pack.params, classed);
            });
        } else if schemes::is_scheme(name) {
            let before = problems.list.len();
            let file = TomlFile::new(name, text.clone());
            let sound = file.parse(problems, |reader, problems| {
                let sound = problems.list.len() == before;
                reader.pass_over(&["scheme", "cadence"]);
                params::read_params(reader, problems, date, &mut pack.params, classed);
                sound
            });
            schemes_in.extend(sound.then_some((name.clone(), file)));
        }
    }
    schemes_in
}

/// That a pack includes a folder that is not there, and what to do.
fn no_folder(request: &Request<'_>, name: &str) -> (Text, Option<Text>) {
    let help = request.folder.map(|rules| {
        let (pack, place) = (request.pack, rules.join(name));
        let place = place.display();
        Text::new(
            format!("把自带规则中的 `{name}` 文件夹复制到 `{pack}` 旁边，即 {place}"),
            format!("copy the folder `{name}` of the shipped rules beside `{pack}`: {place}"),
        )
    });
    (Text::new(format!("没有文件夹 `{name}`"), format!("there is no folder `{name}`")), help)
}

/// Reports rules that are written with the id of one a field or key makes. Two that are both written were reported
/// where the second stands.
fn report_made_twice(sorted: &[super::Rule], problems: &mut Problems) {
    for pair in sorted.windows(2) {
        let [one, other] = pair else { continue };
        if one.id == other.id && (one.expanded || other.expanded) {
            let (id, one, other) = (&one.id, &one.place, &other.place);
            let message = Text::new(
                format!("两条规则编号相同：{id}（{one} 与 {other}）"),
                format!("two rules have the id {id}: {one} and {other}"),
            );
            let help = Text::new(
                "pack.toml 的字段和主键已生成此编号，请另取一个",
                "a field or key of pack.toml makes this id; take another",
            );
            problems.add(message, Some(help));
        }
    }
}

/// Values of all parameters, `data_date` and `period_start` included.
pub fn parameter_values(pack: &RulePack, period: Period) -> BTreeMap<String, Literal> {
    let mut values: BTreeMap<_, _> =
        pack.params.iter().map(|(name, param)| (name.clone(), param.value.clone())).collect();
    values.insert("data_date".to_owned(), Literal::Date(period.data_date()));
    values.insert("period_start".to_owned(), Literal::Date(period.first_day()));
    values
}

fn hash(files: &Files) -> String {
    let mut hash = Sha256::new();
    for (name, text) in files {
        for part in [name, text] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
    }
    crate::digest::hex(&hash.finalize())
}

pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn read_dataset(
    reader: &mut Reader<'_, '_>,
    problems: &mut Problems,
    datasets: &mut Vec<Dataset>,
    uses: &mut Vec<At<String>>,
) {
    let id = reader.required_text("id", problems);
    if !id.value.is_empty() && (!is_name(&id.value) || datasets.iter().any(|dataset| dataset.id == id.value)) {
        let help =
            Text::new("名称用小写字母、数字和 _，不能重复", "a name is lower-case letters, digits and _, and unique");
        id.span.problem(problems, cannot_name(&id.value, "数据集名", "name a dataset"), Some(help));
    }
    let prefix = reader.required_text("prefix", problems);
    let good = (2..=5).contains(&prefix.value.len()) && prefix.value.chars().all(|c| c.is_ascii_uppercase());
    if !prefix.value.is_empty() && (!good || datasets.iter().any(|dataset| dataset.prefix == prefix.value)) {
        let help = Text::new("前缀为二至五个大写字母，不能重复", "a prefix is two to five capital letters, and unique");
        prefix.span.problem(problems, cannot_name(&prefix.value, "前缀", "be a prefix"), Some(help));
    }
    let mut dataset = Dataset {
        id: id.value,
        prefix: prefix.value,
        title: reader.both_languages("title", problems).value,
        sheets: reader.texts("sheets", problems).into_iter().map(|sheet| sheet.value).collect(),
        required: reader.flag("required", problems).unwrap_or(false),
        roster: reader.flag("roster", problems).unwrap_or(false),
        fields: Vec::new(),
        key: Vec::new(),
    };
    if !reader.has("fields") {
        reader.missing("fields", problems);
    }
    let source = reader.has("source").then(|| read_source(reader, problems));
    reader.tables("fields", problems, |reader, problems| {
        let mut field = read_field(reader, problems, uses);
        field.source = field.source.or_else(|| source.clone());
        if dataset.fields.iter().any(|other| other.id == field.id) {
            let message =
                Text::new(format!("两个字段都叫 `{}`", field.id), format!("two fields are called `{}`", field.id));
            reader.span.problem(problems, message, None);
        }
        dataset.fields.push(field);
    });
    let key = reader.texts("key", problems);
    for name in key {
        let index = rules::field_of(&name, &dataset, problems);
        dataset.key.extend(index);
    }
    datasets.push(dataset);
}

pub(super) fn cannot_name(name: &str, zh: &str, en: &str) -> Text {
    Text::new(format!("`{name}` 不能作{zh}"), format!("`{name}` cannot {en}"))
}

/// Picks the value that belongs to a word which must be there.
pub(super) fn required_choice<T: Copy>(
    reader: &mut Reader<'_, '_>,
    key: &str,
    choices: &[(&str, T)],
    problems: &mut Problems,
) -> Option<T> {
    let word = reader.required_text(key, problems);
    if word.value.is_empty() { None } else { choose(&word, choices, problems) }
}

/// Picks the value that belongs to a word.
pub(crate) fn choose<T: Copy>(word: &At<String>, choices: &[(&str, T)], problems: &mut Problems) -> Option<T> {
    let found = choices.iter().find(|(name, _)| *name == word.value).map(|(_, value)| *value);
    if found.is_none() {
        let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
        let help = did_you_mean(&word.value, names.iter().copied()).unwrap_or_else(|| {
            let names = names.join(", ");
            Text::new(format!("可以写：{names}"), format!("one of: {names}"))
        });
        let word_text = &word.value;
        let message = Text::new(format!("这里不能写 `{word_text}`"), format!("`{word_text}` is not known here"));
        word.span.problem(problems, message, Some(help));
    }
    found
}

pub(super) const SEVERITIES: [(&str, Severity); 3] =
    [("error", Severity::Error), ("warning", Severity::Warning), ("info", Severity::Info)];

fn read_field(reader: &mut Reader<'_, '_>, problems: &mut Problems, uses: &mut Vec<At<String>>) -> Field {
    let id = reader.required_text("id", problems);
    if !id.value.is_empty() && !is_name(&id.value) {
        let help = Text::new("名称用小写字母、数字和 _", "a name is lower-case letters, digits and _");
        id.span.problem(problems, cannot_name(&id.value, "字段名", "name a field"), Some(help));
    }
    let headings: Vec<_> = reader.texts("headings", problems).into_iter().map(|heading| heading.value).collect();
    if headings.is_empty() {
        reader.missing("headings", problems);
    }
    let kind = required_choice(reader, "type", &FieldKind::NAMES, problems);
    let required = reader.text("required", problems).and_then(|word| choose(&word, &SEVERITIES, problems));
    let codes = reader.text("codes", problems);
    let units = [("元", AmountUnit::Yuan), ("万元", AmountUnit::WanYuan)];
    let unit = reader.text("unit", problems).and_then(|word| choose(&word, &units, problems));
    // A unit that is there but not known was reported.
    if kind.is_some_and(|kind| (kind == FieldKind::Amount) != reader.has("unit")) {
        let message = Text::new("金额字段要写单位，其他字段不写", "an amount has a unit, and only an amount");
        let help = Text::new("unit = \"元\" 或 \"万元\"", "unit = \"元\" or \"万元\"");
        reader.span.problem(problems, message, Some(help));
    }
    let kind = kind.unwrap_or(FieldKind::Text);
    let masks = [("none", Mask::None), ("identifier", Mask::Identifier), ("name", Mask::Name)];
    let mask = reader.text("mask", problems).and_then(|word| choose(&word, &masks, problems)).unwrap_or_default();
    let scale = reader.count("scale", problems).and_then(|scale| u8::try_from(scale).ok());
    let field = Field {
        id: id.value,
        headings,
        title_en: reader.required_text("en", problems).value,
        kind,
        required,
        max_length: reader.count("max_length", problems),
        codes: codes.as_ref().map(|codes| codes.value.clone()),
        unit,
        scale: scale.unwrap_or_else(|| unit.map_or(2, AmountUnit::fen_scale)).min(12),
        width: reader.count("width", problems),
        mask,
        source: reader.has("source").then(|| read_source(reader, problems)),
    };
    uses.extend(codes);
    field
}

/// The `source` of a rule or parameter.
pub(crate) fn read_source(reader: &mut Reader<'_, '_>, problems: &mut Problems) -> Source {
    let source = reader.table("source", problems, |reader, problems| Source {
        doc: reader.required_text("doc", problems).value,
        article: reader.text("article", problems).map(|text| text.value).unwrap_or_default(),
        id: reader.text("id", problems).map(|text| text.value),
        clauses: reader.texts("clause", problems).into_iter().map(|clause| clause.value).collect(),
        checked: reader.date("checked", problems),
        assumption: reader.flag("assumption", problems).unwrap_or(false),
    });
    source.unwrap_or_else(|| {
        if !reader.has("source") {
            reader.missing("source", problems);
        }
        Source::default()
    })
}

fn read_codes(name: &str, text: &str, problems: &mut Problems) -> CodeList {
    let mut list = CodeList::default();
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let header_good = reader.headers().is_ok_and(|header| header.iter().take(2).eq(["code", "name"]));
    if !header_good {
        let message = Text::new(
            format!("{name}：首行应为 `code,name` 或 `code,name,from,until`"),
            format!("{name}: the first line is `code,name` or `code,name,from,until`"),
        );
        problems.add(message, None);
    }
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                problems.add(Text::new(format!("{name}：有一行不是 CSV"), format!("{name}: {error}")), None);
                continue;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        let date = |index: usize, problems: &mut Problems| match record.get(index).filter(|text| !text.is_empty()) {
            None => None,
            Some(text) => {
                let date = text.parse().ok();
                if date.is_none() {
                    let message = Text::new(
                        format!("{name}:{line}：`{text}` 不是日期，应写成 2026-10-31"),
                        format!("{name}:{line}: `{text}` is no date such as 2026-10-31"),
                    );
                    problems.add(message, None);
                }
                date
            }
        };
        let code = record.get(0).unwrap_or_default().to_owned();
        let entry = Code {
            name: record.get(1).unwrap_or_default().to_owned(),
            from: date(2, problems),
            until: date(3, problems),
        };
        if list.codes.insert(code.clone(), entry).is_some() {
            let message = Text::new(
                format!("{name}:{line}：代码 `{code}` 重复"),
                format!("{name}:{line}: code `{code}` occurs twice"),
            );
            problems.add(message, None);
        }
    }
    list
}
