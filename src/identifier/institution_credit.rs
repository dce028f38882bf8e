//! Institution credit codes (机构信用代码): a letter, 16 digits and a check character by ISO 7064 MOD 37,36.

use super::{Component, Failure, checksum::mod_37_36, filler, number};

/// A code taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstitutionCredit {
    /// The letter at the front.
    pub class: char,
}

/// Checks a code of 18 characters.
///
/// # Errors
/// Length, characters, check character, a filler.
pub fn check(value: &str) -> Result<InstitutionCredit, Failure> {
    let bytes = value.as_bytes();
    if bytes.len() != 18 {
        return Err(Failure::Length);
    }
    let (body, last) = bytes.split_at(17);
    if !body[0].is_ascii_uppercase() || number(&body[1..9]).is_none() || number(&body[9..]).is_none() {
        return Err(Failure::Format);
    }
    if !matches!(last, [b'0'..=b'9' | b'A'..=b'Z' | b'*']) {
        return Err(Failure::Format);
    }
    if last != [mod_37_36(body).ok_or(Failure::Format)?] {
        return Err(Failure::Checksum);
    }
    if filler::is_filler(&value[1..17]) {
        return Err(Failure::Component(Component::Filler));
    }
    Ok(InstitutionCredit { class: char::from(body[0]) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_has_its_kind() {
        assert_eq!(check("G10150102000123451"), Ok(InstitutionCredit { class: 'G' }));
        assert_eq!(check("G1015010200012345"), Err(Failure::Length));
        assert_eq!(check("110150102000123451"), Err(Failure::Format));
        assert_eq!(check("G1015010200A123451"), Err(Failure::Format));
        assert_eq!(check("G10150102000123452"), Err(Failure::Checksum));
        assert_eq!(check("G1015010200012345*"), Err(Failure::Checksum));
    }
}
