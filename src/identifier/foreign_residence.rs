//! Foreigners' permanent residence cards: since December 2023 `9`, 16 digits and a check character by ISO 7064
//! MOD 11-2; before, three letters and 12 digits, whose check is not public.
//!
//! How the 18 characters are divided is not laid open, so no part of them is judged.

use super::{Component, Failure, checksum::mod_11_2, filler, number};

/// Which card a number is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForeignResidence {
    /// Issued since December 2023.
    New,
    /// Issued before.
    Old,
}

/// Checks a number of 18 or 15 characters.
///
/// # Errors
/// Length, characters, check character (of the new card), a filler.
pub fn check(value: &str) -> Result<ForeignResidence, Failure> {
    let bytes = value.as_bytes();
    match bytes.len() {
        18 => {
            let (body, last) = bytes.split_at(17);
            let check = mod_11_2(body).ok_or(Failure::Format)?;
            if body[0] != b'9' || !matches!(last, [b'0'..=b'9' | b'X']) {
                return Err(Failure::Format);
            }
            if last != [check] {
                return Err(Failure::Checksum);
            }
            if filler::is_filler(&value[..17]) {
                return Err(Failure::Component(Component::Filler));
            }
            Ok(ForeignResidence::New)
        }
        15 => {
            let (country, digits) = bytes.split_at(3);
            if !country.iter().all(u8::is_ascii_uppercase) || !digits.iter().all(u8::is_ascii_digit) {
                return Err(Failure::Format);
            }
            if number(&digits[..9]) == Some(0) {
                return Err(Failure::Component(Component::Filler));
            }
            Ok(ForeignResidence::Old)
        }
        _ => Err(Failure::Length),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_has_its_kind() {
        assert_eq!(check("911840198503050015"), Ok(ForeignResidence::New));
        assert_eq!(check("USA110085030501"), Ok(ForeignResidence::Old));
        assert_eq!(check("USA11008503050"), Err(Failure::Length));
        assert_eq!(check("US1110085030501"), Err(Failure::Format));
        assert_eq!(check("150102198503051238"), Err(Failure::Format));
        assert_eq!(check("911840198503050016"), Err(Failure::Checksum));
        assert_eq!(check("USA000000000000"), Err(Failure::Component(Component::Filler)));
    }
}
