//! Names of organisations and persons: is it a full one, whose is it, and which two are the same.
//!
//! Names are judged by their form only; no register is asked. Nothing is corrected here: seals and identity cards
//! decide how a name is written.

mod key;
mod organisation;
mod person;

pub use key::{name_key, same_name};
pub use organisation::is_full_name;
pub use person::{is_person_name, looks_personal, wrong_dot};

/// Characters with which a person's name parts are joined in place of the middle dot `·` (U+00B7), which alone is
/// right for the names of minorities.
const WRONG_DOTS: [char; 9] =
    ['\u{2022}', '\u{2027}', '\u{30FB}', '\u{2219}', '\u{22C5}', '\u{FF0E}', '\u{FF65}', '\u{25CF}', '.'];

/// A Chinese character, of any plane of Unicode, or 〇.
pub fn is_hanzi(c: char) -> bool {
    matches!(c, '\u{4E00}'..='\u{9FFF}' | '\u{3400}'..='\u{4DBF}' | '\u{20000}'..='\u{3FFFF}' | '\u{F900}'..='\u{FAFF}' | '〇')
}

/// A character that takes no room and is not seen: zero-width and direction marks, variation selectors, controls.
pub(super) fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{E0100}'..='\u{E01EF}')
}

/// The last word of a Latin name in capitals without dots, if it is a legal form: `Ltd.` gives true.
fn is_latin_form(word: &str) -> bool {
    const FORMS: [&str; 34] = [
        "AB",
        "AG",
        "AS",
        "BHD",
        "BV",
        "CO",
        "COLTD",
        "COMPANY",
        "CORP",
        "CORPORATION",
        "GMBH",
        "INC",
        "INCORPORATED",
        "KG",
        "KK",
        "LIMITED",
        "LLC",
        "LLP",
        "LP",
        "LTD",
        "LTDA",
        "NV",
        "OY",
        "OYJ",
        "PLC",
        "PTE",
        "PTY",
        "SA",
        "SAS",
        "SARL",
        "SE",
        "SPA",
        "SRL",
        "FOUNDATION",
    ];
    let letters = || word.chars().filter(|c| !matches!(c, '.' | ',' | '(' | ')'));
    FORMS.iter().any(|form| form.chars().eq(letters().map(|c| c.to_ascii_uppercase())))
}
