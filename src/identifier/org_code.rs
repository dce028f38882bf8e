//! Organisation codes (GB 11714-1997): eight digits or letters and a check character, with or without a hyphen before
//! it. `00000000-0` fits the formula; fillers are rejected by name.

use super::{Component, Failure, checksum::value36, filler};

const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// A code taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrgCode<'a> {
    /// The eight characters before the check character.
    pub body: &'a str,
    /// Check character, `0`–`9` or `X`.
    pub check: char,
}

/// Checks a code of nine characters, or ten with the hyphen.
///
/// # Errors
/// Length, characters, check character, a filler.
pub fn check(value: &str) -> Result<OrgCode<'_>, Failure> {
    let bytes = value.as_bytes();
    let last = match bytes {
        [_, _, _, _, _, _, _, _, last] | [_, _, _, _, _, _, _, _, b'-', last] => *last,
        [_, _, _, _, _, _, _, _, _, _] => return Err(Failure::Format),
        _ => return Err(Failure::Length),
    };
    if !matches!(last, b'0'..=b'9' | b'X') {
        return Err(Failure::Format);
    }
    let mut sum = 0;
    for (byte, weight) in bytes.iter().zip(WEIGHTS) {
        sum += value36(*byte).ok_or(Failure::Format)? * weight;
    }
    // 11 minus the remainder; 10 is written X and 11 is written 0.
    if b"0X987654321"[(sum % 11) as usize] != last {
        return Err(Failure::Checksum);
    }
    let body = &value[..8];
    if filler::is_filler(body) {
        return Err(Failure::Component(Component::Filler));
    }
    Ok(OrgCode { body, check: char::from(last) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hyphen_is_optional() {
        for value in ["75346870-8", "753468708", "D2143569-X", "D2143569X"] {
            assert!(check(value).is_ok(), "{value}");
        }
        assert_eq!(check("D2143569-X"), Ok(OrgCode { body: "D2143569", check: 'X' }));
    }

    #[test]
    fn each_failure_has_its_kind() {
        assert_eq!(check("75346870"), Err(Failure::Length));
        assert_eq!(check("7534687088"), Err(Failure::Format));
        assert_eq!(check("75346870A"), Err(Failure::Format));
        assert_eq!(check("一二三"), Err(Failure::Format));
        assert_eq!(check("75346870-0"), Err(Failure::Checksum));
        assert_eq!(check("00000000-0"), Err(Failure::Component(Component::Filler)));
        // 3·1+7·2+9·3+10·4+5·5+8·6+4·7+2·8 = 201, 201 mod 11 = 3, 11 - 3 = 8
        assert_eq!(check("123456788"), Err(Failure::Component(Component::Filler)));
    }
}
