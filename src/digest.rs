//! SHA-256: as hexadecimal text, the form hashes have in every output, and shortened, the form they have in the ledger.

use std::{fs::File, io::Read as _, path::Path};

use sha2::{Digest, Sha256};

/// Bytes read from a file at a time.
const PIECE: usize = 1 << 16;

/// The first ten bytes of a hash over parts that cannot run together.
pub fn short<T: AsRef<str>>(parts: impl IntoIterator<Item = T>) -> [u8; 10] {
    let mut hash = Sha256::new();
    for part in parts {
        let part = part.as_ref();
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    let mut short = [0; 10];
    short.iter_mut().zip(hash.finalize()).for_each(|(to, from)| *to = from);
    short
}

/// SHA-256 of a file, hexadecimal. The file is read piece by piece: outputs may be large.
///
/// # Errors
/// If it cannot be read.
pub fn of_file(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let (mut hash, mut piece) = (Sha256::new(), vec![0; PIECE]);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(hex(&hash.finalize())),
            read => hash.update(piece.get(..read).unwrap_or_default()),
        }
    }
}

/// The bytes [`hex`] wrote, if they are just as many.
pub fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    if text.len() != 2 * N || !text.is_ascii() {
        return None;
    }
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// Bytes as lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let mut text = String::with_capacity(bytes.len() * 2);
    text.extend(digits.map(|digit| char::from_digit(u32::from(digit), 16).unwrap_or('0')));
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_byte_has_two_digits() {
        assert_eq!(super::hex(&[0, 10, 255]), "000aff");
        assert_eq!(super::unhex("000aff"), Some([0, 10, 255]));
        assert_eq!(super::unhex::<3>("000af"), None);
        assert_eq!(super::unhex::<3>("000axy"), None);
    }

    /// FIPS 180-2, B.1, and its longest example, B.3: a million times the letter a, which takes many pieces.
    #[test]
    fn files_have_the_hashes_of_the_standard() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a");
        for (bytes, expected) in [
            (b"abc".to_vec(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (vec![b'a'; 1_000_000], "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
        ] {
            std::fs::write(&path, bytes).expect("written");
            assert_eq!(super::of_file(&path).expect("read"), expected);
        }
    }
}
