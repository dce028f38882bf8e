//! Measures tiers: 1,000,000 customers by the shipped scheme of `property-sales`, and by rank, against the bare read of
//! their csv.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Instant};

use anyhow::{Context as _, Result};
use baosong::{
    ingest::{self, Options, Source},
    job::{Calendar, Unit},
    pack::{self, functions, load::parameter_values},
    tier::{Basis, Given, Overrides, Tiering},
};

const CUSTOMERS: usize = 1_000_000;
const RUNS: usize = 9;

const PACK: &str = r#"
edition = "1"
title = { zh = "试", en = "test" }
[[dataset]]
id = "customers"
prefix = "CUST"
title = { zh = "客户", en = "Customers" }
sheets = ["客户"]
key = ["customer_no"]
fields = [
    { id = "customer_no", headings = ["客户编号"], en = "Number", type = "identifier" },
    { id = "customer_name", headings = ["客户姓名"], en = "Name", type = "name" },
    { id = "phone", headings = ["联系电话"], en = "Phone", type = "identifier" },
    { id = "owner", headings = ["销售人员"], en = "Salesperson", type = "name" },
    { id = "bought_villa", headings = ["已购独立别墅"], en = "Villa", type = "code" },
    { id = "purchases_total", headings = ["累计购买金额(万元)"], en = "Bought", type = "amount", unit = "万元" },
    { id = "influence", headings = ["影响力"], en = "Influence", type = "code" },
    { id = "brings_buyers", headings = ["带动购买"], en = "Brings buyers", type = "code" },
    { id = "intention", headings = ["购买意向"], en = "Intention", type = "code" },
    { id = "took_part_in_event", headings = ["参加活动"], en = "Took part", type = "code" },
    { id = "contact_kind", headings = ["来源"], en = "Source", type = "text" },
]
"#;

const PARAMS: &str = "param = [{ name = \"tier_diamond\", value = 5000.00, source = { doc = \"试\" } }, \
     { name = \"tier_platinum\", value = 800.00, source = { doc = \"试\" } }]\n";

const RANKED: &str = r#"
[[scheme]]
id = "ranked"
on = "customers"
title = { zh = "排名", en = "Ranked" }
source = { doc = "试" }
score = { by = "purchases_total" }
cut = {}
examples = [{ rows = [{ purchases_total = 3, expect = "A" }, { purchases_total = 2, expect = "B" }] }]
tier = [{ id = "A", title = { zh = "一", en = "one" }, share = 20 }, { id = "B", title = { zh = "二", en = "two" }, share = 80 }]
"#;

fn write(path: &Path) -> Result<()> {
    let mut csv = csv::Writer::from_path(path)?;
    csv.write_record([
        "客户编号",
        "客户姓名",
        "联系电话",
        "销售人员",
        "已购独立别墅",
        "累计购买金额(万元)",
        "影响力",
        "带动购买",
        "购买意向",
        "参加活动",
        "来源",
    ])?;
    let mut state = 7_u64;
    for number in 0..CUSTOMERS {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let bits = state >> 33;
        let flag = |at: u64| if (bits >> at).is_multiple_of(8) { "1" } else { "0" };
        let total = if bits.is_multiple_of(3) { format!("{}.{:02}", bits % 7_000, bits % 100) } else { "0".to_owned() };
        let (no, phone, owner) =
            (format!("KH{number:08}"), format!("138{number:08}"), format!("销售{:03}", bits % 400));
        csv.write_record([
            &no,
            "示例客户",
            &phone,
            &owner,
            flag(1),
            &total,
            flag(4),
            flag(7),
            flag(10),
            flag(13),
            "来电咨询",
        ])?;
    }
    csv.flush()?;
    Ok(())
}

/// Every field of every line, by the csv reader the program uses, and nothing made of it.
fn bare(path: &Path) -> Result<()> {
    let mut reader = csv::Reader::from_path(path)?;
    let mut record = csv::ByteRecord::new();
    let mut fields = 0;
    while reader.read_byte_record(&mut record)? {
        fields += std::hint::black_box(&record).len();
    }
    anyhow::ensure!(fields == CUSTOMERS * 11, "all was read");
    Ok(())
}

