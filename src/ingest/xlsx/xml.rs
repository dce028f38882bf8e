//! The little XML the small parts of a package need, and the decoding of texts. Strict: what is not plain is refused, and
//! the file goes to a full parser.
//!
//! Knows nothing of workbooks.

use std::borrow::Cow;

use super::{cursor::is_name, unusual::Unusual};

/// What comes next in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'x> {
    /// An element begins; `empty` if it ends in the same tag.
    Start { name: &'x str, attributes: Attributes<'x>, empty: bool },
    /// An element ends.
    End(&'x str),
}

/// Goes through the tags of a whole document. Texts, comments and processing instructions are passed over, end tags must
/// fit.
pub struct Tags<'x> {
    rest: &'x str,
    open: Vec<&'x str>,
    root: Option<&'x str>,
}

impl<'x> Tags<'x> {
    /// At the beginning of a document.
    pub fn new(text: &'x str) -> Self {
        Self { rest: text, open: Vec::new(), root: None }
    }

    /// The next tag, none at the end of the document.
    ///
    /// # Errors
    /// If the document is not plain XML in UTF-8.
    pub fn next(&mut self) -> Result<Option<Event<'x>>, Unusual> {
        loop {
            let Some(at) = memchr::memchr(b'<', self.rest.as_bytes()) else {
                return if self.open.is_empty() && self.root.is_some() { Ok(None) } else { Err(Unusual::Xml) };
            };
            let (text, rest) = self.rest.split_at_checked(at).ok_or(Unusual::Xml)?;
            self.rest = rest;
            resolved(text)?;
            if let Some(inner) = self.rest.strip_prefix("<!--") {
                let end = memchr::memmem::find(inner.as_bytes(), b"-->").ok_or(Unusual::Xml)?;
                self.rest = inner.get(end + 3..).unwrap_or_default();
                continue;
            }
            let end = tag_end(self.rest.as_bytes()).ok_or(Unusual::Xml)?;
            let (tag, rest) = self.rest.split_at_checked(end + 1).ok_or(Unusual::Xml)?;
            self.rest = rest;
            let tag = tag.get(1..end).ok_or(Unusual::Xml)?;
            if let Some(declaration) = tag.strip_prefix('?') {
                check_declaration(declaration)?;
                continue;
            }
            return self.element(tag).map(Some);
        }
    }

    fn element(&mut self, tag: &'x str) -> Result<Event<'x>, Unusual> {
        if let Some(name) = tag.strip_prefix('/') {
            let name = name.trim_end_matches(is_space);
            return if self.open.pop() == Some(name) { Ok(Event::End(name)) } else { Err(Unusual::Xml) };
        }
        let (tag, empty) = match tag.strip_suffix('/') {
            Some(tag) => (tag, true),
            None => (tag, false),
        };
        let name_end = tag.find(is_space).unwrap_or(tag.len());
        let (name, attributes) = tag.split_at_checked(name_end).ok_or(Unusual::Xml)?;
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) || !name.bytes().all(is_name) {
            return Err(Unusual::Xml);
        }
        Attributes(attributes).each(|_, _| Ok(()))?;
        // Readers end with the element the document began with: it may not stand within itself.
        if self.root.is_some_and(|root| local(root).0 == local(name).0) {
            return Err(Unusual::Xml);
        }
        self.root = self.root.or(Some(name));
        if !empty {
            self.open.push(name);
        }
        Ok(Event::Start { name, attributes: Attributes(attributes), empty })
    }
}

/// The inside of a processing instruction, without its first question mark.
///
/// # Errors
/// If it declares an encoding other than UTF-8.
fn check_declaration(declaration: &str) -> Result<(), Unusual> {
    let inside = declaration.strip_suffix('?').ok_or(Unusual::Xml)?;
    let Some(attributes) = inside.strip_prefix("xml").filter(|rest| rest.starts_with(is_space)) else { return Ok(()) };
    match Attributes(attributes).get("encoding")? {
        Some(encoding) if !encoding.eq_ignore_ascii_case("utf-8") => Err(Unusual::Encoding),
        _ => Ok(()),
    }
}

/// Where the tag ends that begins here: the place of the first `>` outside quotes.
pub fn tag_end(bytes: &[u8]) -> Option<usize> {
    let mut quote = None;
    for at in memchr::memchr3_iter(b'>', b'"', b'\'', bytes) {
        let byte = *bytes.get(at)?;
        match quote {
            None if byte == b'>' => return Some(at),
            None => quote = Some(byte),
            Some(open) if open == byte => quote = None,
            Some(_) => {}
        }
    }
    None
}

