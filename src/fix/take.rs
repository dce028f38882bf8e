//! What a workbook says is matched with the tables of now: which values are to be corrected, what is explained or declared,
//! and what cannot be taken because the file changed meanwhile or the answers contradict each other.
//!
//! Changes nothing.

use std::collections::{BTreeMap, HashMap};

use anyhow::Result;
use chrono::NaiveDateTime;

use super::{
    Answer, Book, Remark, Treatment,
    matcher::{Matcher, Said},
    suspicion,
};
use crate::{
    finding::Place,
    ingest::Entered,
    outcome::Outcome,
    overlay::{At, Correction, RecordId},
    table::Table,
    text::{Lang, Text},
};

/// How workbooks are taken in.
#[derive(Clone, Debug)]
pub struct Options<'a> {
    /// Cells that no finding was about are corrected too.
    pub accept_unflagged: bool,
    /// Who hands back; the unit's officer by the roster if absent.
    pub who: Option<&'a str>,
    /// Now.
    pub now: NaiveDateTime,
    /// Language of what is said.
    pub lang: Lang,
}

/// Everything the workbooks say, matched.
#[derive(Debug, Default)]
pub struct Taken {
    /// For each finding of each workbook what was answered; a finding of two workbooks once.
    pub answers: Vec<FindingAnswer>,
    /// The values to be corrected.
    pub changes: Vec<Change>,
    /// Corrections taken back: the cell has the value handed in again.
    pub withdrawn: Vec<Correction>,
    /// Cells changed that no finding was about.
    pub unflagged: Vec<Unflagged>,
    /// Who answered, by unit code.
    pub who: BTreeMap<String, String>,
    /// What is to be told beside, by index of the workbook.
    pub remarks: Vec<(usize, Remark)>,
}

/// A value to be corrected.
#[derive(Clone, Debug)]
pub struct Change {
    /// The cell.
    pub at: At,
    /// The correction.
    pub correction: Correction,
    /// What people call the record, masked.
    pub record_key: String,
    /// Heading.
    pub heading: String,
    /// The value handed in, masked.
    pub old: String,
    /// The value entered, masked.
    pub new: String,
    /// The findings it answers: indexes into [`Taken::answers`].
    pub answers: Vec<usize>,
}

/// What was answered to one finding.
#[derive(Clone, Debug)]
pub struct FindingAnswer {
    /// Index of the workbook.
    pub book: usize,
    /// Code of the unit.
    pub unit: String,
    /// Fingerprint of the finding.
    pub fingerprint: String,
    /// Its number in the list.
    pub number: u32,
    /// What was meant.
    pub intent: Intent,
    /// The explanation; empty if there is none.
    pub text: String,
    /// It is to be recorded as an explanation.
    pub explains: bool,
    /// Rule and place of the finding as of now; nothing if it is no longer found.
    pub found: Option<(usize, Place)>,
}

/// What an answer comes to before the tables are checked again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intent {
    /// A value of it is corrected: to be judged by the check.
    Changed,
    /// The corrected value is there already: by the file, or by an earlier workbook.
    Done,
    /// The finding is no longer found.
    Gone,
    /// Explained.
    Explained,
    /// Said to be corrected in the source system.
    SourceCorrected,
    /// Said not to be the unit's data.
    NotOurs,
    /// Nothing was done; why, if something seemed to be.
    Unchanged(Option<Text>),
    /// The file changed since the workbook was issued, or the answers contradict each other.
    Conflict(Text),
    /// The value entered cannot be read as one of its field, and is not taken.
    Unreadable(Text),
}

/// A cell changed that no finding was about.
#[derive(Clone, Debug)]
pub struct Unflagged {
    /// Index of the workbook.
    pub book: usize,
    /// Code of the unit.
    pub unit: String,
    /// Sheet and cell of the workbook.
    pub place: String,
    /// What people call the record, masked.
    pub record_key: String,
    /// Heading.
    pub heading: String,
    /// The value as of now, masked.
    pub old: String,
    /// The value entered, masked.
    pub new: String,
    /// It is corrected.
    pub taken: bool,
}

/// A value entered for a cell.
pub struct Entry {
    /// Index of the workbook.
    pub book: usize,
    /// The value.
    pub value: Entered,
    /// Where it was entered.
    pub place: String,
    /// Mark of the cell as issued.
    pub mark: String,
    /// The findings about the cell: indexes into [`Taken::answers`].
    pub answers: Vec<usize>,
}

/// Unit, dataset, record and field of a cell, in the order they are told in.
pub type Cell = (String, String, RecordId, String);

/// What became of the values entered for one cell.
pub enum Settled {
    /// Nothing was changed.
    Nothing,
    /// The cell has the value already.
    Done,
    /// The value handed in stands again.
    Withdrawn(Box<Correction>),
    /// The cell is to be corrected.
    Change(Box<Change>),
    /// It cannot be taken.
    Conflict(Text),
    /// It cannot be read.
    Unreadable(Text),
}

