//! Unified social credit codes (GB 32100-2015): 18 characters of an alphabet without I, O, S, V and Z.
//!
//! Department and class, six digits of area code (100000 for national registration), the organisation code with its
//! own check character, and the 18th character. [`check`] verifies the 18th; the embedded organisation code is
//! [`embedded_ok`], apart, because it may be broken in a code that was really issued.

use super::{Failure, number, org_code};

const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// Powers of 3 modulo 31.
const WEIGHTS: [u32; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
/// Value of each byte in the alphabet, `NONE` for the others.
const VALUES: [u8; 256] = {
    let mut values = [NONE; 256];
    let mut index = 0;
    while index < ALPHABET.len() {
        #[allow(clippy::cast_possible_truncation)] // below 31
        {
            values[ALPHABET[index] as usize] = index as u8;
        }
        index += 1;
    }
    values
};
const NONE: u8 = u8::MAX;

/// The parts of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uscc<'a> {
    /// Registering department and class, characters 1 and 2.
    pub class: &'a str,
    /// Area code of the registering office, characters 3 to 8.
    pub area: &'a str,
    /// Organisation code with its own check character, characters 9 to 17.
    pub organisation_code: &'a str,
}

/// Checks characters and the 18th character.
///
/// # Errors
/// Length, characters outside the alphabet, letters in the area code, wrong 18th character.
pub fn check(value: &str) -> Result<Uscc<'_>, Failure> {
    let bytes = value.as_bytes();
    if bytes.len() != 18 {
        return Err(Failure::Length);
    }
    let mut sum = 0;
    for (byte, weight) in bytes.iter().zip(WEIGHTS) {
        let value = VALUES[usize::from(*byte)];
        if value == NONE {
            return Err(Failure::Format);
        }
        sum += u32::from(value) * weight;
    }
    if number(&bytes[2..8]).is_none() || VALUES[usize::from(bytes[17])] == NONE {
        return Err(Failure::Format);
    }
    if ALPHABET[((31 - sum % 31) % 31) as usize] != bytes[17] {
        return Err(Failure::Checksum);
    }
    Ok(Uscc { class: &value[..2], area: &value[2..8], organisation_code: &value[8..17] })
}

/// Characters 9 to 17 of a code of 18 characters, right or wrong.
pub fn organisation_code(value: &str) -> Option<&str> {
    if value.len() == 18 { value.get(8..17) } else { None }
}

/// Characters 3 to 8, the area code of the registering office, of a code of 18 characters, right or wrong.
pub fn area(value: &str) -> Option<&str> {
    if value.len() == 18 { value.get(2..8) } else { None }
}

/// Whether the organisation code inside passes its own check.
pub fn embedded_ok(value: &str) -> bool {
    organisation_code(value).is_some_and(|code| org_code::check(code).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        let code = check("91150102MA0NABCD5T").expect("valid");
        assert_eq!((code.class, code.area, code.organisation_code), ("91", "150102", "MA0NABCD5"));
        assert_eq!(organisation_code("91150102MA0NABCD5T"), Some("MA0NABCD5"));
        assert_eq!(organisation_code("一二三四五六"), None);
        assert_eq!(organisation_code("91150102MA0NABCD5"), None);
        assert_eq!(area("91150102MA0NABCD5T"), Some("150102"));
    }

    #[test]
    fn each_failure_has_its_kind() {
        assert_eq!(check("91150102MA0NABCD5"), Err(Failure::Length));
        assert_eq!(check("91150102MA0NIBCD5T"), Err(Failure::Format));
        assert_eq!(check("9115010AMA0NABCD5T"), Err(Failure::Format));
        assert_eq!(check("一二三四五六"), Err(Failure::Format));
        assert_eq!(check("91150102MA0NABCD5U"), Err(Failure::Checksum));
    }

    #[test]
    fn embedded_code_is_apart() {
        assert!(check("91150102MA0NABCD0B").is_ok());
        assert!(!embedded_ok("91150102MA0NABCD0B"));
        assert!(embedded_ok("91150102MA0NABCD5T"));
    }
}
