//! The receipts: which file came when and by which way (Article 18, item 2), for the first time or again after
//! corrections (Article 21). Knows nothing of deadlines and of what is in the files.

use std::path::Path;

use chrono::NaiveDateTime;

use crate::{
    problem::{Problems, did_you_mean},
    text::Text,
};

/// Forms of a time, the first of which is asked for.
const TIMES: [&str; 4] = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"];

/// Words for a file that comes for the first time, and for one that comes again.
const FIRST: [&str; 2] = ["首报", "first"];
const AGAIN: [&str; 4] = ["重报", "更正", "补报", "again"];

/// One line of the receipts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Code of the unit.
    pub unit: String,
    /// Name of the file as noted, with `/`; may be blank.
    pub file: String,
    /// When it came.
    pub received: NaiveDateTime,
    /// By which way, as noted: intranet, by hand.
    pub channel: String,
    /// It came again: the line says so, or the unit's file of that name came before.
    pub again: bool,
}

/// All receipts of a period, in the order of their times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipts {
    /// The lines.
    pub list: Vec<Receipt>,
}

impl Receipts {
    /// The receipts of a unit.
    pub fn of_unit<'r>(&'r self, code: &'r str) -> impl DoubleEndedIterator<Item = &'r Receipt> {
        self.list.iter().filter(move |receipt| receipt.unit == code)
    }

    /// When the last of the unit's files came for the first time: its submission was complete then. What came again
    /// does not make it late.
    pub fn submitted(&self, code: &str) -> Option<NaiveDateTime> {
        let first = self.of_unit(code).rfind(|receipt| !receipt.again);
        // Whoever notes resubmissions only has received the files before them.
        first.or_else(|| self.of_unit(code).next()).map(|receipt| receipt.received)
    }

    /// When a file of the unit last came again.
    pub fn resubmitted(&self, code: &str) -> Option<NaiveDateTime> {
        self.of_unit(code).rfind(|receipt| receipt.again).map(|receipt| receipt.received)
    }

    /// The last receipt of a file of the unit; `file` is its path below the input folder.
    pub fn of_file(&self, code: &str, file: &str) -> Option<&Receipt> {
        self.list.iter().rfind(|receipt| receipt.unit == code && receipt.names(file))
    }
}

impl Receipt {
    /// Whether it is of this file: its path below the input folder, or its name alone, is noted.
    pub fn names(&self, file: &str) -> bool {
        !self.file.is_empty() && (self.file == file || file.rsplit('/').next() == Some(self.file.as_str()))
    }
}

/// Reads the receipts: a csv with the columns `unit,file,received,channel` and perhaps `kind`; times like
/// `2026-11-05T16:20:00`.
///
/// # Errors
/// All lines that cannot be read, with their numbers.
pub fn read_receipts(path: &Path) -> Result<Receipts, Problems> {
    let mut problems = Problems::default();
    let shown = path.display().to_string();
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            problems.cannot_read(&shown, &error);
            return Err(problems);
        }
    };
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let header = reader.headers().cloned().unwrap_or_default();
    let column = |name: &str| header.iter().position(|heading| heading == name);
    let (Some(unit), Some(received)) = (column("unit"), column("received")) else {
        let message = Text::new(
            format!("{shown}:1：缺少 `unit` 或 `received` 列"),
            format!("{shown}:1: the columns `unit` and `received` are needed"),
        );
        let help = Text::new(
            "首行应为 unit,file,received,channel，可加 kind",
            "the first line is unit,file,received,channel, and perhaps kind",
        );
        problems.add(message, Some(help));
        return Err(problems);
    };
    let (file, channel, kind) = (column("file"), column("channel"), column("kind"));
    let mut list = Vec::new();
    for record in reader.records() {
        let Ok(record) = record else {
            problems.add(Text::new(format!("{shown}：有一行不是 CSV"), format!("{shown}: a line is not csv")), None);
            continue;
        };
        let line = record.position().map_or(0, csv::Position::line);
        let text = |column: Option<usize>| column.and_then(|column| record.get(column)).unwrap_or_default().to_owned();
        let kind = text(kind);
        let again = again(&kind, &format!("{shown}:{line}"), &mut problems);
        let Some(received) = time(record.get(received).unwrap_or_default(), &shown, line, &mut problems) else {
            continue;
        };
        list.push((
            Receipt {
                unit: text(Some(unit)),
                file: text(file).replace('\\', "/"),
                received,
                channel: text(channel),
                again: again == Some(true),
            },
            again,
        ));
    }
    list.sort_by_key(|(receipt, _)| receipt.received);
    problems.into_result(Receipts { list: in_turn(list) })
}

