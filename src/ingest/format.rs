//! What a file really is, told by its content and never by its name, and its content ready for reading.
//!
//! Knows nothing of sheets and datasets.

use std::{borrow::Cow, io::Cursor};

use memchr::memmem;
use zip::ZipArchive;

use super::{Format, Unreadable, delimited::decoded, message};

/// The content of a file that can be read.
pub enum Content<'b> {
    /// A workbook: format and bytes, decrypted if need be.
    Workbook(Format, Cow<'b, [u8]>),
    /// Delimited text.
    Text(Cow<'b, str>),
}

const CFB: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

/// Formats that are no spreadsheets, by their first bytes.
const OTHERS: [(&[u8], &str, &str); 9] = [
    (b"%PDF", "PDF 文档", "a PDF document"),
    (b"Rar!", "RAR 压缩包", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "7z 压缩包", "a 7z archive"),
    (b"\x1f\x8b", "gzip 压缩文件", "a gzip archive"),
    (b"\x89PNG", "PNG 图片", "a PNG image"),
    (b"\xff\xd8\xff", "JPEG 图片", "a JPEG image"),
    (b"BM", "BMP 图片", "a BMP image"),
    (b"{\\rtf", "RTF 文档", "an RTF document"),
    (b"SQLite format 3", "SQLite 数据库", "an SQLite database"),
];

/// Tells the format of a file and makes its content ready.
///
/// # Errors
/// If it is empty, damaged, encrypted without the right password, or no spreadsheet.
pub fn identify<'b>(bytes: &'b [u8], password: Option<&str>) -> Result<Content<'b>, Unreadable> {
    if bytes.is_empty() {
        return Err(message::empty());
    }
    if bytes.starts_with(b"PK") && bytes.get(2).is_some_and(|byte| *byte < b' ') {
        return Ok(Content::Workbook(zip_format(bytes)?, Cow::Borrowed(bytes)));
    }
    if bytes.starts_with(CFB) {
        return compound(bytes, password);
    }
    if let Some((_, zh, en)) = OTHERS.iter().find(|(magic, ..)| bytes.starts_with(magic))
        && !(bytes.starts_with(b"BM") && memchr::memchr(0, bytes).is_none())
    {
        return Err(message::unknown(zh, en));
    }
    let text = decoded(bytes).ok_or_else(|| message::unknown("无法识别的二进制数据", "unrecognised binary data"))?;
    if text.trim().is_empty() {
        return Err(message::empty_text());
    }
    match markup(&text) {
        Some((zh, en)) => Err(message::unknown(zh, en)),
        None => Ok(Content::Text(text)),
    }
}

fn zip_format(bytes: &[u8]) -> Result<Format, Unreadable> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| message::damaged_zip(&error.to_string()))?;
    let names: Vec<String> =
        archive.file_names().flatten().map(|name| name.replace('\\', "/").to_lowercase()).collect();
    let has = |name: &str| names.iter().any(|found| found == name);
    let under = |folder: &str| names.iter().any(|found| found.starts_with(folder));
    if has("xl/workbook.bin") {
        return Ok(Format::Xlsb);
    }
    if under("xl/") {
        return Ok(Format::Xlsx);
    }
    if has("content.xml") {
        let encrypted = archive
            .by_name("META-INF/manifest.xml")
            .is_ok_and(|part| std::io::read_to_string(part).is_ok_and(|manifest| manifest.contains("encryption-data")));
        if encrypted {
            return Err(message::password_unsupported());
        }
        let kind = archive.by_name("mimetype").ok().and_then(|part| std::io::read_to_string(part).ok());
        return match kind {
            Some(kind) if !kind.contains("spreadsheet") => {
                Err(message::unknown("其他 OpenDocument 文档", "another kind of OpenDocument file"))
            }
            _ => Ok(Format::Ods),
        };
    }
    if under("word/") {
        return Err(message::unknown("Word 文档", "a Word document"));
    }
    if under("ppt/") {
        return Err(message::unknown("PowerPoint 演示文稿", "a PowerPoint presentation"));
    }
    Err(message::unknown("ZIP 压缩包（请先解压）", "a ZIP archive (unpack it first)"))
}

/// Compound files: old workbooks, encrypted new ones, and documents of other programs. Told apart by the names of their
/// streams, which stand in the directory as UTF-16.
fn compound<'b>(bytes: &'b [u8], password: Option<&str>) -> Result<Content<'b>, Unreadable> {
    let has = |name: &str| {
        let name: Vec<u8> = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
        memmem::find(bytes, &name).is_some()
    };
    if has("EncryptedPackage") {
        return decrypted(bytes, password.ok_or_else(message::password_needed)?);
    }
    if has("Workbook") || has("Book") {
        return Ok(Content::Workbook(Format::Xls, Cow::Borrowed(bytes)));
    }
    if has("WordDocument") {
        return Err(message::unknown("Word 97-2003 文档", "a Word 97-2003 document"));
    }
    if has("PowerPoint Document") {
        return Err(message::unknown("PowerPoint 97-2003 演示文稿", "a PowerPoint 97-2003 presentation"));
    }
    Err(message::unknown("其他 OLE 复合文档", "another kind of OLE compound file"))
}

/// The package inside an encrypted workbook. A wrong password gives bytes of the right length and no error, so the
/// result must prove to be a zip archive that opens.
fn decrypted<'b>(bytes: &'b [u8], password: &str) -> Result<Content<'b>, Unreadable> {
    let plain = office_crypto::decrypt_from_bytes(bytes.to_vec(), password).map_err(|error| match error {
        office_crypto::DecryptError::Unimplemented(_) => message::password_unsupported(),
        other => message::damaged(Format::Xlsx, &other.to_string()),
    })?;
    if !plain.starts_with(b"PK") || ZipArchive::new(Cursor::new(plain.as_slice())).is_err() {
        return Err(message::password_wrong());
    }
    Ok(Content::Workbook(zip_format(&plain)?, Cow::Owned(plain)))
}

/// Web pages and XML that pass for spreadsheets by their name.
fn markup(text: &str) -> Option<(&'static str, &'static str)> {
    let start: String = text.trim_start().chars().take(2_000).collect::<String>().to_ascii_lowercase();
    if start.starts_with("mime-version:") {
        return Some(("网页归档文件（MHTML）", "a web archive (MHTML)"));
    }
    if !start.starts_with('<') {
        return None;
    }
    if start.contains("urn:schemas-microsoft-com:office:spreadsheet") {
        return Some(("XML 电子表格 2003", "an XML spreadsheet 2003"));
    }
    if ["<html", "<!doctype html", "<table", "<meta", "<head"].iter().any(|tag| start.contains(tag)) {
        return Some(("HTML 网页", "an HTML page"));
    }
    Some(("XML 文件", "an XML file"))
}
