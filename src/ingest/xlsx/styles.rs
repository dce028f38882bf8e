//! Which cell formats show a number as a date, or otherwise than by its digits.
//!
//! Knows the part of the styles, but no cells.

use std::collections::HashMap;

use super::{
    unusual::Unusual,
    xml::{Event, Tags, local, resolved},
};
use crate::ingest::form::{self, Form};

/// How a cell format shows numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shows {
    /// As a number; with the form, if not by its digits alone.
    Number(Option<Form>),
    /// As a date, a time of day or both.
    Date,
    /// As hours, minutes or seconds elapsed.
    Duration,
}

/// The cell formats of a workbook, in the order cells refer to them.
///
/// Names may have a prefix only if `prefixed`.
///
/// # Errors
/// If the part is not as spreadsheet programs write it.
pub fn read_styles(text: &str, prefixed: bool) -> Result<Vec<Shows>, Unusual> {
    let mut custom: HashMap<u32, Shows> = HashMap::new();
    let mut formats = Vec::new();
    let mut within: Option<&str> = None;
    let mut depth = 0;
    let mut tags = Tags::new(text);
    while let Some(event) = tags.next()? {
        match event {
            Event::Start { name, attributes, empty } => {
                match (within, depth, local(name)) {
                    (_, _, ("styleSheet" | "numFmts" | "numFmt" | "cellXfs" | "xf", true)) if !prefixed => {
                        return Err(Unusual::Prefix);
                    }
                    (_, 0, ("styleSheet", _)) => {}
                    (_, 1, (section, _)) => {
                        // Formats are numbered before they are used.
                        if section == "numFmts" && !formats.is_empty() {
                            return Err(Unusual::Styles);
                        }
                        within = Some(section);
                    }
                    (Some("numFmts"), 2, ("numFmt", _)) => {
                        let id = format_id(attributes.get("numFmtId")?.ok_or(Unusual::Styles)?)?;
                        let code = attributes.get("formatCode")?.ok_or(Unusual::Styles)?;
                        custom.insert(id, shown_by(&resolved(code)?)?);
                    }
                    (Some("cellXfs"), 2, ("xf", _)) => {
                        let id = attributes.get("numFmtId")?.map(format_id).transpose()?;
                        let shows = id.map_or(Shows::Number(None), |id| {
                            custom.get(&id).copied().unwrap_or_else(|| shown_by_built_in(id))
                        });
                        formats.push(shows);
                    }
                    (_, 0, _) | (_, _, ("numFmts" | "cellXfs", _)) => return Err(Unusual::Styles),
                    _ => {}
                }
                if !empty {
                    depth += 1;
                }
            }
            Event::End(_) => depth -= 1,
        }
    }
    Ok(formats)
}

fn format_id(text: &str) -> Result<u32, Unusual> {
    let plain = matches!(text.len(), 1..=9)
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| plain).ok_or(Unusual::Styles)
}

/// Formats every program knows (ECMA-376 part 1, 18.8.30), those of East Asian editions included: 27 to 36 and 50 to 58.
fn shown_by_built_in(id: u32) -> Shows {
    match id {
        14..=22 | 27..=36 | 45 | 47 | 50..=58 => Shows::Date,
        46 => Shows::Duration,
        _ => Shows::Number(form::built_in(id)),
    }
}

/// What a format code makes of a number that is not negative: its first section is looked at for letters of dates outside
/// quotes, escapes and brackets. After the `a` of a.m. only `p`, `m` and a slash count, as in calamine.
fn shown_by(code: &str) -> Result<Shows, Unusual> {
    let mut chars = code.chars();
    let mut half_day = false;
    while let Some(c) = chars.next() {
        match c {
            // The next character is shown, skipped or repeated, whatever it is.
            '\\' | '_' | '*' => {
                chars.next();
            }
            '"' if chars.by_ref().any(|c| c == '"') => {}
            '"' | ';' => break,
            '[' => {
                let inside: String = chars.by_ref().take_while(|c| *c != ']').collect();
                if inside.contains(['[', '"', '\\', '_', '*', ';']) || half_day {
                    return Err(Unusual::Styles);
                }
                if is_elapsed(&inside) {
                    return Ok(Shows::Duration);
                }
            }
            'p' | 'P' | 'm' | 'M' | '/' if half_day => return Ok(Shows::Date),
            _ if half_day => {}
            'a' | 'A' => half_day = true,
            'd' | 'D' | 'm' | 'M' | 'h' | 'H' | 'y' | 'Y' | 's' | 'S' => return Ok(Shows::Date),
            _ => {}
        }
    }
    Ok(Shows::Number(form::form_of(code)))
}

/// `[h]`, `[mm]`, `[ss]` and the like.
fn is_elapsed(inside: &str) -> bool {
    let mut letters = inside.chars().map(|c| c.to_ascii_lowercase());
    letters.next().is_some_and(|first| matches!(first, 'h' | 'm' | 's') && letters.all(|c| c == first))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Codes as spreadsheet programs write them.
    #[test]
    fn format_codes() {
        for (code, shows) in [
            ("General", Shows::Number(None)),
            ("#,##0.00", Shows::Number(None)),
            ("0.00E+00", Shows::Number(None)),
            ("yyyy-mm-dd", Shows::Date),
            ("yyyy\"年\"m\"月\"d\"日\";@", Shows::Date),
            ("[$-804]yyyy\"年\"m\"月\"d\"日\"", Shows::Date),
            ("[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", Shows::Date),
            ("h:mm AM/PM", Shows::Date),
            ("上午/下午h\"时\"mm\"分\"", Shows::Date),
            ("[h]:mm:ss", Shows::Duration),
            ("[ss].00", Shows::Duration),
            ("0.00%", Shows::Number(Some(Form::Percent))),
            ("[Red]0.00", Shows::Number(None)),
            ("[Magenta]0", Shows::Number(None)),
            ("#,##0\"days\"", Shows::Number(None)),
            ("0\\d", Shows::Number(None)),
            ("#,##0_d;[Red]-#,##0", Shows::Number(None)),
            ("*-#,##0", Shows::Number(None)),
            ("0;yyyy", Shows::Number(None)),
            ("_-* #,##0.00\\ _€_-;-* #,##0.00\\ _€_-", Shows::Number(None)),
        ] {
            assert_eq!(shown_by(code), Ok(shows), "{code}");
        }
    }

    #[test]
    fn a_part_of_styles() {
        let text = "<styleSheet><numFmts count=\"1\"><numFmt numFmtId=\"164\" formatCode=\"yyyy&quot;年&quot;\"/></numFmts>\
                    <cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"164\"><alignment/></xf>\
                    <xf numFmtId=\"14\"/><xf/><xf numFmtId=\"46\"/></cellXfs></styleSheet>";
        let expected = [Shows::Number(None), Shows::Date, Shows::Date, Shows::Number(None), Shows::Duration];
        assert_eq!(read_styles(text, false).as_deref(), Ok(expected.as_slice()));
        assert_eq!(read_styles("<x:styleSheet/>", false), Err(Unusual::Prefix));
        assert_eq!(read_styles("<a/>", false), Err(Unusual::Styles));
    }
}
