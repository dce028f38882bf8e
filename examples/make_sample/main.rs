//! Writes `sample-input/large-credit`: two periods of a union that does not exist, and the list of faults planted in
//! the second.
//!
//! ```text
//! cargo run --release --example make_sample -- sample-input
//! ```
//! No clock and no system random numbers: every run writes the same bytes. The program under test is not used.

mod customers;
mod expected;
mod grid;
mod identity;
mod job;
mod layout;
mod loans;
mod model;
mod names;
mod plant;
mod prior;
mod retail;
mod rng;
mod union;
mod untidy;
mod write;

use std::{fs, path::Path};

use anyhow::{Context, Result};

use crate::{expected::Index, grid::Format, model::World, rng::Rng, union::UNIT};

fn main() -> Result<()> {
    let target = std::env::args().nth(1).context("name the folder to write to, such as sample-input")?;
    let target = Path::new(&target).join("large-credit");
    let mut rng = Rng::new(20_261_031);
    let mut world = World::default();
    let mut register = names::Register::default();
    union::add_roster(&mut world, &mut rng);
    let customers = customers::add_customers(&mut world, &mut register, &mut rng);
    loans::add_loans(&mut world, &customers, &mut register, &mut rng);
    retail::add_defaults(&mut world, &mut register, &mut rng);

    let mut september = prior::september(&world, &mut rng);
    plant::periods::check_clean(&september, &world);
    let totals = job::ledger_totals(&world);
    let expected = plant::plant_all(&mut september, &mut world, &mut rng);
    write_september(&september, &target.join("2026-09"))?;
    put(&target.join("2026-10/ledger-totals.csv"), totals.as_bytes())?;
    write_october(&world, &expected, &target.join("2026-10"))
}

fn write_september(world: &World, folder: &Path) -> Result<()> {
    let mut received = Vec::new();
    for (unit, named) in UNIT.iter().enumerate() {
        let book = layout::september(world, unit);
        let name = format!("{}/{}", named.folder(), book.name);
        put(&folder.join("submissions").join(&name), &write::bytes(&book)?)?;
        received.push((unit, name));
    }
    put(&folder.join("roster.xlsx"), &write::bytes(&layout::roster(world))?)?;
    put(&folder.join("receipts.csv"), job::receipts(&received, false).as_bytes())?;
    put(&folder.join("job.toml"), job::job_file("2026-09", None).as_bytes())
}

fn write_october(world: &World, expected: &[plant::Expected], folder: &Path) -> Result<()> {
    let mut received = Vec::new();
    let mut index = Index::default();
    for (unit, named) in UNIT.iter().enumerate() {
        for book in layout::october(world, unit) {
            let name = format!("{}/{}", named.folder(), book.name);
            put(&folder.join("submissions").join(&name), &write::bytes(&book)?)?;
            if book.format != Format::TruncatedXlsx {
                index.add(world, &book, &name);
            }
            received.push((unit, name));
        }
    }
    // What Excel leaves beside a workbook that is open.
    let lock = folder.join("submissions").join(UNIT[union::MANY_FILES].folder()).join("~$贷款数据.xlsx");
    put(&lock, &[0x20; 165])?;
    let roster = layout::roster(world);
    index.add(world, &roster, &roster.name);
    put(&folder.join("roster.xlsx"), &write::bytes(&roster)?)?;
    put(&folder.join("receipts.csv"), job::receipts(&received, true).as_bytes())?;
    put(&folder.join("job.toml"), job::job_file("2026-10", Some("../2026-09/job.toml")).as_bytes())?;
    put(&folder.join("expected-findings.csv"), expected::table(world, &index, expected).as_bytes())
}

fn put(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().context("a file is in a folder")?;
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    fs::write(path, bytes).with_context(|| path.display().to_string())
}
