//! The list of sheets of a workbook and where their parts are.
//!
//! Knows the small parts of the package, but no cells.

use std::collections::HashMap;

use super::{
    package::Package,
    unusual::{Stop, Unusual},
    xml::{Event, Tags, local, resolved},
};

/// One worksheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// Its name.
    pub name: String,
    /// It is hidden.
    pub hidden: bool,
    /// Its part in the package.
    pub part: String,
}

/// What the small parts of a workbook say.
#[derive(Debug)]
pub struct Contents {
    /// Serial numbers count from 1904.
    pub is_1904: bool,
    /// Its worksheets; chart sheets are left out.
    pub sheets: Vec<Sheet>,
    /// Folder of the workbook part, with a slash behind unless empty. Strings and styles stand there.
    pub folder: String,
}

struct Relation {
    kind: String,
    target: String,
}

/// Reads what a workbook consists of.
///
/// # Errors
/// If it is put together in a way no spreadsheet program does.
pub fn read_contents(package: &mut Package<'_>) -> Result<Contents, Stop> {
    let (folder, file) = workbook_part(package)?;
    let relations = read_relations(package, &format!("{folder}_rels/{file}.rels"))?.ok_or(Unusual::Package)?;
    for (ending, name) in [("/sharedStrings", "sharedStrings.xml"), ("/styles", "styles.xml")] {
        let others = relations.values().filter(|relation| relation.kind.ends_with(ending));
        // They are looked for under their usual names alone.
        if others
            .into_iter()
            .any(|relation| !part_name(&folder, &relation.target).eq_ignore_ascii_case(&format!("{folder}{name}")))
        {
            return Err(Unusual::Package.into());
        }
    }
    let text = package.text(&format!("{folder}{file}"))?.ok_or(Unusual::Package)?;
    let (is_1904, sheets) = read_sheets(&text, &folder, &relations)?;
    Ok(Contents { is_1904, sheets, folder })
}

/// Folder and file name of the workbook part.
fn workbook_part(package: &mut Package<'_>) -> Result<(String, String), Stop> {
    let relations = read_relations(package, "_rels/.rels")?.ok_or(Unusual::Package)?;
    let mut documents = relations.values().filter(|relation| relation.kind.ends_with("/relationships/officeDocument"));
    let (Some(document), None) = (documents.next(), documents.next()) else { return Err(Unusual::Package.into()) };
    let target = document.target.strip_prefix('/').unwrap_or(&document.target);
    let (folder, file) = match target.rfind('/') {
        Some(slash) => target.split_at(slash + 1),
        None => ("", target),
    };
    if file.is_empty() { Err(Unusual::Package.into()) } else { Ok((folder.to_owned(), file.to_owned())) }
}

fn part_name(folder: &str, target: &str) -> String {
    match target.strip_prefix('/') {
        Some(absolute) => absolute.to_owned(),
        None => format!("{folder}{target}"),
    }
}

fn read_relations(package: &mut Package<'_>, part: &str) -> Result<Option<HashMap<String, Relation>>, Stop> {
    let Some(text) = package.text(part)? else { return Ok(None) };
    let mut relations = HashMap::new();
    let mut tags = Tags::new(&text);
    while let Some(event) = tags.next()? {
        let Event::Start { name, attributes, .. } = event else { continue };
        match local(name) {
            ("Relationship", false) => {}
            ("Relationship" | "Relationships", true) => return Err(Unusual::Prefix.into()),
            _ => continue,
        }
        let plain = |name: &str| {
            let value = attributes.get(name)?.unwrap_or_default();
            if value.contains('&') { Err(Unusual::Package) } else { Ok(value.to_owned()) }
        };
        let relation = Relation { kind: plain("Type")?, target: plain("Target")? };
        if relations.insert(plain("Id")?, relation).is_some() {
            return Err(Unusual::Package.into());
        }
    }
    Ok(Some(relations))
}

fn read_sheets(text: &str, folder: &str, relations: &HashMap<String, Relation>) -> Result<(bool, Vec<Sheet>), Unusual> {
    let mut is_1904 = false;
    let mut names = Vec::new();
    let mut sheets = Vec::new();
    let mut tags = Tags::new(text);
    while let Some(event) = tags.next()? {
        let Event::Start { name, attributes, .. } = event else { continue };
        match local(name) {
            ("workbook" | "sheets" | "sheet", true) => return Err(Unusual::Prefix),
            ("workbookPr", _) => {
                if let Some(value) = attributes.get("date1904")? {
                    is_1904 = matches!(value, "1" | "true");
                }
            }
            ("sheet", false) => {
                let name = resolved(attributes.get("name")?.ok_or(Unusual::Workbook)?)?.into_owned();
                let hidden = match attributes.get("state")? {
                    None | Some("visible") => false,
                    Some("hidden" | "veryHidden") => true,
                    Some(_) => return Err(Unusual::Workbook),
                };
                let id = attributes.find(|name| local(name).0 == "id")?.ok_or(Unusual::Workbook)?;
                let relation = relations.get(id).ok_or(Unusual::Workbook)?;
                // Sheets are told apart by their names.
                if names.contains(&name) {
                    return Err(Unusual::Workbook);
                }
                names.push(name.clone());
                match relation.kind.rsplit('/').next() {
                    Some("worksheet") => {
                        sheets.push(Sheet { name, hidden, part: part_name(folder, &relation.target) });
                    }
                    Some("chartsheet" | "dialogsheet") => {}
                    _ => return Err(Unusual::Workbook),
                }
            }
            _ => {}
        }
    }
    Ok((is_1904, sheets))
}
