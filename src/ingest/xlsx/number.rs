//! Numbers as spreadsheet programs write them into cells.
//!
//! Knows nothing of cells.

/// Powers of ten that binary64 holds exactly and that are enough for fifteen digits.
const POWERS: [f64; 16] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// The number at the beginning of `bytes`, and its length. None where another notation begins, or nothing but the usual
/// one for numbers of up to fifteen digits: sign, digits, point, digits.
///
/// Both the digits as a whole number and the power of ten are exact, so the one division rounds correctly.
pub fn short(bytes: &[u8]) -> Option<(f64, usize)> {
    let negative = bytes.first() == Some(&b'-');
    let mut at = usize::from(negative);
    let first = at;
    let mut digits: u64 = 0;
    let mut point = None;
    loop {
        match *bytes.get(at)? {
            digit @ b'0'..=b'9' => digits = digits.wrapping_mul(10).wrapping_add(u64::from(digit - b'0')),
            b'.' if point.is_none() && at > first => point = Some(at),
            b'<' => break,
            _ => return None,
        }
        at += 1;
        if at - first > 16 {
            return None;
        }
    }
    let decimals = point.map_or(0, |point| at - point - 1);
    let count = at - first - usize::from(point.is_some());
    if count == 0 || count > 15 || (point.is_some() && decimals == 0) {
        return None;
    }
    #[allow(clippy::cast_precision_loss, reason = "exact below 2^53")]
    let value = digits as f64 / POWERS.get(decimals)?;
    Some((if negative { -value } else { value }, at))
}

/// Any number in the notation of XML Schema, infinities left out.
pub fn long(text: &[u8]) -> Option<f64> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let plain = digits.first().is_some_and(u8::is_ascii_digit)
        && digits.last().is_some_and(u8::is_ascii_digit)
        && digits.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'))
        && !digits.windows(2).any(|pair| matches!(pair, [b'.', b'e' | b'E']));
    if !plain {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok().filter(|value: &f64| value.is_finite())
}

/// A whole number at the beginning of `bytes`, up to nine digits, and its length.
pub fn index(bytes: &[u8]) -> Option<(u32, usize)> {
    let mut value: u32 = 0;
    let mut at = 0;
    while let Some(digit @ b'0'..=b'9') = bytes.get(at) {
        if at == 9 {
            return None;
        }
        value = value * 10 + u32::from(digit - b'0');
        at += 1;
    }
    (at > 0).then_some((value, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_numbers_are_those_of_the_standard_library() {
        for text in ["0", "-0", "1", "44985.0", "123.45", "-0.1", "0.00000000000001", "999999999999999", "0.3", "-7.05"]
        {
            let (value, length) = short(format!("{text}</v>").as_bytes()).expect("short");
            assert_eq!(value.to_bits(), text.parse::<f64>().expect("a number").to_bits(), "{text}");
            assert_eq!(length, text.len());
        }
        // Every amount with cents up to here, and some beyond.
        for cents in (0..200_000_u64).chain((0..1_000).map(|step| 987_654_321_012 + step * 7_919)) {
            let text = format!("{}.{:02}", cents / 100, cents % 100);
            assert_eq!(short(format!("{text}<").as_bytes()), Some((text.parse().expect("a number"), text.len())));
        }
    }

    #[test]
    fn other_notations_are_not_short() {
        for text in
            ["", "-", ".5", "5.", "1.2.3", "1e5", "+1", " 1", "1 ", "1234567890123456", "0.1234567890123456", "NaN"]
        {
            assert_eq!(short(format!("{text}<").as_bytes()), None, "{text}");
        }
        assert_eq!(short(b"12"), None);
    }

    #[test]
    fn long_numbers() {
        for text in ["150102198503051238", "0.14999999999999999", "1.5010219850305101E+17", "-2.2E-308", "1e5"] {
            assert_eq!(long(text.as_bytes()), text.parse().ok(), "{text}");
        }
        for text in ["", "-", "+1", ".5", "5.", "1e999", "inf", "nan", "1e", "1-2", "0x1", "1_0", " 1", "1.e5"] {
            assert_eq!(long(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn indexes() {
        assert_eq!(index(b"0<"), Some((0, 1)));
        assert_eq!(index(b"123456789\""), Some((123_456_789, 9)));
        assert_eq!(index(b"1234567890"), None);
        assert_eq!(index(b"<"), None);
    }
}