/// Seconds all threads of this process have worked, as the kernel counts them; none where it does not say.
fn worked() -> Option<f64> {
    let tasks = std::fs::read_dir("/proc/self/task").ok()?;
    let nanoseconds = tasks.flatten().filter_map(|task| {
        let text = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<f64>().ok()
    });
    Some(nanoseconds.sum::<f64>() / 1e9)
}

/// How long something takes: by the clock, and the work of all threads together.
fn timed<T>(work: impl FnOnce() -> Result<T>) -> Result<(T, f64, f64)> {
    let (before, started) = (worked(), Instant::now());
    let made = work()?;
    let elapsed = started.elapsed().as_secs_f64();
    let spent = worked().zip(before).map_or(f64::NAN, |(after, before)| after - before);
    Ok((made, elapsed, spent))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Runs the measurements in `folder`.
///
/// # Errors
/// If the data cannot be written or read.
#[expect(clippy::print_stdout, reason = "the result of the benchmark")]
pub fn main(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let folder = tempfile::tempdir_in(folder)?;
    let rules = folder.path().join("rules/p");
    std::fs::create_dir_all(&rules)?;
    std::fs::write(rules.join("pack.toml"), PACK)?;
    std::fs::write(rules.join("params.toml"), PARAMS)?;
    std::fs::write(
        rules.join("tiers.toml"),
        format!("{}{RANKED}", include_str!("../../rules/property-sales/tiers.toml")),
    )?;
    let path = folder.path().join("客户.csv");
    write(&path)?;
    let calendar = Calendar::built_in()?;
    let quarter = "2026Q3".parse()?;
    let pack = pack::load_pack(&pack::Request {
        pack: "p",
        folder: Some(&folder.path().join("rules")),
        period: quarter,
        overrides: &BTreeMap::new(),
        calendar: calendar.clone(),
    })?;
    let source = Source { path: path.clone(), name: "客户.csv".to_owned(), unit: 0 };
    let started = Instant::now();
    let intake = ingest::read_files(&[source], &pack, &Options::default(), &|_| {});
    println!("{:>8.3} s  read as tables, for comparison", started.elapsed().as_secs_f64());
    let table = intake.tables.first().context("the customers")?;
    anyhow::ensure!(table.height() == CUSTOMERS, "all were read");
    let units = [Unit::default()];
    let params = parameter_values(&pack, quarter);
    let context = Arc::new(functions::Context::new(quarter.data_date(), calendar, &pack.codes));
    let given = Given { datasets: &pack.datasets, params: &params, context: &context, units: &units };
    let basis = Basis { quarter, date: quarter.data_date() };
    let overrides = Overrides::default();
    let mut reads = (Vec::new(), Vec::new());
    let mut times = vec![(Vec::new(), Vec::new()); pack.tiers.len()];
    // They take turns, so that a disturbance does not fall on one of them alone.
    for _ in 0..RUNS {
        let ((), elapsed, spent) = timed(|| bare(&path))?;
        reads.0.push(elapsed);
        reads.1.push(spent);
        for (scheme, times) in pack.tiers.iter().zip(&mut times) {
            let make = || Tiering::new(scheme, given, table, None, &overrides, (basis, false, false));
            let (tiering, elapsed, spent) = timed(make)?;
            times.0.push(elapsed);
            times.1.push(spent);
            anyhow::ensure!(std::hint::black_box(&tiering).count() == CUSTOMERS, "all were classed");
        }
    }
    let (read, work) = (median(reads.0), median(reads.1));
    println!("{read:>8.3} s  {work:>8.3} s of work  bare read of the csv, {CUSTOMERS} customers");
    for (scheme, (times, spent)) in pack.tiers.iter().zip(times) {
        let (time, spent) = (median(times), median(spent));
        let (by_clock, by_work) = (time / read, spent / work);
        println!(
            "{time:>8.3} s  {spent:>8.3} s of work  tiers by `{}`: {by_clock:.2} of the bare read, {by_work:.2} of its work",
            scheme.id
        );
    }
    Ok(())
}
