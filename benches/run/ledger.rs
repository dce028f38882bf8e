//! Measures the ledger: recording 100,000 findings, and lists over 24 months of 20,000 findings each, half of which the
//! month before had too.

use std::{path::Path, time::Instant};

use anyhow::{Context as _, Result};
use baosong::{
    finding::{Severity, fingerprint},
    job::{Calendar, Institution, Period},
    ledger::{
        Amendments, Bounds, Declaration, Filter, Key, Ledger, People, RunEntry, Sighting, Status, Submission,
        UnitEntry, Unread,
    },
    outcome::{Deadlines, Timeliness},
    pack::{Request, load_pack},
    text::Lang,
    workbook::{write_notices, write_register},
};
use chrono::{NaiveDate, NaiveDateTime};

/// Units of the roster.
const UNITS: usize = 12;

fn now() -> NaiveDateTime {
    NaiveDate::default().into()
}

fn institution() -> Institution {
    Institution { code: "150100".into(), name: "示例联社".into() }
}

fn sighting(number: usize) -> Sighting {
    let rule = format!("LOAN-AMT-{:03}", number % 40);
    let unit = number % UNITS;
    Sighting {
        fingerprint: fingerprint(&unit.to_string(), &rule, &number.to_string(), "loans.amount", 0),
        unit,
        rule,
        mandatory: false,
        dataset: "loans".into(),
        field: "amount".into(),
        severity: if number.is_multiple_of(4) { Severity::Warning } else { Severity::Error },
        key: Key::Record { shown: format!("JJ{number:08}"), hash: [number.to_le_bytes()[0]; 10] },
        file: Some("150102-城关社部/贷款数据.xlsx".into()),
        sheet: Some("贷款明细".into()),
        cell: Some(format!("F{number}")),
        value: Some("560".into()),
        value_hash: [1; 10],
        message: "贷款余额560万元大于贷款金额500.00万元".into(),
        customer: None,
    }
}

fn entry(period: Period, input: &str, numbers: std::ops::Range<usize>) -> RunEntry {
    let unit = |index: usize| UnitEntry {
        code: format!("{}", 150_101 + index),
        name: "示例社部".into(),
        institution: false,
        timeliness: Timeliness::OnTime,
        received: None,
        resubmitted: None,
        people: People::default(),
        at_risk_fen: None,
        records: 10_000,
        flagged: 100,
        unread: Unread::Datasets(Vec::new()),
    };
    let file = |unit: usize| Submission {
        unit,
        file: format!("{}/贷款数据.xlsx", 150_101 + unit),
        sha256: input.into(),
        bytes: 1,
        received: None,
        channel: None,
        unreadable: None,
    };
    let day = period.data_date();
    RunEntry {
        run: format!("{period}-{input}"),
        institution: institution(),
        period,
        pack: "large-credit".into(),
        edition: "1".into(),
        pack_hash: String::new(),
        program: String::new(),
        units: (0..UNITS).map(unit).collect(),
        submissions: (0..UNITS).map(file).collect(),
        deadlines: Some(Deadlines { submission: day, correction: day, report: day }),
        findings: numbers.map(sighting).collect(),
        laid: Vec::new(),
        handed_in: Vec::new(),
        amendments: Amendments::default(),
    }
}

#[expect(clippy::print_stdout, reason = "the result of the benchmark")]
fn timed<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let started = Instant::now();
    let result = work()?;
    println!("{:>8.1} ms  {what}", started.elapsed().as_secs_f64() * 1000.0);
    Ok(result)
}

fn record(ledger: &mut Ledger, entry: &RunEntry) -> Result<()> {
    ledger.begin_run(&institution(), now())?.record(entry, now())?.commit()?;
    Ok(())
}

