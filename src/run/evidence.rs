//! Evidence of a run in one file: what went in, what came out, the ledger, and the hash of each; and the proof that the
//! same comes out again.
//!
//! Knows how a job folder is laid out in the file. The outputs are those of the last run, untouched.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::{BufReader, BufWriter, Read as _, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

use crate::{
    cli::{Common, Exit},
    job::{self, Job},
    ledger::Ledger,
    pack::Literal,
    problem::Problems,
    terminal::say,
    text::{Lang, Text},
};

/// The list of everything else in the file.
const INDEX: &str = "evidence.json";
const OUTPUTS: &str = "outputs";
const INPUTS: &str = "inputs";
const LEDGER: &str = "ledger.db";

fn refused(message: Text, help: Text) -> anyhow::Error {
    let mut problems = Problems::default();
    problems.add(message, Some(help));
    problems.into()
}

/// Files by their names in the evidence.
type Files = BTreeMap<String, PathBuf>;

/// Every file below `folder`, under `name`.
fn add_folder(files: &mut Files, name: &str, folder: &Path) -> Result<()> {
    let mut folders = vec![folder.to_owned()];
    while let Some(current) = folders.pop() {
        for entry in fs::read_dir(&current).with_context(|| format!("cannot list {}", current.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let below = path.strip_prefix(folder).unwrap_or(&path);
            let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy().into_owned()).collect();
            files.insert(format!("{name}/{}", parts.join("/")), path);
        }
    }
    Ok(())
}

/// The files of a job, and the job file by which they are found again beside each other. `prior` is the job file of the
/// prior period in the evidence.
fn add_job(files: &mut Files, name: &str, job: &Job, prior: Option<&str>) -> Result<String> {
    let file_name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut keys: Vec<(&str, String)> = Vec::new();
    add_folder(files, &format!("{name}/submissions"), &job.input)?;
    keys.push(("input", "submissions".to_owned()));
    let outputs = &job.outputs;
    let single = [
        ("roster", Some(&job.roster)),
        ("receipts", job.receipts.as_ref()),
        ("calendar", job.calendar.as_ref()),
        ("ledger_totals", outputs.ledger_totals.as_ref()),
    ];
    for (key, path) in single {
        if let Some(path) = path {
            let place = format!("{key}/{}", file_name(path));
            files.insert(format!("{name}/{place}"), path.clone());
            keys.push((key, place));
        }
    }
    let folders = [
        ("rules", job.rules.as_ref()),
        ("reports", outputs.reports.as_ref()),
        ("templates", outputs.templates.as_ref()),
    ];
    for (key, path) in folders {
        if let Some(path) = path {
            add_folder(files, &format!("{name}/{key}"), path)?;
            keys.push((key, key.to_owned()));
        }
    }
    if let Some(prior) = prior {
        keys.push(("prior", format!("../prior/{prior}")));
    }
    Ok(job_text(job, &keys))
}

/// A text in quotes as TOML reads it.
fn quoted(text: &str) -> String {
    // A JSON string without `/` escapes is a TOML basic string.
    serde_json::to_string(text).unwrap_or_default()
}

fn job_text(job: &Job, keys: &[(&str, String)]) -> String {
    let mut lines =
        vec![format!("pack = {}", quoted(&job.pack)), format!("period = {}", quoted(&job.period.to_string()))];
    lines.extend(keys.iter().map(|(key, value)| format!("{key} = {}", quoted(value))));
    lines.extend(job.password_env.iter().map(|name| format!("password_env = {}", quoted(name))));
    let (code, name) = (quoted(&job.institution.code), quoted(&job.institution.name));
    lines.push(format!("institution = {{ code = {code}, name = {name} }}"));
    let signers = &job.outputs.signers;
    let named =
        [("fill", &signers.fill), ("phone", &signers.phone), ("verify", &signers.verify), ("head", &signers.head)];
    let named: Vec<_> = named.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    if !named.is_empty() {
        lines.push("[signers]".to_owned());
        lines.extend(named.into_iter().map(|(key, value)| format!("{key} = {}", quoted(value))));
    }
    if !job.params.is_empty() {
        lines.push("[params]".to_owned());
        let literal = |value: &Literal| match value {
            Literal::Text(text) => quoted(text),
            Literal::Integer(number) => number.to_string(),
            Literal::Decimal(digits) => digits.clone(),
            Literal::Date(date) => date.to_string(),
            Literal::Bool(flag) => flag.to_string(),
        };
        lines.extend(job.params.iter().map(|(name, value)| format!("{name} = {}", literal(value))));
    }
    lines.join("\n") + "\n"
}

