//! Passes over the values of a JSON text, by its structure.

/// A value nested deeper than this is left to the caller's reader, which cuts events that
/// are nested more than 64 levels deep.
const DEPTH: usize = 60;

/// A number with more digits is left to the caller's reader, which knows its range.
const DIGITS: usize = 18;

/// A text, its structure, and how far it has been read.
pub struct Walk<'t, 'o> {
    pub text: &'t [u8],
    offsets: &'o [u32],
    next: usize,
}

impl<'t, 'o> Walk<'t, 'o> {
    pub fn new(text: &'t [u8], offsets: &'o [u32]) -> Self {
        Walk {
            text,
            offsets,
            next: 0,
        }
    }

    /// Return a walk over the same text, from another point of its structure on.
    pub fn again(&self, next: usize) -> Self {
        Walk { next, ..*self }
    }

    /// Return how many points of the structure have been read.
    pub fn point(&self) -> usize {
        self.next
    }

    /// Return the offset of what comes next; at the end the length of the text.
    #[inline(always)]
    pub fn offset(&self) -> usize {
        self.offsets
            .get(self.next)
            .map_or(self.text.len(), |&at| at as usize)
    }

    /// Return the byte that comes next; 0 at the end.
    #[inline(always)]
    pub fn peek(&self) -> u8 {
        self.text.get(self.offset()).copied().unwrap_or(0)
    }

    #[inline(always)]
    pub fn skip_byte(&mut self) {
        self.next += 1;
    }

    /// Return the offset of a byte that has to come next.
    #[inline(always)]
    pub fn expect(&mut self, byte: u8) -> Option<usize> {
        let at = self.offset();
        (*self.text.get(at)? == byte).then(|| {
            self.next += 1;
            at
        })
    }

    /// Return a string, quotes included.
    #[inline(always)]
    pub fn string(&mut self) -> Option<&'t [u8]> {
        let start = self.offset();
        if *self.text.get(start)? != b'"' {
            return None;
        }
        self.next += 1;
        self.text.get(start..self.end())
    }

    /// Return whether something follows: after a comma it does, after `close` not.
    #[inline(always)]
    pub fn goes_on(&mut self, close: u8) -> Option<bool> {
        let byte = self.peek();
        self.next += 1;
        match byte {
            b',' => Some(true),
            _ if byte == close => Some(false),
            _ => None,
        }
    }

    /// Pass over a value, and return its JSON.
    #[inline(always)]
    pub fn value(&mut self) -> Option<&'t [u8]> {
        let start = self.offset();
        let end = match self.peek() {
            b'{' | b'[' => self.nested()?,
            _ => return self.scalar(),
        };
        self.text.get(start..end)
    }

    /// Return where the scalar ends whose first byte was read.
    #[inline(always)]
    fn end(&self) -> usize {
        let mut end = self.offset();
        while matches!(self.text[end - 1], b' ' | b'\t' | b'\n' | b'\r') {
            end -= 1;
        }
        end
    }

    #[inline(always)]
    fn scalar(&mut self) -> Option<&'t [u8]> {
        let start = self.offset();
        let first = *self.text.get(start)?;
        self.next += 1;
        let scalar = self.text.get(start..self.end())?;
        (first == b'"' || is_bare(scalar)).then_some(scalar)
    }

    /// Pass over an object or an array, and return where it ends.
    fn nested(&mut self) -> Option<usize> {
        let mut closes = [0u8; DEPTH];
        let mut depth = 0;
        loop {
            // Something opens here.
            let close = if self.peek() == b'{' { b'}' } else { b']' };
            *closes.get_mut(depth)? = close;
            depth += 1;
            self.next += 1;
            let mut goes_on = self.peek() != close;
            if !goes_on {
                self.next += 1;
            }
            loop {
                while !goes_on {
                    depth -= 1;
                    if depth == 0 {
                        return Some(self.offsets[self.next - 1] as usize + 1);
                    }
                    goes_on = self.goes_on(closes[depth - 1])?;
                }
                let close = closes[depth - 1];
                if close == b'}' {
                    self.expect(b'"')?; // a string that begins ends
                    self.expect(b':')?;
                }
                match self.peek() {
                    b'"' => self.next += 1,
                    b'{' | b'[' => break,
                    _ => {
                        self.scalar()?;
                    }
                }
                goes_on = self.goes_on(close)?;
            }
        }
    }
}

/// Return whether a text is a scalar of JSON other than a string.
fn is_bare(text: &[u8]) -> bool {
    match text {
        b"true" | b"false" | b"null" => true,
        _ => is_number(text),
    }
}

/// Return whether a text is a number of JSON, neither long nor with an exponent.
fn is_number(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let mut parts = text.splitn(2, |&byte| byte == b'.');
    let is_digits =
        |part: &[u8]| (1..=DIGITS).contains(&part.len()) && part.iter().all(u8::is_ascii_digit);
    let whole = parts.next().unwrap_or_default();
    is_digits(whole) && (whole.len() == 1 || whole[0] != b'0') && parts.next().is_none_or(is_digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::structure::structure;

    fn passes(text: &str) -> bool {
        let mut offsets = Vec::new();
        if structure(text.as_bytes(), &mut offsets).is_none() {
            return false;
        }
        let mut walk = Walk::new(text.as_bytes(), &offsets);
        walk.value() == Some(text.trim().as_bytes()) && walk.offset() == text.len()
    }

    #[test]
    fn values_are_passed_over_whole() {
        for text in [
            "{}",
            "[]",
            "[[]]",
            "{\"a\":{}}",
            "[1,-2,3.5,0,\"x\",true,false,null]",
            " {\"a\" : [ { } , [ ] ] , \"b\\\"\" : \"c\" } ",
            "\"\"",
            "0",
        ] {
            assert!(passes(text), "{text}");
        }
    }

    #[test]
    fn what_is_no_json_or_not_plain_is_refused() {
        for text in [
            "",
            "{",
            "[1",
            "[1,]",
            "[,1]",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{1:2}",
            "[1}",
            "{\"a\":1]",
            "[1 2]",
            "[\"a\"b]",
            "[\"a\"\"b\"]",
            "[1\"a\"]",
            "[tru]",
            "[NaN]",
            "[Infinity]",
            "[-]",
            "[01]",
            "[1.]",
            "[.5]",
            "[1e5]",
            "[+1]",
            "[1-2]",
            "[1234567890123456789]",
            "[]]",
            "{}{}",
            "[true\"\"]",
            ":",
            ",",
        ] {
            assert!(!passes(text), "{text}");
        }
        let deep = |depth| "[".repeat(depth) + &"]".repeat(depth) + &" ".repeat(300);
        assert!(passes(&deep(DEPTH)));
        assert!(!passes(&deep(DEPTH + 1)));
    }
}
