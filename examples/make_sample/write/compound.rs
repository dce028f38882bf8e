//! The OLE compound file that wraps an Excel 97-2003 workbook: one stream, sectors of 512 bytes ([MS-CFB], version 3).

const SECTOR: usize = 512;
const END_OF_CHAIN: u32 = 0xFFFF_FFFE;
const FREE: u32 = 0xFFFF_FFFF;
const TABLE_SECTOR: u32 = 0xFFFF_FFFD;

/// Wraps the stream `Workbook`. Streams below 4,096 bytes would belong in the mini stream, so it is filled up to that.
pub fn wrapped(mut stream: Vec<u8>) -> Vec<u8> {
    let size = stream.len().max(4_096);
    stream.resize(size.next_multiple_of(SECTOR), 0);
    let data = stream.len() / SECTOR;
    // The allocation table also has an entry for each of its own sectors.
    let mut tables = 1;
    while tables * SECTOR / 4 < data + 1 + tables {
        tables += 1;
    }
    let mut file = header(data, tables);
    file.extend(stream);
    file.extend(directory(size));
    let mut chain: Vec<u32> = (1..=number(data)).collect();
    chain[data - 1] = END_OF_CHAIN;
    chain.push(END_OF_CHAIN);
    chain.extend(std::iter::repeat_n(TABLE_SECTOR, tables));
    chain.resize(tables * SECTOR / 4, FREE);
    for entry in chain {
        file.extend(entry.to_le_bytes());
    }
    file
}

fn number(value: usize) -> u32 {
    u32::try_from(value).expect("a small file")
}

fn header(data: usize, tables: usize) -> Vec<u8> {
    let mut header = vec![0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
    header.extend([0; 16]);
    // Minor and major version, byte order, sector sizes as powers of two.
    for word in [0x003E_u16, 3, 0xFFFE, 9, 6, 0, 0, 0] {
        header.extend(word.to_le_bytes());
    }
    let words = [0, number(tables), number(data), 0, 4_096, END_OF_CHAIN, 0, END_OF_CHAIN, 0];
    for word in words {
        header.extend(u32::to_le_bytes(word));
    }
    for table in 0..109 {
        let sector = if table < tables { number(data + 1 + table) } else { FREE };
        header.extend(sector.to_le_bytes());
    }
    header
}

fn directory(size: usize) -> Vec<u8> {
    let mut sector = Vec::new();
    sector.extend(entry("Root Entry", 5, 1, END_OF_CHAIN, 0));
    sector.extend(entry("Workbook", 2, FREE, 0, number(size)));
    let unused = entry("", 0, FREE, 0, 0);
    sector.extend(unused.repeat(2));
    sector
}

fn entry(name: &str, kind: u8, child: u32, start: u32, size: u32) -> Vec<u8> {
    let mut bytes: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let length = if name.is_empty() { 0 } else { u16::try_from(bytes.len() + 2).expect("a short name") };
    bytes.resize(64, 0);
    bytes.extend(length.to_le_bytes());
    bytes.extend([kind, 1]);
    for sibling in [FREE, FREE, child] {
        bytes.extend(sibling.to_le_bytes());
    }
    bytes.extend([0; 36]);
    bytes.extend(start.to_le_bytes());
    bytes.extend(size.to_le_bytes());
    bytes.extend([0; 4]);
    bytes
}
