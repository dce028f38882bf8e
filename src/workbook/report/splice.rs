//! Putting long rows into a finished workbook: everything else is copied as it is, and the sheet in which one row of
//! each style stands gets all its rows, compressed piece by piece on all threads.
//!
//! Knows the container and where rows stand in a sheet, not what is in them.

use std::io::{Cursor, Read as _, Seek, SeekFrom, Write};

use anyhow::{Context as _, Result, bail};
use crc32fast::Hasher;
use flate2::{Compress, Compression, FlushCompress, Status};
use rayon::prelude::{IntoParallelIterator as _, ParallelIterator as _};
use zip::{CompressionMethod, ZipArchive};

/// Rows made and compressed as one piece.
const PIECE: usize = 4_096;
/// Pieces made before they are written.
const BATCH: usize = 8;
/// The end of a compressed stream: an empty last block.
const LAST_BLOCK: [u8; 2] = [0x03, 0x00];
/// 1 January 1980, 0:00, as the container writes days.
const FIRST_DAY: u16 = 0x21;

/// Rows to be put into a sheet in place of some of its own.
pub struct Insert<'a> {
    /// Name of the sheet's part.
    pub part: String,
    /// First row that gives way, from 1, and how many do.
    pub from: u32,
    /// How many.
    pub count: u32,
    /// Number of rows that come.
    pub rows: usize,
    /// The markup of rows, by position from 0.
    pub xml: Box<dyn Fn(std::ops::Range<usize>) -> String + Sync + 'a>,
}

/// A part as it stands in the container.
struct Entry {
    name: String,
    method: u16,
    crc: u32,
    compressed: u64,
    size: u64,
    offset: u64,
}

/// The styles of the cells of a row, in the order of its columns; `row` counts from 1.
///
/// # Errors
/// If the workbook has no such row.
pub fn styles_of(workbook: &[u8], part: &str, row: u32) -> Result<Vec<u32>> {
    let mut archive = ZipArchive::new(Cursor::new(workbook))?;
    let mut xml = String::new();
    archive.by_name(part)?.read_to_string(&mut xml)?;
    let (start, end) = row_range(&xml, row).with_context(|| format!("row {row} of {part}"))?;
    let cells = xml.get(start..end).unwrap_or_default().split("<c ").skip(1);
    let style = |cell: &str| cell.split_once("s=\"")?.1.split_once('"')?.0.parse().ok();
    cells.map(|cell| style(cell).with_context(|| format!("a cell of row {row} without style"))).collect()
}

/// Where the markup of a row stands.
fn row_range(xml: &str, row: u32) -> Option<(usize, usize)> {
    let start = xml.find(&format!("<row r=\"{row}\""))?;
    let end = xml.get(start..)?.find("</row>")? + start + "</row>".len();
    Some((start, end))
}

