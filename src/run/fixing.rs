//! Taking in what came back from units, between reading the period and checking it: the workbooks are matched with the
//! tables, the corrected values laid over them, and after the check every finding gets its verdict.

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::Result;

use super::{Dates, Read, carry_out, conclude, now};
use crate::{
    check::{self, Input, Prior},
    cli::{Common, Exit},
    derive::{self, Derived, Records},
    finding::Finding,
    fix::{self, Book, Expected, Judged, Refused, Remark, Taken, Verdict},
    job::{Calendar, Job, receipts::Receipts},
    ledger::{Amendments, Declaration, Declaring, Given, LedgerError, OpenRun, ReturnedBook, Said},
    outcome::Outcome,
    overlay::{self, Correction, Overlay, RecordIds},
    pack::{self, RulePack},
    problem::Problems,
    table::Table,
    text::{Lang, Text},
};

/// What came back.
#[derive(Clone, Copy, Debug)]
pub struct Returned<'a> {
    /// The workbooks.
    pub workbooks: &'a [PathBuf],
    /// Changes of cells no finding was about are taken too.
    pub accept_unflagged: bool,
    /// Who hands them back; the units' officers if absent.
    pub who: Option<&'a str>,
}

/// Takes workbooks in and runs the job again with what they say.
///
/// # Errors
/// If no ledger is named or it does not know the period; and as for a run.
pub fn fix(path: &std::path::Path, returned: &Returned<'_>, common: &Common) -> Result<Exit> {
    if common.ledger.is_none() {
        let help = Text::new(
            "更正保存在台账里：用 --ledger 指定 run 时用的台账，如 --ledger 联社.db",
            "corrections are kept in the ledger: name the one of the run, such as --ledger 联社.db",
        );
        return Err(problem(Text::new("没有指定台账", "no ledger is named"), help).into());
    }
    carry_out(path, common, Some(returned))
}

fn problem(message: Text, help: Text) -> Problems {
    let mut problems = Problems::default();
    problems.add(message, Some(help));
    problems
}

/// Fails if the ledger does not know the period: what is to be taken in was issued by a run it does not know.
pub fn expect_run(ledger: &OpenRun<'_>, job: &Job) -> Result<()> {
    if ledger.has_run(&job.pack, job.period)? {
        return Ok(());
    }
    let period = job.period;
    let message = Text::new(format!("台账里没有 {period} 的运行"), format!("the ledger has no run of {period}"));
    let help = Text::new(
        "先用同一个台账运行 baosong run，差错工作簿发出后再收回",
        "use baosong run with this ledger first; workbooks are taken in after they were issued",
    );
    Err(problem(message, help).into())
}

/// What the period is checked with.
pub struct Period<'a> {
    /// The job.
    pub job: &'a Job,
    /// The pack.
    pub pack: &'a RulePack,
    /// Working days.
    pub calendar: &'a Calendar,
}

/// Lays the corrections of the ledger over the tables of the period and of the one before, and takes workbooks in if any
/// came back. What was taken in, then.
pub fn correct(
    book: &OpenRun<'_>,
    returned: Option<&Returned<'_>>,
    period: &Period<'_>,
    read: &mut Read,
    prior: Option<&mut Read>,
    overlay: &mut Overlay,
    common: &Common,
) -> Result<Option<Fixed>> {
    let submitted = returned.map(|_| read.intake.tables.clone());
    let mut prior = prior;
    let of = |month| book.corrections(&period.pack.id, month);
    lay(&of, period.job, period.pack, read, prior.as_deref_mut(), overlay)?;
    let (Some(returned), Some(submitted)) = (returned, submitted) else { return Ok(None) };
    take_in(returned, period, read, prior.as_deref(), overlay, submitted, common).map(Some)
}

/// Lays the corrections that `of` gives over the tables of the period and of the one before.
pub fn lay(
    of: &impl Fn(crate::job::Period) -> Result<Vec<Correction>, LedgerError>,
    job: &Job,
    pack: &RulePack,
    read: &mut Read,
    prior: Option<&mut Read>,
    overlay: &mut Overlay,
) -> Result<()> {
    let earlier = of(job.period.prior())?;
    overlay.carried = overlay::carried(earlier.clone(), pack, &read.units, &overlay.ids, &read.intake.tables)?;
    if let (Some(prior), false) = (prior, earlier.is_empty()) {
        let ids = RecordIds::of(&pack.datasets, &prior.intake.tables)?;
        overlay::lay(earlier, pack, &prior.units, &ids, &mut prior.intake.tables)?;
    }
    overlay.laid = overlay::lay(of(job.period)?, pack, &read.units, &overlay.ids, &mut read.intake.tables)?;
    Ok(())
}