/// Receipts in the order of time, told apart where the line does not: what came before comes again.
fn in_turn(list: Vec<(Receipt, Option<bool>)>) -> Vec<Receipt> {
    let mut seen = std::collections::HashSet::new();
    let mut receipts = Vec::with_capacity(list.len());
    for (mut receipt, said) in list {
        let known = !seen.insert((receipt.unit.clone(), receipt.file.clone()));
        receipt.again = said.unwrap_or(known);
        receipts.push(receipt);
    }
    receipts
}

/// What a line says about coming again; nothing if it is silent or cannot be understood, which is a problem.
fn again(kind: &str, place: &str, problems: &mut Problems) -> Option<bool> {
    match kind {
        "" => None,
        kind if FIRST.contains(&kind) => Some(false),
        kind if AGAIN.contains(&kind) => Some(true),
        kind => {
            let message = Text::new(
                format!("{place}：`{kind}` 不是报送类别"),
                format!("{place}: `{kind}` is no kind of submission"),
            );
            let known = FIRST.iter().chain(&AGAIN).copied();
            let help = Text::new("写 首报 或 重报，也可留空", "write first or again, or leave it blank");
            problems.add(message, Some(did_you_mean(kind, known).unwrap_or(help)));
            None
        }
    }
}

fn time(text: &str, shown: &str, line: u64, problems: &mut Problems) -> Option<NaiveDateTime> {
    let time = TIMES.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    if time.is_none() {
        let message =
            Text::new(format!("{shown}:{line}：`{text}` 不是时间"), format!("{shown}:{line}: `{text}` is no time"));
        let help = Text::new("应写成 2026-11-05T16:20:00", "write it like 2026-11-05T16:20:00");
        problems.add(message, Some(help));
    }
    time
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &str) -> Result<Receipts, Problems> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("receipts.csv");
        std::fs::write(&path, lines).expect("written");
        read_receipts(&path)
    }

    fn at(text: &str) -> NaiveDateTime {
        text.parse().expect("a time")
    }

    #[test]
    fn a_submission_is_complete_with_its_last_file() {
        let lines = "unit,file,received,channel\n150102,a,2026-11-05T16:20:00,内网\n150102,b,2026-11-06 09:00,人工\n";
        let receipts = read(lines).expect("receipts");
        assert_eq!(receipts.submitted("150102"), Some(at("2026-11-06T09:00:00")));
        assert_eq!(receipts.resubmitted("150102"), None);
        assert_eq!(receipts.of_file("150102", "150102-城关/b").map(|receipt| receipt.channel.as_str()), Some("人工"));
        assert_eq!(receipts.of_file("150103", "b"), None);
    }

    #[test]
    fn what_comes_again_is_no_late_submission() {
        let lines = "unit,file,received,channel\n\
                     150102,x\\a,2026-11-06T10:00:00,内网\n150102,x/a,2026-11-04T10:00:00,内网\n";
        let receipts = read(lines).expect("receipts");
        assert_eq!(receipts.submitted("150102"), Some(at("2026-11-04T10:00:00")));
        assert_eq!(receipts.resubmitted("150102"), Some(at("2026-11-06T10:00:00")));
        // The line says so: a corrected file has another name, and a file may come in two parts.
        let lines = "unit,file,received,channel,kind\n150102,a,2026-11-04T10:00:00,,首报\n\
                     150102,a,2026-11-05T10:00:00,,首报\n150102,b,2026-11-06T10:00:00,,重报\n";
        let receipts = read(lines).expect("receipts");
        assert_eq!(receipts.submitted("150102"), Some(at("2026-11-05T10:00:00")));
        assert_eq!(receipts.resubmitted("150102"), Some(at("2026-11-06T10:00:00")));
    }

    #[test]
    fn bad_lines_are_named() {
        let problems =
            read("unit,received,kind\n1,gestern,\n1,2026-11-04T10:00,重抱\n").expect_err("problems").to_string();
        for part in
            ["receipts.csv:2: `gestern` is no time", "receipts.csv:3: `重抱` is no kind", "did you mean `重报`?"]
        {
            assert!(problems.contains(part), "{part} in {problems}");
        }
        let problems = read("unit,file\n").expect_err("problems").to_string();
        assert!(problems.contains("receipts.csv:1: the columns `unit` and `received` are needed"), "{problems}");
    }
}