/// Copies `workbook` to `out` with the rows put in.
///
/// # Errors
/// If a sheet lacks the rows that give way, or `out` cannot be written.
pub fn splice(workbook: &[u8], inserts: &[Insert<'_>], mut out: impl Write + Seek) -> Result<()> {
    let mut archive = ZipArchive::new(Cursor::new(workbook))?;
    let mut entries = Vec::new();
    for at in 0..archive.len() {
        let name = archive.name_for_index(at).context("a part without name")??.into_owned();
        let offset = out.stream_position()?;
        let insert = inserts.iter().find(|insert| insert.part == name);
        let entry = if let Some(insert) = insert {
            let mut xml = String::new();
            archive.by_index(at)?.read_to_string(&mut xml)?;
            with_rows(&name, &xml, insert, &mut out, offset)?
        } else {
            let mut part = archive.by_index_raw(at)?;
            let method = match part.compression() {
                CompressionMethod::Stored => 0,
                CompressionMethod::Deflated => 8,
                other => bail!("{name} is compressed by {other}"),
            };
            let (crc, size, compressed) = (part.crc32(), part.size(), part.compressed_size());
            let entry = Entry { name, method, crc, compressed, size, offset };
            header(&mut out, &entry)?;
            std::io::copy(&mut part, &mut out)?;
            entry
        };
        entries.push(entry);
    }
    directory(&mut out, &entries)?;
    out.flush()?;
    Ok(())
}

/// Writes the sheet with its rows.
fn with_rows(name: &str, xml: &str, insert: &Insert<'_>, out: &mut (impl Write + Seek), offset: u64) -> Result<Entry> {
    let first = row_range(xml, insert.from).with_context(|| format!("row {} of {name}", insert.from))?.0;
    let last = row_range(xml, insert.from + insert.count - 1).with_context(|| format!("rows of {name}"))?.1;
    let (before, after) = (xml.get(..first).unwrap_or_default(), xml.get(last..).unwrap_or_default());
    let mut entry = Entry { name: name.to_owned(), method: 8, crc: 0, compressed: 0, size: 0, offset };
    header(out, &entry)?;
    let mut crc = Hasher::new();
    let mut put = |piece: Piece, out: &mut dyn Write| -> Result<()> {
        out.write_all(&piece.compressed)?;
        crc.combine(&piece.crc);
        entry.compressed += piece.compressed.len() as u64;
        entry.size += piece.size;
        Ok(())
    };
    put(Piece::of(before)?, out)?;
    let pieces = insert.rows.div_ceil(PIECE);
    for batch in (0..pieces).step_by(BATCH) {
        let made: Vec<Result<Piece>> = (batch..pieces.min(batch + BATCH))
            .into_par_iter()
            .map(|piece| Piece::of(&(insert.xml)(piece * PIECE..insert.rows.min((piece + 1) * PIECE))))
            .collect();
        for piece in made {
            put(piece?, out)?;
        }
    }
    put(Piece::of(after)?, out)?;
    out.write_all(&LAST_BLOCK)?;
    entry.compressed += LAST_BLOCK.len() as u64;
    entry.crc = crc.finalize();
    let end = out.stream_position()?;
    out.seek(SeekFrom::Start(offset))?;
    header(out, &entry)?;
    out.seek(SeekFrom::Start(end))?;
    Ok(entry)
}

/// A part of a stream that can be joined with others.
struct Piece {
    compressed: Vec<u8>,
    crc: Hasher,
    size: u64,
}

impl Piece {
    fn of(text: &str) -> Result<Self> {
        let mut crc = Hasher::new();
        crc.update(text.as_bytes());
        let mut deflate = Compress::new(Compression::fast(), false);
        let mut compressed = Vec::with_capacity(text.len() / 4 + 64);
        loop {
            let done = usize::try_from(deflate.total_in())?;
            let rest = text.as_bytes().get(done..).unwrap_or_default();
            let status = deflate.compress_vec(rest, &mut compressed, FlushCompress::Sync)?;
            let all_in = usize::try_from(deflate.total_in())? == text.len();
            if all_in && compressed.len() < compressed.capacity() {
                break;
            }
            if status == Status::StreamEnd {
                bail!("a compressed stream ended early");
            }
            compressed.reserve(text.len() / 4 + 64);
        }
        Ok(Self { compressed, crc, size: text.len() as u64 })
    }
}

/// Largest size and offset the container's plain form holds.
fn small(number: u64) -> Result<u32> {
    u32::try_from(number).context("the workbook is larger than 4 GB")
}

fn common(entry: &Entry) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    bytes.extend(20_u16.to_le_bytes());
    // Names are UTF-8.
    bytes.extend(0x0800_u16.to_le_bytes());
    bytes.extend(entry.method.to_le_bytes());
    bytes.extend(0_u16.to_le_bytes());
    bytes.extend(FIRST_DAY.to_le_bytes());
    bytes.extend(entry.crc.to_le_bytes());
    bytes.extend(small(entry.compressed)?.to_le_bytes());
    bytes.extend(small(entry.size)?.to_le_bytes());
    bytes.extend(u16::try_from(entry.name.len())?.to_le_bytes());
    bytes.extend(0_u16.to_le_bytes());
    Ok(bytes)
}

fn header(out: &mut dyn Write, entry: &Entry) -> Result<()> {
    out.write_all(b"PK\x03\x04")?;
    out.write_all(&common(entry)?)?;
    out.write_all(entry.name.as_bytes())?;
    Ok(())
}

fn directory(out: &mut (impl Write + Seek), entries: &[Entry]) -> Result<()> {
    let start = out.stream_position()?;
    for entry in entries {
        out.write_all(b"PK\x01\x02")?;
        out.write_all(&20_u16.to_le_bytes())?;
        out.write_all(&common(entry)?)?;
        // No comment, one disk, no attributes.
        out.write_all(&[0; 10])?;
        out.write_all(&small(entry.offset)?.to_le_bytes())?;
        out.write_all(entry.name.as_bytes())?;
    }
    let end = out.stream_position()?;
    let count = u16::try_from(entries.len())?.to_le_bytes();
    out.write_all(b"PK\x05\x06\0\0\0\0")?;
    out.write_all(&count)?;
    out.write_all(&count)?;
    out.write_all(&small(end - start)?.to_le_bytes())?;
    out.write_all(&small(start)?.to_le_bytes())?;
    out.write_all(&0_u16.to_le_bytes())?;
    Ok(())
}
