//! What taking workbooks in came to, on the terminal and as JSON. Personal data is masked.

use comfy_table::{CellAlignment, Table, presets::UTF8_BORDERS_ONLY};
use serde_json::{Value, json};

use super::fixing::Judgement;
use crate::{
    fix::{Change, Verdict},
    ledger::{Waiver, WaiverState},
    outcome::Outcome,
    overlay::{Fate, SourceState, Suspicion},
    text::{Lang, Text},
};

/// Lines of one kind that are told; the rest is counted.
const MOST: usize = 20;

/// The table of the workbooks, and below it everything someone has to look at.
pub fn as_text(judgement: &Judgement, outcome: &Outcome, lang: Lang) -> String {
    let mut lines = Vec::new();
    let colon = if lang == Lang::Zh { "：" } else { ": " };
    if !judgement.fixed.books.is_empty() {
        lines.push(table(judgement, outcome, lang));
    }
    for (name, refused) in &judgement.fixed.refused {
        let text = &refused.text;
        let text = Text::new(format!("未采用：{name}：{}", text.zh), format!("not taken: {name}: {}", text.en));
        lines.push(text.get(lang).to_owned());
    }
    listed(&mut lines, &not_helped(judgement, lang), &Text::new("没有改好的", "not put right"), lang);
    let taken = &judgement.fixed.taken;
    let remarks = taken.remarks.iter().map(|(book, remark)| {
        format!("{} {}{colon}{}", unit_of(judgement, *book), remark.place, remark.text.get(lang))
    });
    listed(&mut lines, &remarks.collect::<Vec<_>>(), &Text::new("请注意", "to be noted"), lang);
    let doubtful: Vec<_> = suspicious(judgement).map(|change| doubtful(change, lang)).collect();
    listed(&mut lines, &doubtful, &Text::new("有疑点的更正，请复核", "doubtful corrections, to be reviewed"), lang);
    for accepted in [true, false] {
        let cells = taken.unflagged.iter().filter(|cell| cell.taken == accepted);
        let cells = cells.map(|cell| {
            let (unit, place, record, heading) = (&cell.unit, &cell.place, &cell.record_key, &cell.heading);
            format!("{unit} {place} {record} {heading}{colon}{} → {}", cell.old, cell.new)
        });
        let title = if accepted {
            Text::new("未指出问题的改动，已采用", "changed without being flagged, taken")
        } else {
            Text::new(
                "未指出问题的改动，未采用（要采用请加 --accept-unflagged）",
                "changed without being flagged, not taken (to take them add --accept-unflagged)",
            )
        };
        listed(&mut lines, &cells.collect::<Vec<_>>(), &title, lang);
    }
    lines.join("\n")
}

/// The waivers that let nothing pass: those that have run out, and those whose finding the latest period does not have.
pub fn waivers(waivers: &[Waiver]) -> Option<Text> {
    let count = |state| waivers.iter().filter(|waiver| waiver.state == state).count();
    let (unused, expired) = (count(WaiverState::Unused), count(WaiverState::Expired));
    let told = || {
        Text::new(
            format!("豁免：用不上 {unused}，过期 {expired}；清单见 baosong ledger waivers"),
            format!("waivers: unused {unused}, expired {expired}; see baosong ledger waivers"),
        )
    };
    (unused + expired > 0).then(told)
}

fn unit_of(judgement: &Judgement, book: usize) -> &str {
    judgement.fixed.books.get(book).map_or("", |book| book.issued.unit.as_str())
}

fn listed(lines: &mut Vec<String>, items: &[String], title: &Text, lang: Lang) {
    if items.is_empty() {
        return;
    }
    let count = items.len();
    lines.push(Text::new(format!("{} {count} 处：", title.zh), format!("{}: {count}", title.en)).get(lang).to_owned());
    lines.extend(items.iter().take(MOST).map(|item| format!("  {item}")));
    if let Some(more) = count.checked_sub(MOST).filter(|more| *more > 0) {
        lines.push(Text::new(format!("  另有 {more} 处"), format!("  and {more} more")).get(lang).to_owned());
    }
}

