//! Workbooks written from the small outcome of the message fixture, and read back.

use super::*;
use crate::{
    ingest::Entered,
    message::fixture,
    outcome::Outcome,
    overlay::Suspicion,
    text::{Lang, Text},
    workbook::write_error_workbook,
};

fn expected<'a>() -> Expected<'a> {
    Expected {
        institution: "150100",
        period: "2026-10".to_owned(),
        pack: "large-credit",
        units: vec!["150102", "150103"],
        password: None,
    }
}

/// The workbook of the first unit, as it was issued.
fn issued(outcome: &Outcome, lang: Lang) -> Book {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("150102.xlsx");
    write_error_workbook(outcome, 0, lang, &path).expect("written");
    read_book(&path, "150102.xlsx", &expected()).expect("read back")
}

fn options<'a>() -> Options<'a> {
    Options { accept_unflagged: false, who: None, now: chrono::NaiveDateTime::default(), lang: Lang::Zh }
}

fn taken(outcome: &Outcome, books: &[Book]) -> Taken {
    take(outcome, &outcome.intake.tables, books, &options()).expect("taken")
}

#[test]
fn a_workbook_no_one_touched_says_nothing() {
    let outcome = fixture::outcome();
    for lang in [Lang::Zh, Lang::En] {
        let book = issued(&outcome, lang);
        assert_eq!((book.issued.findings.len(), book.issued.sheets.len()), (8, 1));
        assert_eq!(book.answers.len(), 8);
        assert!(book.answers.iter().all(|answer| answer.value.is_blank() && answer.treatment.is_none()));
        assert!(book.edits.is_empty() && book.remarks.is_empty(), "{lang:?}: {:?} {:?}", book.edits, book.remarks);
        let taken = taken(&outcome, &[book]);
        assert!(taken.changes.is_empty() && taken.unflagged.is_empty());
        assert!(taken.answers.iter().all(|answer| answer.intent == Intent::Unchanged(None) && answer.found.is_some()));
    }
}

#[test]
fn treatments_are_known_in_both_languages() {
    let titles = crate::workbook::treatments();
    let mut book = issued(&fixture::outcome(), Lang::En);
    assert_eq!(titles[3], Text::new("非本社部数据", "Not this unit's data"));
    // Finding 3 is about the amount of the first record, which is 0.
    book.answers[2].treatment = Some(Treatment::NotOurs);
    book.answers[4].text = "新增".into();
    book.answers[3].treatment = Some(Treatment::Explained);
    let outcome = fixture::outcome();
    let taken = taken(&outcome, &[book]);
    assert_eq!(taken.answers[2].intent, Intent::NotOurs);
    assert_eq!((&taken.answers[4].intent, taken.answers[4].explains), (&Intent::Explained, true));
    assert!(matches!(&taken.answers[3].intent, Intent::Unchanged(Some(_))), "explained without an explanation");
    assert_eq!(taken.who["150102"], "报送员甲", "the roster's officer");
}

#[test]
fn values_go_where_the_finding_is_and_nowhere_else() {
    let outcome = fixture::outcome();
    let mut book = issued(&outcome, Lang::Zh);
    // Finding 1 is about the whole unit, 4 about a document, 8 about the amount of the record without key.
    book.answers[0].value = Entered::Text("1200".into());
    book.answers[3].value = Entered::Text("（空）".into());
    book.answers[7].value = Entered::Text("100".into());
    let taken = taken(&outcome, &[book]);
    assert_eq!(taken.remarks.len(), 1);
    assert!(taken.remarks[0].1.text.zh.contains("不针对某个单元格"));
    let changes: Vec<_> = taken
        .changes
        .iter()
        .map(|change| (change.at.record, change.correction.old.as_deref(), change.correction.new.clone()))
        .collect();
    let document = (1, Some("150102198503051238"), Entered::Blank);
    assert_eq!(changes, [document, (3, Some("-1"), Entered::Text("100".into()))]);
    assert_eq!(taken.changes[0].correction.suspicions, [Suspicion::Erased]);
    assert_eq!(taken.changes[0].old, "150102********1238", "masked where it is told");
    assert_eq!(taken.answers[3].intent, Intent::Changed);
    assert_eq!(taken.answers[0].intent, Intent::Unchanged(None));
}

#[test]
fn two_workbooks_of_a_unit_are_one_answer() {
    let outcome = fixture::outcome();
    let (mut first, mut second) = (issued(&outcome, Lang::Zh), issued(&outcome, Lang::Zh));
    first.answers[7].value = Entered::Text("100".into());
    second.answers[7].value = Entered::Text("100.00".into());
    second.answers[2].text = "已核实".into();
    let agreed = taken(&outcome, &[first.clone(), second.clone()]);
    assert_eq!((agreed.answers.len(), agreed.changes.len()), (8, 1));
    assert_eq!(agreed.answers[2].intent, Intent::Explained);
    second.answers[7].value = Entered::Text("200".into());
    let differing = taken(&outcome, &[first, second]);
    assert!(differing.changes.is_empty());
    assert!(matches!(&differing.answers[7].intent, Intent::Conflict(text) if text.zh.contains("不一致")));
}

#[test]
fn a_finding_that_is_gone_is_told_as_gone() {
    let mut outcome = fixture::outcome();
    let book = issued(&outcome, Lang::Zh);
    outcome.findings.truncate(7);
    outcome.finding_units.truncate(7);
    let taken = taken(&outcome, &[book]);
    assert_eq!(taken.answers[7].intent, Intent::Gone);
    let judged = judge(&taken, &outcome.findings, &outcome);
    assert_eq!(judged.verdicts[6..], [Verdict::Unchanged, Verdict::Done]);
}