/// Runs all measurements in a folder of their own below `folder`.
///
/// # Errors
/// If the ledger cannot be written.
pub fn main(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let folder = tempfile::tempdir_in(folder)?;
    let month = |number: u32| Period::month(2025, 1 + number % 12).context("a month");
    let mut ledger = Ledger::open(&folder.path().join("one.sqlite"))?;
    let (first, second) = (month(0)?, month(1)?);
    for (what, entry) in [
        ("record 100,000 new findings", entry(first, "a", 0..100_000)),
        ("record them again, the same input", entry(first, "a", 0..100_000)),
        ("record them again, another input", entry(first, "b", 0..100_000)),
        ("record them in the next month", entry(second, "a", 0..100_000)),
    ] {
        timed(&format!("look up repeats before: {what}"), || Ok(ledger.repeats(&entry)?))?;
        timed(what, || record(&mut ledger, &entry))?;
    }
    let register = timed("read the register of 100,000 findings", || {
        ledger.register("large-credit", second, Bounds::default(), now())?.context("a register")
    })?;
    let pack = load_pack(&Request {
        pack: "large-credit",
        folder: None,
        period: second,
        overrides: &std::collections::BTreeMap::new(),
        calendar: Calendar::built_in()?,
    })?;
    timed("write it and the notices", || {
        write_register(&register, &pack, Lang::Zh, &folder.path().join("register.xlsx"))?;
        write_notices(&register, Lang::Zh, &folder.path().join("notices.xlsx"))
    })?;
    drop(ledger);

    let path = folder.path().join("months.sqlite");
    let mut ledger = Ledger::open(&path)?;
    let last = 23;
    let period = |number: usize| {
        let (year, month) = (2025 + i32::try_from(number / 12)?, u32::try_from(number % 12 + 1)?);
        Period::month(year, month).context("a month")
    };
    for number in 0..last {
        record(&mut ledger, &entry(period(number)?, "a", number * 10_000..number * 10_000 + 20_000))?;
    }
    let newest = entry(period(last)?, "a", last * 10_000..last * 10_000 + 20_000);
    timed("record 20,000 findings in the 24th month", || record(&mut ledger, &newest))?;
    drop(ledger);
    lists(&path, period(last)?, period(3)?)
}

fn lists(path: &Path, newest: Period, old: Period) -> Result<()> {
    let all = Filter::default;
    let unit = Some("150103".to_owned());
    let rule = Some("LOAN-AMT-007".to_owned());
    let limit = Some(200);
    for (what, filter) in [
        ("the newest 200 of all", Filter { limit, ..all() }),
        ("a month", Filter { period: Some(newest), ..all() }),
        ("an old month", Filter { period: Some(old), ..all() }),
        ("a month of one unit", Filter { period: Some(newest), unit: unit.clone(), ..all() }),
        ("the newest 200 of one unit", Filter { unit: unit.clone(), limit, ..all() }),
        ("the newest 200 of one rule", Filter { rule: rule.clone(), limit, ..all() }),
        ("the newest 200 of LOAN-*", Filter { rule: Some("LOAN-*".into()), limit, ..all() }),
        ("the newest 200 that are new", Filter { statuses: vec![Status::New], limit, ..all() }),
        (
            "those said not to be theirs, of which there are none",
            Filter { declared: Some(Declaration::NotOurs), ..all() },
        ),
        ("resolved ones, of which there are none", Filter { statuses: vec![Status::Resolved], limit, ..all() }),
        (
            "unit, rule and status in a month",
            Filter { period: Some(newest), unit, rule, statuses: vec![Status::New], ..all() },
        ),
    ] {
        // Each with a connection of its own, as the command has.
        let name = format!("list {what}");
        timed(&name, || Ok(Ledger::open_existing(path)?.list(&filter)?))?;
    }
    timed("the gate", || Ok(Ledger::open_existing(path)?.gate("large-credit", newest, now().date())?))?;
    timed("repeats in a month", || Ok(Ledger::open_existing(path)?.repeated("large-credit", newest, old, 2)?))?;
    Ok(())
}
