//! What corrections came to: the findings of the tables before, those of the tables with the corrected values, and what was
//! answered give each finding its verdict.

use std::collections::{BTreeMap, HashSet};

use super::{Intent, Taken};
use crate::{
    finding::{Finding, Place, Severity},
    outcome::Outcome,
    text::{Lang, Text},
};

/// What an answer came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The value was corrected and the finding is gone.
    Corrected,
    /// The value was changed, and the finding is still there.
    StillWrong,
    /// The value was changed, and something else is wrong with it now; or it cannot be read.
    Worse,
    /// Explained.
    Explained,
    /// Said to be corrected in the source system, with no other value given.
    SourceCorrected,
    /// Said to be another unit's data.
    NotOurs,
    /// The file changed since, or answers contradict each other.
    Conflict,
    /// Nothing was done.
    Unchanged,
    /// It was gone already: a newer file, or an earlier workbook, had corrected it.
    Done,
}

impl Verdict {
    /// All of them, in the order they are shown.
    pub const ALL: [Verdict; 9] = [
        Verdict::Corrected,
        Verdict::StillWrong,
        Verdict::Worse,
        Verdict::Explained,
        Verdict::SourceCorrected,
        Verdict::NotOurs,
        Verdict::Conflict,
        Verdict::Unchanged,
        Verdict::Done,
    ];

    /// What people read.
    pub fn title(self) -> Text {
        match self {
            Verdict::Corrected => Text::new("已更正", "corrected"),
            Verdict::StillWrong => Text::new("改后仍有问题", "still wrong"),
            Verdict::Worse => Text::new("改后出新错", "made worse"),
            Verdict::Explained => Text::new("已说明", "explained"),
            Verdict::SourceCorrected => Text::new("称已改源系统", "said corrected in source"),
            Verdict::NotOurs => Text::new("称非本社部", "said not theirs"),
            Verdict::Conflict => Text::new("冲突", "conflict"),
            Verdict::Unchanged => Text::new("未处理", "unchanged"),
            Verdict::Done => Text::new("此前已解决", "done before"),
        }
    }
}

/// The verdicts.
#[derive(Debug, Default)]
pub struct Judged {
    /// For each of [`Taken::answers`].
    pub verdicts: Vec<Verdict>,
    /// For each of them what the officer is told in the new workbook, if anything.
    pub notes: Vec<Option<Text>>,
}

/// Judges what was taken: `before` are the findings of the tables it was matched with, `after` the outcome with the
/// corrected values.
pub fn judge(taken: &Taken, before: &[Finding], after: &Outcome) -> Judged {
    let was: HashSet<(usize, Place)> = before.iter().map(|finding| (finding.rule, finding.place)).collect();
    let is: HashSet<(usize, Place)> = after.findings.iter().map(|finding| (finding.rule, finding.place)).collect();
    let mut new: BTreeMap<(usize, u32, u16), Vec<&Finding>> = BTreeMap::new();
    for finding in after.findings.iter().filter(|finding| !was.contains(&(finding.rule, finding.place))) {
        let Place::Record { dataset, record, field } = finding.place else { continue };
        let rule = after.pack.rules.get(finding.rule).filter(|rule| rule.on == Some(dataset));
        let marked = rule.map(|rule| rule.fields.as_slice()).unwrap_or_default();
        let mut fields: Vec<_> = field.iter().chain(marked).copied().collect();
        fields.sort_unstable();
        fields.dedup();
        for field in fields {
            new.entry((dataset, record, field)).or_default().push(finding);
        }
    }
    let severity = |rule: usize| after.pack.rules.get(rule).map_or(Severity::Error, |rule| rule.severity);
    let mut worse: Vec<Option<usize>> = vec![None; taken.answers.len()];
    for change in &taken.changes {
        let at = (change.at.dataset, change.at.record, change.at.field);
        for finding in new.get(&at).into_iter().flatten() {
            for answer in &change.answers {
                let own = taken.answers.get(*answer).and_then(|answer| answer.found).map(|(rule, _)| severity(rule));
                // As serious as what was to be corrected, or more.
                if severity(finding.rule) <= own.unwrap_or(Severity::Warning)
                    && let Some(worse) = worse.get_mut(*answer)
                {
                    worse.get_or_insert(finding.rule);
                }
            }
        }
    }
    let mut judged = Judged::default();
    for (answer, worse) in taken.answers.iter().zip(worse) {
        let still = answer.found.is_some_and(|found| is.contains(&found));
        let (verdict, note) = match (&answer.intent, worse) {
            (Intent::Changed, Some(rule)) => {
                let rule = after.pack.rules.get(rule).map(|rule| rule.id.clone()).unwrap_or_default();
                let text = Text::new(format!("上次改后又违反 {rule}"), format!("the last correction violates {rule}"));
                (Verdict::Worse, Some(text))
            }
            (Intent::Changed, None) if still => {
                let text = Text::new("上次改后仍不符合", "the last correction did not help");
                (Verdict::StillWrong, Some(text))
            }
            (Intent::Changed, None) => (Verdict::Corrected, None),
            (Intent::Done, _) if still => (Verdict::StillWrong, None),
            (Intent::Done | Intent::Gone, _) => (Verdict::Done, None),
            // What another answer corrected on the way.
            (Intent::Unchanged(_), _) if answer.found.is_some() && !still => (Verdict::Corrected, None),
            (Intent::Explained, _) => (Verdict::Explained, None),
            (Intent::SourceCorrected, _) => (Verdict::SourceCorrected, None),
            (Intent::NotOurs, _) => (Verdict::NotOurs, None),
            (Intent::Unchanged(why), _) => (Verdict::Unchanged, why.clone()),
            (Intent::Conflict(why), _) => (Verdict::Conflict, Some(why.clone())),
            (Intent::Unreadable(why), _) => (Verdict::Worse, Some(why.clone())),
        };
        judged.verdicts.push(verdict);
        judged.notes.push(note);
    }
    judged
}

impl Judged {
    /// The notes by unit and fingerprint, for the new workbooks.
    pub fn notes_of(&self, taken: &Taken, lang: Lang) -> std::collections::HashMap<(String, String), String> {
        let pairs = taken.answers.iter().zip(&self.notes);
        let noted = pairs.filter_map(|(answer, note)| {
            let note = note.as_ref()?.get(lang).to_owned();
            Some(((answer.unit.clone(), answer.fingerprint.clone()), note))
        });
        noted.collect()
    }
}
