//! Telephone numbers of mainland China: mobile (11 digits from 13 to 19) and landline. No check digit.

use std::borrow::Cow;

use super::{Component, Failure, filler, fold};

/// Which network a number belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phone {
    /// 11 digits.
    Mobile,
    /// Area code if given, 7 or 8 digits, extension if given.
    Landline,
}

/// The value with full-width characters folded, blanks removed, dashes as `-`, and +86 or 0086 taken off a mobile
/// number. Hyphens stay, for a landline's extension stands behind one; a mobile number loses them.
pub fn normalise(value: &str) -> Cow<'_, str> {
    if value.bytes().all(|byte| byte.is_ascii_digit()) && !value.starts_with("0086") {
        return Cow::Borrowed(value);
    }
    let folded: String = value.chars().filter_map(fold).collect();
    let digits: String = folded.chars().filter(|c| *c != '-').collect();
    let local = digits.strip_prefix("+86").or_else(|| digits.strip_prefix("0086")).unwrap_or(&digits);
    let result = if mobile(local).is_ok() { local } else { &folded };
    if result == value { Cow::Borrowed(value) } else { Cow::Owned(result.to_owned()) }
}

/// Checks a mobile or landline number.
///
/// # Errors
/// Length, characters, a filler.
pub fn check(value: &str) -> Result<Phone, Failure> {
    mobile(value).or_else(|failure| landline(value).map_err(|_| failure))
}

/// Checks a mobile number.
///
/// # Errors
/// Length, characters, a filler.
pub fn mobile(value: &str) -> Result<Phone, Failure> {
    let bytes = value.as_bytes();
    if bytes.len() != 11 {
        return Err(Failure::Length);
    }
    if !matches!(bytes, [b'1', b'3'..=b'9', ..]) || !bytes.iter().all(u8::is_ascii_digit) {
        return Err(Failure::Format);
    }
    // 13800000000 is a filler in all but name, yet it can be issued: only the digits after the prefix in full count.
    if filler::is_filler(&value[1..]) {
        return Err(Failure::Component(Component::Filler));
    }
    Ok(Phone::Mobile)
}

/// Checks a landline number: `0471-1234567`, `04711234567`, `1234567`, each with an extension such as `-801` or none.
///
/// # Errors
/// Length, characters, a filler.
pub fn landline(value: &str) -> Result<Phone, Failure> {
    if !value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
        return Err(Failure::Format);
    }
    let area = |text: &str| text.starts_with('0') && matches!(text.len(), 3 | 4);
    let local = |text: &str| matches!(text.len(), 7 | 8);
    let joined = |text: &str| local(text) || (text.starts_with('0') && matches!(text.len(), 10..=12));
    let extension = |text: &str| matches!(text.len(), 1..=6);
    let mut parts = value.split('-');
    let good = match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(number), None, ..) => joined(number),
        (Some(first), Some(second), None, _) => (area(first) && local(second)) || (joined(first) && extension(second)),
        (Some(first), Some(second), Some(third), None) => area(first) && local(second) && extension(third),
        _ => false,
    };
    if !good {
        return Err(Failure::Length);
    }
    if filler::is_filler(value) {
        return Err(Failure::Component(Component::Filler));
    }
    Ok(Phone::Landline)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mobile_numbers() {
        assert_eq!(check("13947101234"), Ok(Phone::Mobile));
        assert_eq!(check("19947101234"), Ok(Phone::Mobile));
        assert_eq!(mobile("12947101234"), Err(Failure::Format));
        assert_eq!(mobile("1394710123"), Err(Failure::Length));
        assert_eq!(mobile("13333333333"), Err(Failure::Component(Component::Filler)));
    }

    #[test]
    fn landline_numbers() {
        for value in ["04716601234", "0471-6601234", "010-66012345", "6601234", "0471-6601234-801", "6601234-801"] {
            assert_eq!(landline(value), Ok(Phone::Landline), "{value}");
        }
        for value in ["660123", "471-6601234-801-2", "0471-66012", "04716601234-1234567", ""] {
            assert_eq!(landline(value), Err(Failure::Length), "{value}");
        }
        assert_eq!(landline("0471 6601234"), Err(Failure::Format));
    }

    #[test]
    fn normalise_keeps_extensions() {
        assert_eq!(normalise("+86 139-4710-1234"), "13947101234");
        assert_eq!(normalise("008613947101234"), "13947101234");
        assert_eq!(normalise("０４７１－６６０１２３４"), "0471-6601234");
        assert!(matches!(normalise("0471-6601234"), Cow::Borrowed(_)));
    }
}