fn table(judgement: &Judgement, outcome: &Outcome, lang: Lang) -> String {
    let heading = |zh: &str, en: &str| Text::new(zh, en).get(lang).to_owned();
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY);
    let mut headings = vec![heading("代码", "code"), heading("社部", "unit"), heading("问题", "findings")];
    // What did not happen has no column, but for the two that always say how far it went.
    let counts: Vec<_> = (0..judgement.fixed.books.len()).map(|book| judgement.verdicts(book)).collect();
    let happened = |verdict: &Verdict| {
        [Verdict::Corrected, Verdict::Unchanged].contains(verdict)
            || counts.iter().any(|counts| counts.contains_key(verdict))
    };
    let shown: Vec<_> = Verdict::ALL.into_iter().filter(happened).collect();
    headings.extend(shown.iter().map(|verdict| verdict.title().get(lang).to_owned()));
    table.set_header(headings);
    for (book, counts) in judgement.fixed.books.iter().zip(&counts) {
        let code = &book.issued.unit;
        let name = outcome.units.iter().find(|unit| unit.code == *code).map_or("", |unit| unit.name.as_str());
        let mut row = vec![code.clone(), name.to_owned(), counts.values().sum::<u64>().to_string()];
        row.extend(shown.iter().map(|verdict| counts.get(verdict).copied().unwrap_or_default().to_string()));
        table.add_row(row);
    }
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string()
}

/// The findings whose answers did not help, with why.
fn not_helped(judgement: &Judgement, lang: Lang) -> Vec<String> {
    let judged = judgement.fixed.taken.answers.iter().zip(&judgement.judged.verdicts).zip(&judgement.judged.notes);
    judged
        .filter_map(|((answer, verdict), note)| {
            let note = note.as_ref()?.get(lang);
            let (unit, number) = (&answer.unit, answer.number);
            let verdict = verdict.title();
            let text = Text::new(
                format!("{unit} 第{number}条 {}：{note}", verdict.zh),
                format!("{unit} no. {number}, {}: {note}", verdict.en),
            );
            Some(text.get(lang).to_owned())
        })
        .collect()
}

fn suspicious(judgement: &Judgement) -> impl Iterator<Item = &Change> {
    judgement.fixed.taken.changes.iter().filter(|change| !change.correction.suspicions.is_empty())
}

fn doubtful(change: &Change, lang: Lang) -> String {
    let why: Vec<_> = change.correction.suspicions.iter().map(|why| why.title().get(lang).to_owned()).collect();
    let (unit, record, heading) = (&change.correction.unit, &change.record_key, &change.heading);
    let (old, new) = (&change.old, &change.new);
    let text = Text::new(
        format!("{unit} {record} {heading}：{old} → {new}（{}）", why.join("，")),
        format!("{unit} {record} {heading}: {old} → {new} ({})", why.join(", ")),
    );
    text.get(lang).to_owned()
}

/// The same as JSON.
pub fn as_json(judgement: &Judgement) -> Value {
    let taken = &judgement.fixed.taken;
    let books = judgement.fixed.books.iter().enumerate().map(|(index, book)| {
        json!({
            "workbook": book.name,
            "sha256": book.sha256,
            "unit": book.issued.unit,
            "verdicts": judgement.verdicts(index).iter().map(|(verdict, count)| (json!(verdict), *count)).map(
                |(name, count)| (name.as_str().unwrap_or_default().to_owned(), json!(count))
            ).collect::<serde_json::Map<_, _>>(),
        })
    });
    let answers = taken.answers.iter().zip(&judgement.judged.verdicts).zip(&judgement.judged.notes);
    let findings = answers.map(|((answer, verdict), note)| {
        json!({
            "unit": answer.unit,
            "number": answer.number,
            "fingerprint": answer.fingerprint,
            "verdict": verdict,
            "note": note,
        })
    });
    let corrections = taken.changes.iter().map(|change| {
        json!({
            "unit": change.correction.unit,
            "dataset": change.correction.dataset,
            "record": change.record_key,
            "field": change.correction.field,
            "old": change.old,
            "new": change.new,
            "flagged": change.correction.flagged,
            "suspicions": change.correction.suspicions.iter().map(|why: &Suspicion| why.name()).collect::<Vec<_>>(),
        })
    });
    let unflagged = taken.unflagged.iter().map(|cell| {
        json!({
            "unit": cell.unit,
            "place": cell.place,
            "record": cell.record_key,
            "heading": cell.heading,
            "old": cell.old,
            "new": cell.new,
            "taken": cell.taken,
        })
    });
    let remarks = taken
        .remarks
        .iter()
        .map(|(book, remark)| json!({ "unit": unit_of(judgement, *book), "place": remark.place, "text": remark.text }));
    let refused = judgement
        .fixed
        .refused
        .iter()
        .map(|(name, refused)| json!({ "workbook": name, "unit": refused.unit, "text": refused.text }));
    json!({
        "workbooks": books.collect::<Vec<_>>(),
        "refused": refused.collect::<Vec<_>>(),
        "findings": findings.collect::<Vec<_>>(),
        "corrections": corrections.collect::<Vec<_>>(),
        "unflagged": unflagged.collect::<Vec<_>>(),
        "remarks": remarks.collect::<Vec<_>>(),
    })
}

