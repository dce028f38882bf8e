//! SHA-256: as hexadecimal text, the form hashes have in every output, and shortened, the form they have in the ledger.

use sha2::{Digest, Sha256};

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
}
