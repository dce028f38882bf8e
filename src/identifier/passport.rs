//! Passport numbers. No check digit and no common form: Chinese ones begin with E, G, D, S or P (old ones with 14 or
//! 15) and go on with 7 or 8 digits or letters; others have 5 to 20 digits or letters.

use super::{Component, Failure, filler};

/// Whose form the number has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passport {
    /// The form of a Chinese passport.
    Chinese,
    /// Any other.
    Other,
}

/// Checks the form of a number.
///
/// # Errors
/// Length, characters (at least one digit is asked for), a filler.
pub fn check(value: &str) -> Result<Passport, Failure> {
    let bytes = value.as_bytes();
    if !(5..=20).contains(&bytes.len()) {
        return Err(Failure::Length);
    }
    let good = |bytes: &[u8]| bytes.iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    if !good(bytes) || !bytes.iter().any(u8::is_ascii_digit) {
        return Err(Failure::Format);
    }
    if filler::is_filler(value) {
        return Err(Failure::Component(Component::Filler));
    }
    Ok(match bytes {
        [b'E' | b'G' | b'D' | b'S' | b'P', rest @ ..] if matches!(rest.len(), 7 | 8) => digits_end(rest),
        [b'1', b'4' | b'5', rest @ ..] if rest.len() == 7 && rest.iter().all(u8::is_ascii_digit) => Passport::Chinese,
        _ => Passport::Other,
    })
}

/// After its letter a Chinese number has at most one more letter, right behind it.
fn digits_end(rest: &[u8]) -> Passport {
    if rest[1..].iter().all(u8::is_ascii_digit) { Passport::Chinese } else { Passport::Other }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        for value in ["E60728194", "EA6072819", "G60728194", "D6072819", "146072819"] {
            assert_eq!(check(value), Ok(Passport::Chinese), "{value}");
        }
        for value in ["C01X00T47", "607281940", "EAB072819"] {
            assert_eq!(check(value), Ok(Passport::Other), "{value}");
        }
        assert_eq!(check("E607"), Err(Failure::Length));
        assert_eq!(check("E6072-8194"), Err(Failure::Format));
        assert_eq!(check("ABCDEFG"), Err(Failure::Format));
        assert_eq!(check("11111111"), Err(Failure::Component(Component::Filler)));
    }
}