/// What was taken in.
pub struct Fixed {
    /// The workbooks that were read.
    pub books: Vec<Book>,
    /// Names of those that were not taken, and why.
    pub refused: Vec<(String, Refused)>,
    /// What they say.
    pub taken: Taken,
    before: Vec<Finding>,
}

/// Matches the workbooks with the tables of `read`, on which the corrections of earlier ones lie already, and lays what
/// they correct over `submitted`, the tables without any, in place of them.
fn take_in(
    returned: &Returned<'_>,
    period: &Period<'_>,
    read: &mut Read,
    prior: Option<&Read>,
    overlay: &mut Overlay,
    submitted: Vec<Table>,
    common: &Common,
) -> Result<Fixed> {
    let (books, refused, repeated) = read_books(returned, period, read);
    let base = look(period, read, prior, std::mem::take(overlay))?;
    let options =
        fix::Options { accept_unflagged: returned.accept_unflagged, who: returned.who, now: now(), lang: common.lang };
    let taken = fix::take(&base, &submitted, &books, &options);
    let Outcome { intake, findings, overlay: laid, units, .. } = base;
    read.intake = intake;
    read.units = units;
    *overlay = laid;
    let mut taken = taken?;
    taken.remarks.extend(repeated);
    let standing = std::mem::take(&mut overlay.laid).into_iter().map(|laid| laid.correction);
    let same = |a: &Correction, b: &Correction| {
        (&a.unit, &a.dataset, a.record, &a.field) == (&b.unit, &b.dataset, b.record, &b.field)
    };
    let ended = |correction: &Correction| {
        taken.withdrawn.iter().any(|other| same(correction, other))
            || taken.changes.iter().any(|change| same(correction, &change.correction))
    };
    let mut corrections: Vec<_> = standing.filter(|correction| !ended(correction)).collect();
    corrections.extend(taken.changes.iter().map(|change| change.correction.clone()));
    read.intake.tables = submitted;
    overlay.laid = overlay::lay(corrections, period.pack, &read.units, &overlay.ids, &mut read.intake.tables)?;
    Ok(Fixed { books, refused, taken, before: findings })
}

/// Workbooks read, workbooks refused with their names, and remarks on those given twice.
type BooksRead = (Vec<Book>, Vec<(String, Refused)>, Vec<(usize, Remark)>);

fn read_books(returned: &Returned<'_>, period: &Period<'_>, read: &Read) -> BooksRead {
    let password = period.job.password_env.as_ref().and_then(|name| std::env::var(name).ok());
    let expected = Expected {
        institution: &period.job.institution.code,
        period: period.job.period.to_string(),
        pack: &period.pack.id,
        units: read.units.iter().map(|unit| unit.code.as_str()).collect(),
        password: password.as_deref(),
    };
    let (mut books, mut refused, mut repeated) = BooksRead::default();
    for path in returned.workbooks {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.starts_with("~$") {
            continue;
        }
        match fix::read_book(path, &name, &expected) {
            Ok(book) => match books.iter().position(|other| other.sha256 == book.sha256) {
                Some(first) => repeated.push((first, fix::same_file(&name))),
                None => books.push(book),
            },
            Err(why) => refused.push((name, why)),
        }
    }
    (books, refused, repeated)
}

