//! Writes the sample input of the small packs: `sample-input/<pack>/<period>`, from the tables in `samples/<pack>.txt`.
//!
//! ```text
//! cargo run --release --example make_pack_samples -- sample-input
//! ```
//! In those tables the faults stand in the cells they were planted in, with the rule that finds them, so the list of
//! faults is written by hand and not by the program under test, which is not used here. Every run writes the same bytes.

mod book;
mod sample;

use std::{fs, path::Path};

use anyhow::{Context as _, Result};

use crate::sample::Sample;

fn main() -> Result<()> {
    let target = std::env::args().nth(1).context("name the folder to write to, such as sample-input")?;
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources: Vec<_> = fs::read_dir(here.join("examples/make_pack_samples/samples"))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    sources.sort();
    for source in sources {
        let stem = source.file_stem().context("a file name")?.to_string_lossy().into_owned();
        // Another period of a pack is `<pack>@<name>.txt`.
        let pack = stem.split('@').next().unwrap_or(&stem);
        let fields = sample::fields(&fs::read_to_string(here.join("rules").join(pack).join("pack.toml"))?)?;
        let text = fs::read_to_string(&source)?;
        let sample = Sample::parse(&text).with_context(|| source.display().to_string())?;
        let expected = sample.expected(&fields).with_context(|| source.display().to_string())?;
        write(pack, &sample, &expected, Path::new(&target))?;
    }
    Ok(())
}

fn write(pack: &str, sample: &Sample, expected: &str, target: &Path) -> Result<()> {
    let folder = target.join(pack).join(&sample.period);
    for file in &sample.files {
        let place = if file.unit.is_empty() { folder.clone() } else { folder.join("submissions").join(&file.unit) };
        fs::create_dir_all(&place)?;
        fs::write(place.join(&file.name), book::bytes(file)?)?;
    }
    fs::write(folder.join("job.toml"), job(pack, sample))?;
    fs::write(folder.join("expected-findings.csv"), expected)?;
    Ok(())
}

fn job(pack: &str, sample: &Sample) -> String {
    let Sample { period, code, name, extra, .. } = sample;
    format!(
        "pack        = \"{pack}\"\nperiod      = \"{period}\"\ninstitution = {{ code = \"{code}\", name = \"{name}\" }}\n\
         roster      = \"roster.xlsx\"\ninput       = \"submissions\"\n{extra}"
    )
}