/// Matches the workbooks with the tables of `base`, which have the corrections of earlier workbooks; `submitted` are the
/// tables without them.
///
/// # Errors
/// If a table does not have the columns of its dataset.
pub fn take(base: &Outcome, submitted: &[Table], books: &[Book], options: &Options<'_>) -> Result<Taken> {
    let matcher = Matcher::new(base, submitted, books, options)?;
    let mut taken = Taken::default();
    let mut entries: BTreeMap<Cell, Vec<Entry>> = BTreeMap::new();
    let mut lines: Vec<Vec<Answer>> = Vec::new();
    let mut index_of: HashMap<(String, String), usize> = HashMap::new();
    for (index, book) in books.iter().enumerate() {
        taken.who.insert(book.issued.unit.clone(), matcher.who(&book.issued.unit));
        taken.remarks.extend(book.remarks.iter().map(|remark| (index, remark.clone())));
        let own: Vec<usize> = book
            .issued
            .findings
            .iter()
            .map(|finding| {
                let key = (book.issued.unit.clone(), finding.fingerprint.clone());
                *index_of.entry(key).or_insert_with(|| {
                    taken.answers.push(matcher.unanswered(index, book, finding));
                    lines.push(Vec::new());
                    taken.answers.len() - 1
                })
            })
            .collect();
        Matcher::collect(index, book, &own, &mut entries, &mut lines, &mut taken);
    }
    let mut outcomes: Vec<Vec<Intent>> = taken.answers.iter().map(|_| Vec::new()).collect();
    for (cell, entries) in entries {
        let answers: Vec<usize> = {
            let mut all: Vec<_> = entries.iter().flat_map(|entry| entry.answers.iter().copied()).collect();
            all.sort_unstable();
            all.dedup();
            all
        };
        let settled = matcher.settle(&cell, &entries, &answers, Said { answers: &taken.answers, lines: &lines });
        let intent = match &settled {
            Settled::Nothing => continue,
            Settled::Done => Intent::Done,
            Settled::Conflict(text) => Intent::Conflict(text.clone()),
            Settled::Unreadable(text) => Intent::Unreadable(text.clone()),
            Settled::Withdrawn(_) | Settled::Change(_) if answers.is_empty() => {
                let told = matcher.unflagged(&cell, &entries, options.accept_unflagged);
                taken.unflagged.extend(told);
                if !options.accept_unflagged {
                    continue;
                }
                Intent::Changed
            }
            Settled::Withdrawn(_) | Settled::Change(_) => Intent::Changed,
        };
        match settled {
            Settled::Withdrawn(correction) => taken.withdrawn.push(*correction),
            Settled::Change(change) => taken.changes.push(*change),
            _ => {}
        }
        if answers.is_empty()
            && let (Intent::Conflict(text) | Intent::Unreadable(text), Some(entry)) = (&intent, entries.first())
        {
            taken.remarks.push((entry.book, Remark { place: entry.place.clone(), text: text.clone() }));
        }
        for answer in answers {
            if let Some(outcomes) = outcomes.get_mut(answer) {
                outcomes.push(intent.clone());
            }
        }
    }
    for ((answer, outcomes), lines) in taken.answers.iter_mut().zip(outcomes).zip(&lines) {
        conclude(answer, outcomes, lines);
    }
    taken.changes.sort_by_key(|change| change.at);
    suspicion::mark(base, &mut taken.changes)?;
    Ok(taken)
}

/// What the answer to a finding comes to, from what became of its cells and what was written in its line.
fn conclude(answer: &mut FindingAnswer, outcomes: Vec<Intent>, lines: &[Answer]) {
    let text = lines.iter().map(|line| line.text.as_str()).find(|text| !text.is_empty()).unwrap_or_default();
    text.clone_into(&mut answer.text);
    let treatment = lines.iter().find_map(|line| line.treatment);
    let said = !answer.text.is_empty() && matches!(treatment, None | Some(Treatment::Explained));
    answer.explains = said && answer.found.is_some();
    let rank = |intent: &Intent| match intent {
        Intent::Changed => 0,
        Intent::Conflict(_) => 1,
        Intent::Unreadable(_) => 2,
        _ => 3,
    };
    if let Some(intent) = outcomes.into_iter().min_by_key(rank) {
        answer.intent = intent;
        return;
    }
    let nothing = |zh: &str, en: &str| Intent::Unchanged(Some(Text::new(zh, en)));
    answer.intent = match treatment {
        _ if answer.found.is_none() => Intent::Gone,
        Some(Treatment::SourceCorrected) => Intent::SourceCorrected,
        Some(Treatment::NotOurs) => Intent::NotOurs,
        _ if answer.explains => Intent::Explained,
        Some(Treatment::Explained) => {
            nothing("选了“情况属实并说明”，但没有写说明", "chosen as explained, without an explanation")
        }
        Some(Treatment::Corrected) => nothing(
            "选了“已更正”，但数值未变；改的是报送文件的，请重新报送",
            "chosen as corrected, but no value was changed; if the file was, hand it in again",
        ),
        None => Intent::Unchanged(None),
    };
}
