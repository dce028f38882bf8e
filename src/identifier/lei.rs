//! Legal entity identifiers (ISO 17442): 18 digits or letters and two check digits, remainder 1 by ISO 7064 MOD 97-10.

use super::{Component, Failure, checksum::mod_97_10, filler, number};

/// An identifier taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lei<'a> {
    /// The issuing organisation, characters 1 to 4.
    pub issuer: &'a str,
}

/// Checks an identifier of 20 characters.
///
/// # Errors
/// Length, characters, check digits, a filler.
pub fn check(value: &str) -> Result<Lei<'_>, Failure> {
    let bytes = value.as_bytes();
    if bytes.len() != 20 {
        return Err(Failure::Length);
    }
    let rest = mod_97_10(bytes).ok_or(Failure::Format)?;
    number(&bytes[18..]).ok_or(Failure::Format)?;
    if rest != 1 {
        return Err(Failure::Checksum);
    }
    if filler::is_filler(&value[..18]) {
        return Err(Failure::Component(Component::Filler));
    }
    Ok(Lei { issuer: &value[..4] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_has_its_kind() {
        assert_eq!(check("529900T8BM49AURSDO55"), Ok(Lei { issuer: "5299" }));
        assert_eq!(check("529900T8BM49AURSDO5"), Err(Failure::Length));
        assert_eq!(check("529900T8BM49AURSDO5A"), Err(Failure::Format));
        assert_eq!(check("529900t8BM49AURSDO55"), Err(Failure::Format));
        assert_eq!(check("300300ABCDEFGH123465"), Err(Failure::Checksum));
        assert_eq!(check("00000000000000000001"), Err(Failure::Component(Component::Filler)));
    }
}
