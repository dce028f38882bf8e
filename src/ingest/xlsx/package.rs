//! The parts of an xlsx package, inflated in pieces, with bounds on what they may inflate to.
//!
//! Knows zip and deflate, but no XML.

use std::{collections::HashMap, io::Cursor};

use flate2::{Decompress, FlushDecompress, Status};
use zip::{CompressionMethod, ZipArchive};

use super::unusual::{Stop, Unusual};

/// Below this size a part may be inflated whatever its ratio.
const UNSUSPICIOUS: u64 = 256 << 20;
/// Above it, the inflated size may be so many times the compressed one. Sheets and strings come to 5 to 30, and the bound
/// of deflate is 1,032.
const RATIO: u64 = 200;
/// No part may be larger.
const LARGEST: u64 = 16 << 30;
/// Parts readers keep whole in memory: no string table comes near it.
const LARGEST_WHOLE: u64 = 2 << 30;
/// The lists of sheets, relations and styles.
const LARGEST_TEXT: u64 = 256 << 20;

/// An xlsx package.
pub struct Package<'b> {
    bytes: &'b [u8],
    archive: ZipArchive<Cursor<&'b [u8]>>,
    names: HashMap<String, usize>,
}

/// One part, as it lies in the file.
#[derive(Clone, Copy, Debug)]
struct Part<'b> {
    data: &'b [u8],
    deflated: bool,
    size: u64,
    checksum: u32,
}

impl<'b> Package<'b> {
    /// Reads the directory.
    ///
    /// # Errors
    /// If it is damaged, or names a part twice.
    pub fn open(bytes: &'b [u8]) -> Result<Self, Unusual> {
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Unusual::Package)?;
        let mut names = HashMap::with_capacity(archive.len());
        for (index, name) in archive.file_names().enumerate() {
            let name = name.map_err(|_| Unusual::Package)?;
            if names.insert(lookup_name(&name), index).is_some() {
                return Err(Unusual::Package);
            }
        }
        Ok(Self { bytes, archive, names })
    }

    /// A part, to be inflated from its beginning; none if there is no such part. Capitals and the direction of slashes do
    /// not matter.
    ///
    /// # Errors
    /// If its header is damaged or it is compressed or encrypted in another way.
    pub fn part(&mut self, name: &str) -> Result<Option<Inflater<'b>>, Unusual> {
        let Some(index) = self.names.get(&lookup_name(name)) else { return Ok(None) };
        let entry = self.archive.by_index_raw(*index).map_err(|_| Unusual::Package)?;
        let deflated = match entry.compression() {
            CompressionMethod::Stored => false,
            CompressionMethod::Deflated => true,
            _ => return Err(Unusual::Package),
        };
        let start = entry.data_start().and_then(|start| usize::try_from(start).ok());
        let length = usize::try_from(entry.compressed_size()).ok();
        let data = start.zip(length).and_then(|(start, length)| self.bytes.get(start..start.checked_add(length)?));
        let Some(data) = data.filter(|_| !entry.encrypted()) else { return Err(Unusual::Package) };
        Ok(Some(Inflater::new(Part { data, deflated, size: entry.size(), checksum: entry.crc32() })))
    }

    /// A small part as a whole.
    ///
    /// # Errors
    /// If it is damaged, too large or not in UTF-8.
    pub fn text(&mut self, name: &str) -> Result<Option<String>, Stop> {
        let Some(mut part) = self.part(name)? else { return Ok(None) };
        let mut bytes = Vec::new();
        while part.more(&mut bytes, PIECE)? {
            if part.inflated() > LARGEST_TEXT {
                return Err(Stop::Bomb);
            }
        }
        let text = String::from_utf8(bytes).map_err(|_| Unusual::Encoding)?;
        Ok(Some(match text.strip_prefix('\u{feff}') {
            Some(rest) => rest.to_owned(),
            None => text,
        }))
    }

    /// Inflates every part once and says whether one of them is out of all proportion; for readers that have no bounds of
    /// their own.
    pub fn is_bomb(&mut self) -> bool {
        let names: Vec<String> = self.names.keys().cloned().collect();
        let mut piece = Vec::new();
        names.iter().any(|name| {
            let Ok(Some(mut part)) = self.part(name) else { return false };
            let kept_whole = !name.contains("worksheets/");
            loop {
                piece.clear();
                match part.more(&mut piece, PIECE) {
                    Ok(true) if kept_whole && part.inflated() > LARGEST_WHOLE => return true,
                    Ok(true) => {}
                    Ok(false) | Err(Stop::Unusual(_)) => return false,
                    Err(Stop::Bomb) => return true,
                }
            }
        })
    }
}

/// Bytes inflated at a time where it does not matter.
const PIECE: usize = 1 << 16;

fn lookup_name(name: &str) -> String {
    name.replace('\\', "/").to_ascii_lowercase()
}

/// Inflates a part piece by piece.
pub struct Inflater<'b> {
    part: Part<'b>,
    state: Decompress,
    read: usize,
    checksum: crc32fast::Hasher,
    inflated: u64,
    ended: bool,
}

impl<'b> Inflater<'b> {
    fn new(part: Part<'b>) -> Self {
        Self {
            part,
            state: Decompress::new(false),
            read: 0,
            checksum: crc32fast::Hasher::new(),
            inflated: 0,
            ended: false,
        }
    }

    /// Bytes inflated so far.
    pub fn inflated(&self) -> u64 {
        self.inflated
    }

    /// Appends at least one and, as far as there are as many, `wanted` bytes. False at the end, when size and checksum
    /// were found right.
    ///
    /// # Errors
    /// If the data are damaged or out of all proportion.
    pub fn more(&mut self, out: &mut Vec<u8>, wanted: usize) -> Result<bool, Stop> {
        if self.ended {
            return Ok(false);
        }
        let before = out.len();
        out.reserve(wanted);
        if self.part.deflated {
            self.inflate(out)?;
        } else {
            let rest = self.part.data.get(self.read..).unwrap_or_default();
            let piece = rest.get(..wanted).unwrap_or(rest);
            out.extend_from_slice(piece);
            self.read += piece.len();
            self.ended = self.read >= self.part.data.len();
        }
        let new = out.get(before..).unwrap_or_default();
        self.checksum.update(new);
        self.inflated += new.len() as u64;
        if self.inflated > UNSUSPICIOUS
            && (self.inflated > RATIO * self.part.data.len() as u64 || self.inflated > LARGEST)
        {
            return Err(Stop::Bomb);
        }
        if self.ended && (self.inflated != self.part.size || self.checksum.clone().finalize() != self.part.checksum) {
            return Err(Unusual::Checksum.into());
        }
        Ok(!self.ended || out.len() > before)
    }

    fn inflate(&mut self, out: &mut Vec<u8>) -> Result<(), Unusual> {
        let before = (self.state.total_in(), out.len());
        while out.len() < out.capacity() {
            let at = self.state.total_in();
            let input = self.part.data.get(self.read..).unwrap_or_default();
            let status = self.state.decompress_vec(input, out, FlushDecompress::None);
            self.read += usize::try_from(self.state.total_in() - at).unwrap_or(usize::MAX);
            match status {
                Ok(Status::StreamEnd) => {
                    self.ended = true;
                    break;
                }
                Ok(Status::Ok) => {}
                Ok(Status::BufError) | Err(_) => break,
            }
        }
        // Nothing read and nothing written: the data break off or are damaged.
        if !self.ended && before == (self.state.total_in(), out.len()) {
            return Err(Unusual::Checksum);
        }
        Ok(())
    }
}
