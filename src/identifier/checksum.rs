//! Check characters of ISO/IEC 7064, shared by several standards. Knows no standard that uses them.
//!
//! Every function takes ASCII bytes and gives nothing if a byte is outside the system's alphabet.

/// The value of a digit (0–9) or capital letter (A = 10 … Z = 35).
pub(super) fn value36(byte: u8) -> Option<u32> {
    match byte {
        b'0'..=b'9' => Some(u32::from(byte - b'0')),
        b'A'..=b'Z' => Some(u32::from(byte - b'A') + 10),
        _ => None,
    }
}

fn digit(byte: u8) -> Option<u32> {
    byte.is_ascii_digit().then(|| u32::from(byte - b'0'))
}

/// MOD 11-2: the check character of up to 20 digits, `0`–`9` or `X`.
pub(super) fn mod_11_2(digits: &[u8]) -> Option<u8> {
    let sum = digits.iter().try_fold(0_u32, |sum, byte| Some((sum + digit(*byte)?) * 2 % 11))?;
    Some(b"10X98765432"[sum as usize])
}

/// Hybrid MOD 11,10: the check digit of some digits.
pub(super) fn mod_11_10(digits: &[u8]) -> Option<u8> {
    let product = digits.iter().try_fold(10, |product, byte| {
        let sum = match (product + digit(*byte)?) % 10 {
            0 => 10,
            sum => sum,
        };
        Some(sum * 2 % 11)
    })?;
    Some(b"10987654321"[product as usize % 11])
}

/// Hybrid MOD 37,36: the check character of some digits and letters.
pub(super) fn mod_37_36(characters: &[u8]) -> Option<u8> {
    let product = characters.iter().try_fold(36, |product, byte| {
        let sum = match (product + value36(*byte)?) % 36 {
            0 => 36,
            sum => sum,
        };
        Some(sum * 2 % 37)
    })?;
    Some(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[((37 - product) % 36) as usize])
}

/// MOD 97-10: the remainder of digits and letters with their check digits; 1 if they fit.
pub(super) fn mod_97_10(characters: &[u8]) -> Option<u32> {
    characters.iter().try_fold(0, |rest, byte| {
        let value = value36(*byte)?;
        let shift = if value < 10 { 10 } else { 100 };
        Some((rest * shift + value) % 97)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Examples printed in ISO/IEC 7064:2003 and computed by hand.
    #[test]
    fn worked_examples() {
        assert_eq!(mod_11_2(b"0794"), Some(b'0'));
        assert_eq!(mod_11_2(b"079"), Some(b'X'));
        assert_eq!(mod_11_10(b"0794"), Some(b'5'));
        assert_eq!(mod_37_36(b"A12425GABC1234002"), Some(b'M'));
        assert_eq!(mod_97_10(b"79444"), Some(1));
    }

    #[test]
    fn other_characters_have_no_check_character() {
        assert_eq!(mod_11_2(b"07X"), None);
        assert_eq!(mod_11_10(b"07A"), None);
        assert_eq!(mod_37_36(b"a"), None);
        assert_eq!(mod_97_10(b"7-"), None);
    }
}