fn fates(outcome: &Outcome) -> [usize; 4] {
    [Fate::Applied, Fate::Adopted, Fate::Changed, Fate::Gone]
        .map(|fate| outcome.overlay.laid.iter().filter(|laid| laid.fate == fate).count())
}

fn sources(outcome: &Outcome) -> [usize; 4] {
    [SourceState::Changed, SourceState::NotChanged, SourceState::Other, SourceState::Gone]
        .map(|state| outcome.overlay.carried.iter().filter(|carried| carried.state == state).count())
}

/// What became of the corrections of the period, and whether those of the period before reached the source systems.
pub fn corrections(outcome: &Outcome) -> Vec<Text> {
    let mut lines = Vec::new();
    if !outcome.overlay.laid.is_empty() {
        let [applied, adopted, changed, gone] = fates(outcome);
        lines.push(Text::new(
            format!("更正：采用 {applied}，报送文件已改 {adopted}，报送文件另有改动不再采用 {changed}，记录已无 {gone}"),
            format!(
                "corrections: applied {applied}, in the file by now {adopted}, no longer applied because the file changed \
                 {changed}, record gone {gone}"
            ),
        ));
    }
    if !outcome.overlay.carried.is_empty() {
        let [changed, not_changed, other, gone] = sources(outcome);
        lines.push(Text::new(
            format!("上期的更正：源系统已改 {changed}，未改 {not_changed}，现为另一数值 {other}，本期无此记录 {gone}"),
            format!(
                "last period's corrections: in the source system {changed}, not there {not_changed}, another value now \
                 {other}, record gone {gone}"
            ),
        ));
    }
    lines
}

/// The same as JSON.
pub fn corrections_json(outcome: &Outcome) -> Value {
    let [applied, adopted, changed, gone] = fates(outcome);
    let [source_changed, source_not_changed, source_other, source_gone] = sources(outcome);
    json!({
        "applied": applied,
        "adopted": adopted,
        "changed": changed,
        "gone": gone,
        "prior": {
            "source_changed": source_changed,
            "source_not_changed": source_not_changed,
            "other": source_other,
            "gone": source_gone,
        },
    })
}

/// What units changed that handed in again.
pub fn compared(outcome: &Outcome) -> Vec<Text> {
    let line = |compared: &crate::resubmission::Compared| {
        let unit = &compared.unit;
        let (fixed, open, new, flagged) = (compared.fixed, compared.open, compared.new, compared.flagged);
        let (unflagged, added, removed) = (compared.unflagged.len(), compared.added.len(), compared.removed);
        Text::new(
            format!(
                "重报：{unit} 已改正 {fixed}，仍有 {open}，新增 {new}；改动指出过的 {flagged} 处，未指出的 {unflagged} 处；\
                 增加记录 {added}，减少 {removed}"
            ),
            format!(
                "handed in again: {unit} fixed {fixed}, still open {open}, new {new}; changed {flagged} flagged cells and \
                 {unflagged} others; records added {added}, removed {removed}"
            ),
        )
    };
    outcome.compared.iter().map(line).collect()
}

/// The same as JSON.
pub fn compared_json(outcome: &Outcome) -> Value {
    let line = |compared: &crate::resubmission::Compared| {
        json!({
            "unit": compared.unit,
            "fixed": compared.fixed,
            "open": compared.open,
            "new": compared.new,
            "flagged": compared.flagged,
            "unflagged": compared.unflagged.len(),
            "added": compared.added.len(),
            "removed": compared.removed,
        })
    };
    outcome.compared.iter().map(line).collect()
}
