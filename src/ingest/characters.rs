//! Characters that damage leaves in texts: invisible ones, full-width ones, and the marks of lost ones.
//!
//! Knows nothing of cells, fields or files.

/// What was found in a text and removed or folded.
#[allow(clippy::struct_excessive_bools, reason = "independent findings, not a state")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// The text without blanks and invisible characters, full-width forms folded to ASCII.
    pub text: String,
    /// Blanks were removed.
    pub blanks: bool,
    /// Invisible characters were removed.
    pub invisible: bool,
    /// Full-width forms were folded.
    pub full_width: bool,
    /// Of these, some were more than brackets within a Chinese text, where they are the usual form.
    pub full_width_fault: bool,
    /// It has marks of lost characters.
    pub lost: bool,
}

/// Zero-width, no-break and control characters, which nobody can see.
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{a0}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202f}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

/// Blanks one can see as a gap: space, tab, line breaks, the ideographic space and the spaces of typography.
pub fn is_blank(c: char) -> bool {
    matches!(
        c,
        ' ' | '\t' | '\n' | '\r' | '\u{1680}' | '\u{2000}'
            ..='\u{200a}' | '\u{2028}' | '\u{2029}' | '\u{205f}' | '\u{3000}'
    )
}

/// The ASCII character of a full-width form.
pub fn folded(c: char) -> Option<char> {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0),
        '\u{2212}' => Some('-'),
        _ => None,
    }
}

/// A Chinese character of the unified blocks and their extensions.
pub fn is_hanzi(c: char) -> bool {
    matches!(c,
        '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' | '〇')
}

/// A private-use code point or the replacement character: what a failed conversion leaves.
fn is_lost(c: char) -> bool {
    matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' | '\u{fffd}')
}

fn is_stand_in(c: char) -> bool {
    matches!(c, '?' | '□')
}

/// Whether characters were lost: private-use and replacement characters anywhere, `?` and `□` between Chinese
/// characters. In a name, which never holds them, they count at its ends too.
pub fn has_lost(text: &str, name: bool) -> bool {
    let mut before: Option<char> = None;
    let mut run_after: Option<Option<char>> = None;
    for c in text.chars() {
        if is_lost(c) {
            return true;
        }
        if is_stand_in(c) {
            if run_after.is_none() {
                run_after = Some(before);
            }
        } else if let Some(first) = run_after.take() {
            let left = first.is_some_and(is_hanzi) || (name && first.is_none());
            if left && is_hanzi(c) {
                return true;
            }
        }
        before = Some(c);
    }
    name && run_after.flatten().is_some_and(is_hanzi)
}

/// The text as identifiers, codes, numbers and dates are compared.
pub fn cleaned(text: &str) -> Cleaned {
    let mut out = Cleaned { text: String::with_capacity(text.len()), ..Cleaned::default() };
    let chinese = text.chars().any(is_hanzi);
    for c in text.chars() {
        if is_invisible(c) {
            out.invisible = true;
        } else if is_blank(c) {
            out.blanks = true;
        } else if let Some(ascii) = folded(c) {
            out.full_width = true;
            out.full_width_fault |= !(chinese && matches!(ascii, '(' | ')' | '[' | ']'));
            out.text.push(ascii);
        } else {
            out.lost |= is_lost(c);
            out.text.push(c);
        }
    }
    out
}

/// Only dashes or slashes: the usual sign for "nothing to enter".
pub fn is_dash(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty()
        && text.len() <= 12
        && text.chars().all(|c| matches!(c, '-' | '/' | '\\' | '—' | '–' | '－' | '／' | '―' | '─'))
}

/// The eight errors Excel has always had and those newer versions added.
pub fn is_error(text: &str) -> bool {
    matches!(
        text,
        "#N/A"
            | "#DIV/0!"
            | "#NAME?"
            | "#NULL!"
            | "#NUM!"
            | "#REF!"
            | "#VALUE!"
            | "#GETTING_DATA"
            | "#SPILL!"
            | "#CALC!"
            | "#FIELD!"
            | "#BLOCKED!"
            | "#UNKNOWN!"
            | "#CONNECT!"
            | "#BUSY!"
            | "#EXTERNAL!"
            | "#PYTHON!"
    )
}

/// Scientific notation that stands for a longer number: `1.50102E+17`, `1.5E17`, `15E+3`.
pub fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    let (digits, signed) = match exponent.strip_prefix('+') {
        Some(rest) => (rest, true),
        None => (exponent, false),
    };
    let pointed = mantissa.contains('.');
    (signed || pointed)
        && matches!(digits.len(), 1..=3)
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && mantissa.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && mantissa.bytes().next().is_some_and(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_and_full_width_characters_are_told_apart() {
        let found = cleaned("１50102\u{200b} 198503\u{a0}");
        assert_eq!(found.text, "150102198503");
        assert!(found.invisible && found.blanks && found.full_width && found.full_width_fault && !found.lost);
    }

    #[test]
    fn brackets_of_a_chinese_contract_number_are_folded_without_fault() {
        let found = cleaned("农信借字（2026）第0012号");
        assert_eq!(found.text, "农信借字(2026)第0012号");
        assert!(found.full_width && !found.full_width_fault);
        assert!(cleaned("农信借字（２０２６）").full_width_fault);
    }

    #[test]
    fn lost_characters() {
        for text in ["内蒙古\u{e5e5}商贸", "王\u{fffd}", "乌?其木格", "王□明", "\u{f0001}"] {
            assert!(has_lost(text, false), "{text}");
        }
        for text in ["王?", "?明", "□明"] {
            assert!(has_lost(text, true) && !has_lost(text, false), "{text}");
        }
        for text in ["乌云其木格", "阿·格日勒", "Is it?", "龘𠮷", "□ 是 □ 否", "? ?", ""] {
            assert!(!has_lost(text, false), "{text}");
        }
    }

    #[test]
    fn scientific_notation_and_what_only_looks_like_it() {
        for text in ["1.50102E+17", "1.5e17", "15E+3", "1E+06"] {
            assert!(is_scientific(text), "{text}");
        }
        for text in ["1E5", "E+5", "150102198503051238", "91150100MA0N1E2X", "1.5", "A.5E+3", "1.5E+1234"] {
            assert!(!is_scientific(text), "{text}");
        }
    }

    #[test]
    fn dashes() {
        for text in ["-", "--", "—", "——", "/", " － ", "//"] {
            assert!(is_dash(text), "{text}");
        }
        for text in ["", "-1", "无", "1/2"] {
            assert!(!is_dash(text), "{text}");
        }
    }
}
