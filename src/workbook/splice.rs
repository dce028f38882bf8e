//! Putting markup into a finished workbook: everything else is copied as it is, and a sheet in which one row of each
//! style stands gets all its rows, made and compressed piece by piece on all threads. Where the pieces begin does not
//! depend on the number of threads, so the bytes do not either.
//!
//! Knows the container and where things stand in a sheet, not what is in them.

use std::{
    collections::VecDeque,
    io::{Cursor, Read as _, Seek, SeekFrom, Write},
    ops::Range,
};

use anyhow::{Context as _, Result, bail};
use crc32fast::Hasher;
use flate2::{Compress, Compression, FlushCompress, Status};
use rayon::prelude::{IntoParallelRefIterator as _, ParallelIterator as _};
use zip::{CompressionMethod, ZipArchive};

use crate::table::column_letters;

/// Pieces made before they are written.
const BATCH: usize = 16;
/// Nearly as fast as the first level, which leaves a third more; higher ones take longer than they save.
const LEVEL: Compression = Compression::new(2);
/// The end of a compressed stream: an empty last block.
const LAST_BLOCK: [u8; 2] = [0x03, 0x00];
/// 1 January 1980, 0:00, as the container writes days.
const FIRST_DAY: u16 = 0x21;

/// Markup to be put into a sheet in place of some of its own.
pub struct Insert<'a> {
    /// Name of the sheet's part.
    pub part: String,
    /// What gives way.
    pub place: Place,
    /// How many rows, or other things, come.
    pub count: usize,
    /// How many of them are made and compressed as one piece.
    pub piece: usize,
    /// The markup of those at some positions, from 0.
    pub xml: Box<dyn Fn(Range<usize>) -> String + Sync + 'a>,
}

/// Rows of an error workbook made and compressed as one piece: half a megabyte or two of markup.
const WIDE_ROWS: usize = 1_024;
/// Links made and compressed as one piece.
const LINKS: usize = 16_384;

impl<'a> Insert<'a> {
    /// The rows of a sheet below its headings in the first row, and how far its cells reach: `count` rows and `columns`
    /// columns. All rows that were drawn there give way.
    pub fn below_headings(
        part: &str,
        count: usize,
        columns: usize,
        xml: impl Fn(Range<usize>) -> String + Sync + 'a,
    ) -> [Self; 2] {
        let last = u32::try_from(columns.saturating_sub(1)).unwrap_or(u32::MAX - 1);
        let reach = format!("A1:{}{}", column_letters(last), count + 1);
        let place = Place::Between("<dimension ref=\"", "\"");
        let reach = Box::new(move |_: Range<usize>| reach.clone());
        let part = part.to_owned();
        [
            Self { part: part.clone(), place, count: 1, piece: 1, xml: reach },
            Self { part, place: Place::Between("</row>", "</sheetData>"), count, piece: WIDE_ROWS, xml: Box::new(xml) },
        ]
    }

    /// The links of a sheet, in place of the one that was drawn.
    pub fn links(part: &str, count: usize, xml: impl Fn(Range<usize>) -> String + Sync + 'a) -> Self {
        let place = Place::Between("<hyperlinks>", "</hyperlinks>");
        Self { part: part.to_owned(), place, count, piece: LINKS, xml: Box::new(xml) }
    }
}

/// What gives way to an insert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Rows, from 1.
    Rows {
        /// The first.
        from: u32,
        /// How many.
        count: u32,
    },
    /// What stands between the first of these texts and the second of them that follows.
    Between(&'static str, &'static str),
}

impl Place {
    /// Where it stands in the markup of a sheet.
    fn find(self, xml: &str) -> Option<Range<usize>> {
        match self {
            Self::Rows { from, count } => {
                let start = row_range(xml, from)?.start;
                Some(start..row_range(xml, from + count.checked_sub(1)?)?.end)
            }
            Self::Between(after, before) => {
                let start = xml.find(after)? + after.len();
                Some(start..xml.get(start..)?.find(before)? + start)
            }
        }
    }
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

/// A part of the new workbook.
enum Part {
    /// Copied from this position of the old one.
    Kept(usize),
    /// Made of so many of the pieces.
    Made(String, usize),
}

/// What a piece is made of.
enum Source<'a> {
    Text(String),
    Insert(&'a Insert<'a>, Range<usize>),
}

/// The styles of the cells of a row, in the order of its columns; `row` counts from 1.
///
/// # Errors
/// If the workbook has no such row.
pub fn styles_of(workbook: &[u8], part: &str, row: u32) -> Result<Vec<u32>> {
    let mut archive = ZipArchive::new(Cursor::new(workbook))?;
    let mut xml = String::new();
    archive.by_name(part)?.read_to_string(&mut xml)?;
    let range = row_range(&xml, row).with_context(|| format!("row {row} of {part}"))?;
    let cells = xml.get(range).unwrap_or_default().split("<c ").skip(1);
    let style = |cell: &str| cell.split_once("s=\"")?.1.split_once('"')?.0.parse().ok();
    cells.map(|cell| style(cell).with_context(|| format!("a cell of row {row} without style"))).collect()
}