fn hash(bytes: &[u8]) -> String {
    crate::digest::hex(&Sha256::digest(bytes))
}

/// Writes the evidence of the last run of a job to `to`.
///
/// # Errors
/// If the job has not been run, or a file cannot be read or written.
pub fn evidence(path: &Path, to: &Path, with_inputs: bool, common: &Common) -> Result<Exit> {
    let job = job::read_job(path)?;
    let place = common.out.join(job.period.to_string());
    if !place.join("manifest.json").is_file() {
        let shown = place.display();
        return Err(refused(
            Text::new(format!("{shown} 里没有运行结果"), format!("there is no run in {shown}")),
            Text::new("先运行 baosong run，并用同一个 --out", "run the job first, with the same --out"),
        ));
    }
    let mut files = Files::new();
    add_folder(&mut files, OUTPUTS, &place)?;
    let mut texts: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let file_name =
        |job: &Job| job.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if with_inputs {
        let prior = match &job.prior {
            Some(path) => Some(job::read_job(path).context("the prior period's job")?),
            None => None,
        };
        if let Some(prior) = &prior {
            let text = add_job(&mut files, &format!("{INPUTS}/prior"), prior, None)?;
            texts.insert(format!("{INPUTS}/prior/{}", file_name(prior)), text.into_bytes());
        }
        let name = prior.as_ref().map(file_name);
        let text = add_job(&mut files, &format!("{INPUTS}/job"), &job, name.as_deref())?;
        texts.insert(format!("{INPUTS}/job/{}", file_name(&job)), text.into_bytes());
    }
    let scratch = tempfile::tempdir()?;
    if let Some(ledger) = &common.ledger {
        let copy = scratch.path().join(LEDGER);
        Ledger::open_existing(ledger)?.backup(&copy)?;
        files.insert(LEDGER.to_owned(), copy);
    }
    let staged = tempfile::NamedTempFile::new_in(
        to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")),
    )?;
    let mut zip = ZipWriter::new(BufWriter::new(staged.reopen()?));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).large_file(true);
    let mut index: BTreeMap<String, String> = BTreeMap::new();
    for (name, path) in &files {
        let bytes = fs::read(path).with_context(|| path.display().to_string())?;
        texts.entry(name.clone()).or_insert(bytes);
        let bytes = texts.remove(name).unwrap_or_default();
        index.insert(name.clone(), hash(&bytes));
        zip.start_file(name.as_str(), options)?;
        zip.write_all(&bytes)?;
    }
    for (name, bytes) in &texts {
        index.insert(name.clone(), hash(bytes));
        zip.start_file(name.as_str(), options)?;
        zip.write_all(bytes)?;
    }
    let list = json!({
        "program": { "name": "baosong", "version": env!("CARGO_PKG_VERSION") },
        "institution": job.institution,
        "period": job.period.to_string(),
        "job": if with_inputs { Some(format!("{INPUTS}/job/{}", file_name(&job))) } else { None },
        "lang": if common.lang == Lang::Zh { "zh" } else { "en" },
        "files": index,
    });
    zip.start_file(INDEX, options)?;
    zip.write_all((serde_json::to_string_pretty(&list)? + "\n").as_bytes())?;
    zip.finish()?.flush()?;
    staged.persist(to).with_context(|| format!("cannot write {}", to.display()))?;
    let (count, shown) = (index.len(), to.display());
    let text = Text::new(format!("{count} 个文件，存证在 {shown}"), format!("{count} files; the evidence is {shown}"));
    say(text.get(common.lang))?;
    Ok(Exit::Clear)
}

/// What was found different.
#[derive(Default)]
struct Differences(Vec<Text>);

impl Differences {
    fn add(&mut self, name: &str, zh: &str, en: &str) {
        self.0.push(Text::new(format!("{name}：{zh}"), format!("{name}: {en}")));
    }
}

