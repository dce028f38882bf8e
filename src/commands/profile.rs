//! What is in spreadsheets nobody has declared, on the terminal and as a page, and a first pack.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::{
    cli::{Common, Exit},
    new_files::{NewFile, write_new},
    profile::{self, PACK_NAME},
    terminal::say,
    text::Text,
};

/// Looks into files, and writes a page and a first pack into `output` if there is one.
///
/// # Errors
/// If a file to be written is there already or cannot be written.
pub fn profile(files: &[PathBuf], output: Option<&Path>, common: &Common) -> Result<Exit> {
    let profiles = profile::profile(files)?;
    let mut written = Vec::new();
    if let Some(folder) = output {
        let mut made = vec![NewFile::new("profile.html", profile::page(&profiles, common.lang))];
        made.extend(profile::pack_files(&profiles)?);
        written = write_new(folder, &made)?;
    }
    if common.json {
        say(&serde_json::to_string_pretty(&profile::json(&profiles))?)?;
    } else if !common.quiet {
        say(&profile::tables(&profiles, common.lang))?;
        if let Some(folder) = output {
            say("")?;
            say(what_was_written(folder, &written).get(common.lang))?;
        }
    }
    let unreadable = profiles.iter().any(|file| file.unreadable.is_some());
    Ok(if unreadable { Exit::Unreadable } else { Exit::Clear })
}

fn what_was_written(folder: &Path, written: &[PathBuf]) -> Text {
    let shown = folder.display();
    let page = folder.join("profile.html");
    let page = page.display();
    if written.len() == 1 {
        return Text::new(
            format!("剖析在 {page}；没有找到表头，没有建议规则包"),
            format!("The page is {page}. No headings were found, so no pack is suggested"),
        );
    }
    let check = format!("baosong rules lint --rules {shown} --pack {PACK_NAME}");
    let pack = folder.join(PACK_NAME);
    let pack = pack.display();
    Text::new(
        format!("剖析在 {page}；规则包草稿在 {pack}，核对后用下面的命令验证：\n  {check}"),
        format!("The page is {page}. A first pack is in {pack}; look it through, then prove it with\n  {check}"),
    )
}