/// Where the markup of a row stands.
fn row_range(xml: &str, row: u32) -> Option<Range<usize>> {
    let start = xml.find(&format!("<row r=\"{row}\""))?;
    let end = xml.get(start..)?.find("</row>")? + start + "</row>".len();
    Some(start..end)
}

/// Copies `workbook` to `out` with the inserts put in.
///
/// # Errors
/// If a sheet lacks what is to give way, or `out` cannot be written.
pub fn splice(workbook: &[u8], inserts: &[Insert<'_>], mut out: impl Write + Seek) -> Result<()> {
    let mut archive = ZipArchive::new(Cursor::new(workbook))?;
    let mut parts = Vec::new();
    let mut sources = Vec::new();
    for at in 0..archive.len() {
        let name = archive.name_for_index(at).context("a part without name")??.into_owned();
        let of_part: Vec<_> = inserts.iter().filter(|insert| insert.part == name).collect();
        if of_part.is_empty() {
            parts.push(Part::Kept(at));
            continue;
        }
        let mut xml = String::new();
        archive.by_index(at)?.read_to_string(&mut xml)?;
        let before = sources.len();
        take_apart(&xml, &of_part, &mut sources).with_context(|| format!("in {name}"))?;
        parts.push(Part::Made(name, sources.len() - before));
    }

    let mut batches = sources.chunks(BATCH);
    let mut ready = VecDeque::new();
    let mut entries = Vec::new();
    for part in parts {
        let entry = match part {
            Part::Kept(at) => copied(&mut archive, at, &mut out)?,
            Part::Made(name, pieces) => {
                let offset = out.stream_position()?;
                let mut entry = Entry { name, method: 8, crc: 0, compressed: 0, size: 0, offset };
                header(&mut out, &entry)?;
                let mut crc = Hasher::new();
                for _ in 0..pieces {
                    if ready.is_empty() {
                        let batch = batches.next().unwrap_or_default();
                        ready.extend(batch.par_iter().map(Piece::of).collect::<Result<Vec<_>>>()?);
                    }
                    let piece: Piece = ready.pop_front().context("a piece less than announced")?;
                    out.write_all(&piece.compressed)?;
                    crc.combine(&piece.crc);
                    entry.compressed += piece.compressed.len() as u64;
                    entry.size += piece.size;
                }
                out.write_all(&LAST_BLOCK)?;
                entry.compressed += LAST_BLOCK.len() as u64;
                entry.crc = crc.finalize();
                let end = out.stream_position()?;
                out.seek(SeekFrom::Start(offset))?;
                header(&mut out, &entry)?;
                out.seek(SeekFrom::Start(end))?;
                entry
            }
        };
        entries.push(entry);
    }
    directory(&mut out, &entries)?;
    out.flush()?;
    Ok(())
}

/// The pieces a sheet is made of, in their order: its own markup between the inserts.
fn take_apart<'a>(xml: &str, inserts: &[&'a Insert<'a>], sources: &mut Vec<Source<'a>>) -> Result<()> {
    let mut places = Vec::new();
    for insert in inserts {
        places.push((insert.place.find(xml).with_context(|| format!("no {:?}", insert.place))?, *insert));
    }
    places.sort_by_key(|(range, _)| range.start);
    let mut done = 0;
    for (range, insert) in places {
        sources.push(Source::Text(xml.get(done..range.start).context("inserts overlap")?.to_owned()));
        let piece = insert.piece.max(1);
        let starts = (0..insert.count).step_by(piece);
        sources.extend(starts.map(|start| Source::Insert(insert, start..insert.count.min(start + piece))));
        done = range.end;
    }
    sources.push(Source::Text(xml.get(done..).unwrap_or_default().to_owned()));
    Ok(())
}

/// Copies a part as it is.
fn copied(archive: &mut ZipArchive<Cursor<&[u8]>>, at: usize, out: &mut (impl Write + Seek)) -> Result<Entry> {
    let name = archive.name_for_index(at).context("a part without name")??.into_owned();
    let mut part = archive.by_index_raw(at)?;
    let method = match part.compression() {
        CompressionMethod::Stored => 0,
        CompressionMethod::Deflated => 8,
        other => bail!("{name} is compressed by {other}"),
    };
    let (crc, size, compressed) = (part.crc32(), part.size(), part.compressed_size());
    let entry = Entry { name, method, crc, compressed, size, offset: out.stream_position()? };
    header(out, &entry)?;
    std::io::copy(&mut part, out)?;
    Ok(entry)
}

/// A part of a stream that can be joined with others.
struct Piece {
    compressed: Vec<u8>,
    crc: Hasher,
    size: u64,
}

impl Piece {
    fn of(source: &Source<'_>) -> Result<Self> {
        match source {
            Source::Text(text) => Self::compressed(text),
            Source::Insert(insert, range) => Self::compressed(&(insert.xml)(range.clone())),
        }
    }

    fn compressed(text: &str) -> Result<Self> {
        let mut crc = Hasher::new();
        crc.update(text.as_bytes());
        let mut deflate = Compress::new(LEVEL, false);
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