/// The name without its prefix, and whether it had one.
pub fn local(name: &str) -> (&str, bool) {
    match name.rsplit_once(':') {
        Some((_, local)) => (local, true),
        None => (name, false),
    }
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// The attributes of a tag, as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attributes<'x>(pub &'x str);

impl<'x> Attributes<'x> {
    /// The value of an attribute, entities and all.
    ///
    /// # Errors
    /// If an attribute is ill-formed or the one asked for occurs twice.
    pub fn get(self, name: &str) -> Result<Option<&'x str>, Unusual> {
        self.find(|found| found == name)
    }

    /// The value of the attribute whose name fits.
    ///
    /// # Errors
    /// If an attribute is ill-formed or several fit.
    pub fn find(self, fits: impl Fn(&str) -> bool) -> Result<Option<&'x str>, Unusual> {
        let mut found = None;
        self.each(|name, value| {
            if fits(name) {
                if found.is_some() {
                    return Err(Unusual::Xml);
                }
                found = Some(value);
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// Gives each attribute's name and value to `take`.
    ///
    /// # Errors
    /// If one is ill-formed, or what `take` says.
    pub fn each(self, mut take: impl FnMut(&'x str, &'x str) -> Result<(), Unusual>) -> Result<(), Unusual> {
        let mut rest = self.0;
        loop {
            let trimmed = rest.trim_start_matches(is_space);
            if trimmed.is_empty() {
                return Ok(());
            }
            if trimmed.len() == rest.len() {
                return Err(Unusual::Xml);
            }
            let (name, after) = trimmed.split_once('=').ok_or(Unusual::Xml)?;
            let name = name.trim_end_matches(is_space);
            if name.is_empty() || name.contains(|c| is_space(c) || matches!(c, '"' | '\'' | '<')) {
                return Err(Unusual::Xml);
            }
            let after = after.trim_start_matches(is_space);
            let quote = after.chars().next().filter(|quote| matches!(quote, '"' | '\'')).ok_or(Unusual::Xml)?;
            let (value, after) = after.get(1..).and_then(|after| after.split_once(quote)).ok_or(Unusual::Xml)?;
            if value.contains('<') {
                return Err(Unusual::Xml);
            }
            take(name, value)?;
            rest = after;
        }
    }
}

/// A value with its entities resolved.
///
/// # Errors
/// If an entity is unknown.
pub fn resolved(value: &str) -> Result<Cow<'_, str>, Unusual> {
    if !value.contains('&') {
        return Ok(Cow::Borrowed(value));
    }
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('&') {
        let (entity, after) = after.split_once(';').ok_or(Unusual::Text)?;
        out.push_str(before);
        out.push(character(entity).ok_or(Unusual::Text)?);
        rest = after;
    }
    out.push_str(rest);
    Ok(Cow::Owned(out))
}

/// The character an entity stands for; the five of XML and numbers, no others.
fn character(entity: &str) -> Option<char> {
    let number = |digits: &str, radix: u32| {
        let plain = matches!(digits.len(), 1..=7) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if plain {
            u32::from_str_radix(digits, radix).ok().filter(|code| *code != 0).and_then(char::from_u32)
        } else {
            None
        }
    };
    match entity {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => match entity.strip_prefix("#x") {
            Some(digits) => number(digits, 16),
            None => number(entity.strip_prefix('#')?, 10),
        },
    }
}

/// The text of a cell or string: line ends made one, entities resolved, blanks at the ends removed unless they are to be
/// kept, and then the escapes of the format resolved (`_x000D_`).
///
/// # Errors
/// If it is not UTF-8 or has entities that are not known.
pub fn cell_text(raw: &[u8], keeps_blanks: bool) -> Result<String, Unusual> {
    let text = std::str::from_utf8(raw).map_err(|_| Unusual::Encoding)?;
    let ends = if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(text)
    };
    let text = resolved(&ends)?;
    let text = if keeps_blanks { text.as_ref() } else { text.trim_matches(is_space) };
    Ok(unescaped(text))
}

/// Whether [`cell_text`] leaves a text as it is.
pub fn is_plain(raw: &[u8], keeps_blanks: bool) -> bool {
    let blank = |byte: Option<&u8>| byte.is_some_and(|byte| matches!(byte, b' ' | b'\t' | b'\n'));
    (keeps_blanks || (!blank(raw.first()) && !blank(raw.last())))
        && !raw.iter().any(|byte| matches!(byte, b'&' | b'\r' | b'_'))
}

/// Resolves `_xHHHH_`, where the digits are a unit of UTF-16 (ECMA-376 part 1, 22.9.2.19, `ST_Xstring`).
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('_') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let (taken, c) = match escape(from) {
            Some(high @ 0xd800..=0xdbff) => match from.get(ESCAPE..).and_then(escape) {
                Some(low @ 0xdc00..=0xdfff) => {
                    let code = 0x1_0000 + ((u32::from(high) - 0xd800) << 10) + (u32::from(low) - 0xdc00);
                    (2 * ESCAPE, char::from_u32(code))
                }
                _ => (ESCAPE, None),
            },
            Some(unit) => (ESCAPE, char::from_u32(u32::from(unit))),
            None => (1, Some('_')),
        };
        out.push(c.unwrap_or(char::REPLACEMENT_CHARACTER));
        rest = from.get(taken..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// Length of `_xHHHH_`.
const ESCAPE: usize = 7;

fn escape(text: &str) -> Option<u16> {
    let digits = text.get(..ESCAPE)?.strip_prefix("_x")?.strip_suffix('_')?;
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_attributes() {
        let text = "<?xml version='1.0' encoding='utf-8'?><!-- <no> --><a x=\"1>2\" y = 'b'>text<b:c/></a >";
        let mut tags = Tags::new(text);
        let Ok(Some(Event::Start { name: "a", attributes, empty: false })) = tags.next() else { panic!("a start") };
        assert_eq!(
            (attributes.get("x"), attributes.get("y"), attributes.get("z")),
            (Ok(Some("1>2")), Ok(Some("b")), Ok(None))
        );
        assert!(matches!(tags.next(), Ok(Some(Event::Start { name: "b:c", empty: true, .. }))));
        assert_eq!(tags.next(), Ok(Some(Event::End("a"))));
        assert_eq!(tags.next(), Ok(None));
    }

    #[test]
    fn what_is_not_plain_is_refused() {
        fn end(text: &str) -> Result<Option<Event<'_>>, Unusual> {
            let mut tags = Tags::new(text);
            loop {
                match tags.next() {
                    Ok(Some(_)) => {}
                    other => return other,
                }
            }
        }
        assert_eq!(end("<a><b></b></a>"), Ok(None));
        for text in ["", "<a>", "<a></b>", "</a>", "<a", "<a><![CDATA[1]]></a>", "<!DOCTYPE a><a/>"] {
            assert_eq!(end(text), Err(Unusual::Xml), "{text}");
        }
        assert_eq!(end("<?xml version=\"1.0\" encoding=\"GBK\"?><a/>"), Err(Unusual::Encoding));
        for attributes in [" x", " x=1", " x='1", " x='<'", "x='1'", " x='1'y='2'", " x='1' x='2'"] {
            assert_eq!(Attributes(attributes).get("x"), Err(Unusual::Xml), "{attributes}");
        }
    }

    #[test]
    fn texts() {
        for (raw, keeps, text) in [
            ("a &amp; b", false, "a & b"),
            (" a\r\nb\r ", false, "a\nb"),
            (" a ", true, " a "),
            ("&#x4e00;&#19968;", false, "一一"),
            ("a_x000D_b_x005F_x000D_c_x00_", false, "a\rb_x000D_c_x00_"),
            ("_xD83D__xDCF7_ _xD83D_ _xDCF7_", false, "\u{1f4f7} \u{fffd} \u{fffd}"),
            ("_x0020_a", false, " a"),
            ("\u{a0}a\u{3000}", false, "\u{a0}a\u{3000}"),
        ] {
            assert_eq!(cell_text(raw.as_bytes(), keeps).as_deref(), Ok(text), "{raw}");
            assert!(!is_plain(raw.as_bytes(), keeps) || raw == text, "{raw}");
        }
        for raw in ["a & b", "&nbsp;", "&#0;", "&#xD800;", "&#+5;", "&;"] {
            assert_eq!(cell_text(raw.as_bytes(), false), Err(Unusual::Text), "{raw}");
        }
        assert_eq!(cell_text(&[0xff], false), Err(Unusual::Encoding));
    }
}