/// Checks the hashes of an evidence, runs the job again from the inputs in it, and compares byte for byte.
///
/// # Errors
/// If the file cannot be read or is no evidence.
pub fn verify(path: &Path, common: &Common) -> Result<Exit> {
    let shown = path.display();
    let no_evidence = || {
        refused(
            Text::new(format!("{shown} 不是存证文件"), format!("{shown} is no evidence")),
            Text::new("请指定 baosong evidence 写出的 zip 文件", "name a zip that baosong evidence wrote"),
        )
    };
    let file = File::open(path).with_context(|| path.display().to_string())?;
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|_| no_evidence())?;
    let mut text = String::new();
    archive.by_name(INDEX).map_err(|_| no_evidence())?.read_to_string(&mut text)?;
    let index: Value = serde_json::from_str(&text).map_err(|_| no_evidence())?;
    let listed = index.get("files").and_then(Value::as_object).ok_or_else(no_evidence)?;
    let scratch = tempfile::tempdir()?;
    let mut differences = Differences::default();
    let mut seen = BTreeSet::new();
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at)?;
        let Some(name) = entry.enclosed_name() else { continue };
        let shown = name.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
        if shown == INDEX {
            continue;
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        match listed.get(&shown).and_then(Value::as_str) {
            None => differences.add(&shown, "不在清单里", "is not in the list"),
            Some(known) if known != hash(&bytes) => {
                differences.add(&shown, "与清单的哈希不符", "has another hash than the list");
            }
            Some(_) => {}
        }
        seen.insert(shown);
        let target = scratch.path().join(name);
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&target, bytes)?;
    }
    for name in listed.keys().filter(|name| !seen.contains(*name)) {
        differences.add(name, "缺失", "is missing");
    }
    let mut lines =
        vec![Text::new(format!("{} 个文件，已核对哈希", seen.len()), format!("{} files, hashes checked", seen.len()))];
    let version = index.pointer("/program/version").and_then(Value::as_str).unwrap_or_default();
    if version != env!("CARGO_PKG_VERSION") {
        let own = env!("CARGO_PKG_VERSION");
        lines.push(Text::new(
            format!("存证由版本 {version} 写出，本程序为 {own}，结果可能因此不同"),
            format!("written by version {version}; this is {own}, which may be why results differ"),
        ));
    }
    if let Some(job) = index.get("job").and_then(Value::as_str) {
        let count = rerun(scratch.path(), job, &index, common, &mut differences)?;
        lines.push(Text::new(
            format!("用存证中的输入重新运行，比较了 {count} 个输出"),
            format!("run again from the inputs in it; {count} outputs compared"),
        ));
    } else {
        lines.push(Text::new("存证不含输入，没有重新运行", "it holds no inputs: not run again"));
    }
    let same = differences.0.is_empty();
    lines.extend(differences.0);
    lines.push(if same {
        Text::new("一致", "all the same")
    } else {
        Text::new("有差异", "there are differences")
    });
    say(&lines.iter().map(|line| line.get(common.lang)).collect::<Vec<_>>().join("\n"))?;
    Ok(if same { Exit::Clear } else { Exit::Blocked })
}

/// Runs the job again and compares what comes out; says how many outputs were compared.
fn rerun(place: &Path, job: &str, index: &Value, common: &Common, differences: &mut Differences) -> Result<usize> {
    let ledger = place.join(LEDGER);
    let again = Common {
        out: place.join("again"),
        ledger: ledger.is_file().then_some(ledger),
        lang: if index.get("lang").and_then(Value::as_str) == Some("en") { Lang::En } else { Lang::Zh },
        quiet: true,
        json: false,
        timings: false,
        verbose: false,
        ..common.clone()
    };
    super::run(&place.join(job), &again).context("running again from the inputs of the evidence")?;
    let period = index.get("period").and_then(Value::as_str).unwrap_or_default();
    let (mut before, mut after) = (Files::new(), Files::new());
    add_folder(&mut before, OUTPUTS, &place.join(OUTPUTS))?;
    add_folder(&mut after, OUTPUTS, &again.out.join(period))?;
    let names: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let count = names.len();
    for name in names {
        match (before.get(name), after.get(name)) {
            (Some(one), Some(other)) if fs::read(one)? != fs::read(other)? => {
                differences.add(name, "重新运行的结果不同", "comes out otherwise");
            }
            (Some(_), None) => differences.add(name, "重新运行没有写出", "does not come out again"),
            (None, Some(_)) => differences.add(name, "重新运行才有", "comes out only now"),
            _ => {}
        }
    }
    Ok(count)
}
