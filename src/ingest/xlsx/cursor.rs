//! A place in inflated XML that may go on: every step either succeeds, meets something unusual, or asks for more bytes.
//!
//! Knows tags, but not what they mean.

use super::unusual::Unusual;

/// Why scanning stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Halt {
    /// The bytes at hand end here.
    More,
    /// Something this reader does not know.
    Unusual(Unusual),
}

impl From<Unusual> for Halt {
    fn from(unusual: Unusual) -> Self {
        Self::Unusual(unusual)
    }
}

/// A place in the bytes at hand.
#[derive(Clone, Copy)]
pub struct Cursor<'b> {
    rest: &'b [u8],
    length: usize,
}

impl<'b> Cursor<'b> {
    /// At the beginning.
    pub fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes, length: bytes.len() }
    }

    /// Bytes passed.
    pub fn at(self) -> usize {
        self.length - self.rest.len()
    }

    /// What is left.
    pub fn rest(self) -> &'b [u8] {
        self.rest
    }

    /// Goes on behind `count` bytes.
    pub fn skip(&mut self, count: usize) {
        self.rest = self.rest.get(count..).unwrap_or_default();
    }

    /// Passes `expected` if it comes next.
    ///
    /// # Errors
    /// If the bytes at hand end before that can be told.
    #[inline]
    pub fn passes<const N: usize>(&mut self, expected: &[u8; N]) -> Result<bool, Halt> {
        // The length is known to the compiler, so that this is one comparison of a number or two.
        match self.rest.split_first_chunk::<N>() {
            Some((found, rest)) if found == expected => {
                self.rest = rest;
                Ok(true)
            }
            Some(_) => Ok(false),
            None => self.passes_end(expected),
        }
    }

    /// Where the bytes at hand are no longer than `expected`.
    #[cold]
    fn passes_end(&mut self, expected: &[u8]) -> Result<bool, Halt> {
        if expected.starts_with(self.rest) { Err(Halt::More) } else { Ok(false) }
    }

    /// Passes `expected`, which has to come next.
    ///
    /// # Errors
    /// `otherwise` if something else comes.
    #[inline]
    pub fn expect<const N: usize>(&mut self, expected: &[u8; N], otherwise: Unusual) -> Result<(), Halt> {
        if self.passes(expected)? { Ok(()) } else { Err(otherwise.into()) }
    }

    /// Passes blanks and line ends.
    #[inline]
    pub fn spaces(&mut self) {
        while let [b' ' | b'\n' | b'\r' | b'\t', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    /// Passes everything up to the next `<` and gives it.
    ///
    /// # Errors
    /// If there is none in the bytes at hand.
    pub fn text(&mut self) -> Result<&'b [u8], Halt> {
        let at = memchr::memchr(b'<', self.rest).ok_or(Halt::More)?;
        let (text, rest) = self.rest.split_at(at);
        self.rest = rest;
        Ok(text)
    }

    /// The next byte.
    ///
    /// # Errors
    /// If the bytes at hand end here.
    pub fn peek(self) -> Result<u8, Halt> {
        self.rest.first().copied().ok_or(Halt::More)
    }

    /// Passes a tag, the name of which was passed, to behind its `>`; each attribute is given to `take`. True if the
    /// element is empty.
    ///
    /// # Errors
    /// If the tag is ill-formed, or what `take` says.
    pub fn attributes(
        &mut self,
        mut take: impl FnMut(&'b [u8], &'b [u8]) -> Result<(), Unusual>,
    ) -> Result<bool, Halt> {
        loop {
            let before = self.rest.len();
            self.spaces();
            let spaced = self.rest.len() < before;
            match self.rest {
                [b'>', rest @ ..] => {
                    self.rest = rest;
                    return Ok(false);
                }
                [b'/', b'>', rest @ ..] => {
                    self.rest = rest;
                    return Ok(true);
                }
                [] | [b'/'] => return Err(Halt::More),
                _ if !spaced => return Err(Unusual::Xml.into()),
                _ => {}
            }
            let length = self.rest.iter().position(|byte| !is_name(*byte)).ok_or(Halt::More)?;
            let (name, rest) = self.rest.split_at(length);
            self.rest = rest;
            self.spaces();
            self.expect(b"=", Unusual::Xml)?;
            self.spaces();
            let quote = self.peek()?;
            if name.is_empty() || !matches!(quote, b'"' | b'\'') {
                return Err(Unusual::Xml.into());
            }
            self.skip(1);
            let length = memchr::memchr(quote, self.rest).ok_or(Halt::More)?;
            let (value, rest) = self.rest.split_at(length);
            self.rest = rest;
            self.skip(1);
            take(name, value)?;
        }
    }
}

/// A byte names of elements and attributes are made of.
pub fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'_' | b'-' | b'.') || byte >= 0x80
}