/// The findings of the tables as they are: what workbooks are matched with. The tables are in the outcome.
fn look(period: &Period<'_>, read: &mut Read, prior: Option<&Read>, overlay: Overlay) -> Result<Outcome> {
    let params = pack::load::parameter_values(period.pack, period.job.period);
    let before = prior.map(|prior| Records { tables: &prior.intake.tables, units: &prior.units });
    let checked = {
        let own = Records { tables: &read.intake.tables, units: &read.units };
        let derived = match derive::possible(&period.pack.datasets, &params) {
            Ok(()) => Some(Derived::of(&period.pack.datasets, &params, own, before)?),
            Err(_) => None,
        };
        check::evaluate(Input {
            pack: period.pack,
            tables: &read.intake.tables,
            files: &read.intake.files,
            units: &read.units,
            prior: prior.map(|prior| Prior { tables: &prior.intake.tables, units: &prior.units }),
            derived: derived.as_ref(),
            period: period.job.period,
            calendar: period.calendar,
        })?
    };
    let read = Read { units: std::mem::take(&mut read.units), intake: std::mem::take(&mut read.intake) };
    let dates = Dates { deadlines: period.calendar.deadlines(period.job.period)?, working_days: Vec::new() };
    let receipts = Receipts::default();
    Ok(conclude(period.job.clone(), period.pack.clone(), read, checked, dates, receipts, overlay))
}

/// What was taken in, and what it came to.
pub struct Judgement {
    /// What was taken in.
    pub fixed: Fixed,
    /// The verdicts.
    pub judged: Judged,
}

impl Fixed {
    /// Judges what was taken by the outcome with the corrected values, and leaves there what officers are told.
    pub fn judged(self, outcome: &mut Outcome, lang: Lang) -> Judgement {
        let judged = fix::judge(&self.taken, &self.before, outcome);
        outcome.overlay.notes = judged.notes_of(&self.taken, lang);
        Judgement { fixed: self, judged }
    }
}

impl Judgement {
    /// Some workbook was not taken.
    pub fn has_refused(&self) -> bool {
        !self.fixed.refused.is_empty()
    }

    /// How many findings of a workbook have which verdict.
    pub fn verdicts(&self, book: usize) -> BTreeMap<Verdict, u64> {
        let mut counts = BTreeMap::new();
        let pairs = self.fixed.taken.answers.iter().zip(&self.judged.verdicts);
        for (_, verdict) in pairs.filter(|(answer, _)| answer.book == book) {
            *counts.entry(*verdict).or_default() += 1;
        }
        counts
    }

    /// What the ledger is told.
    pub fn amendments(&self, lang: Lang) -> Amendments {
        let Fixed { books, refused, taken, .. } = &self.fixed;
        let mut amendments = Amendments { withdrawn: taken.withdrawn.clone(), ..Amendments::default() };
        for change in &taken.changes {
            let given = Given { correction: change.correction.clone(), record_key: change.record_key.clone() };
            amendments.corrections.push(given);
        }
        for (answer, verdict) in taken.answers.iter().zip(&self.judged.verdicts) {
            let Some(book) = books.get(answer.book) else { continue };
            let who = taken.who.get(&answer.unit).cloned().unwrap_or_default();
            let fingerprint = answer.fingerprint.clone();
            if answer.explains {
                amendments.explanations.push(Said { fingerprint, text: answer.text.clone(), who });
                continue;
            }
            let kind = match verdict {
                Verdict::SourceCorrected => Declaration::SourceCorrected,
                Verdict::NotOurs => Declaration::NotOurs,
                _ => continue,
            };
            amendments.declarations.push(Declaring {
                fingerprint,
                kind,
                text: answer.text.clone(),
                who,
                workbook: book.name.clone(),
                sha256: book.sha256.clone(),
            });
        }
        for (index, book) in books.iter().enumerate() {
            let counts = self.verdicts(index);
            let count = |verdict| counts.get(&verdict).copied().unwrap_or_default();
            amendments.returned.push(ReturnedBook {
                unit: Some(book.issued.unit.clone()),
                workbook: book.name.clone(),
                sha256: book.sha256.clone(),
                findings: counts.values().sum(),
                answered: counts.values().sum::<u64>() - count(Verdict::Unchanged),
                corrected: count(Verdict::Corrected),
                conflicts: count(Verdict::Conflict),
                unflagged: taken.unflagged.iter().filter(|cell| cell.book == index).count() as u64,
                refused: None,
            });
        }
        amendments.returned.extend(refused.iter().map(|(name, why)| ReturnedBook {
            unit: why.unit.clone(),
            workbook: name.clone(),
            sha256: why.sha256.clone(),
            refused: Some(why.text.get(lang).to_owned()),
            ..ReturnedBook::default()
        }));
        amendments
    }
}
