//! Reads the events of a text into columns.
//!
//! A code is the place of a value in the list of those that come, in the order in which
//! they come first; of each field 0 is `null`, which is also what an absent field has.

use crate::structure::structure;
use crate::walk::Walk;
use hashbrown::{HashMap, HashSet};
use memchr::{memchr, memmem};
use std::cell::Cell;
use std::mem;

/// The longest text that is read, in bytes.
pub const LONGEST: usize = 64 << 20;

/// The most keys of one event, and the most different ones in all events.
const KEYS: usize = 256;

/// The longest structure whose room is kept, in offsets.
const KEPT: usize = 1 << 20;

thread_local! {
    static OFFSETS: Cell<Vec<u32>> = const { Cell::new(Vec::new()) };
}

const NULL: &[u8] = b"null";

/// What is read of each event, by the names of its fields.
///
/// Each field of `kind` holds text, a flag or null, each of `texts` text or null, each of
/// `objects` an object or null, and those of `absent` nothing; each event has an `id` and a
/// `caller`.  Else the text is refused.  Of `places` it is only kept where the value is.
#[derive(PartialEq, Eq)]
pub struct Fields {
    pub kind: Vec<String>,
    /// A field that holds an object, and its key that is a part of the kind.
    pub caller: (String, String),
    pub texts: Vec<String>,
    pub objects: Vec<String>,
    pub places: Vec<String>,
    pub absent: Vec<String>,
    pub id: String,
}

/// How the events of a text are put together.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// As the `Records` of an object, which has no other key.
    LogFile,
    /// One after the other, each on lines of its own.
    Lines,
}

/// Where in a text a value is: its offset and its length, which is 0 where there is none.
pub type Span = [u32; 2];

const NOWHERE: Span = [0; 2];

/// The codes of one field, one for each event, and the JSON that they stand for.
#[derive(Default)]
pub struct Column {
    pub codes: Vec<u32>,
    pub values: Vec<Span>,
}

impl Column {
    /// Return where the value of an event is.
    #[must_use]
    pub fn value(&self, event: usize) -> Span {
        self.values[self.codes[event] as usize]
    }
}

/// What was read of a text.
#[derive(Default)]
pub struct Columns {
    pub is_ascii: bool,
    /// Of each event.
    pub spans: Vec<Span>,
    /// Of each event 16 bytes.
    pub ids: Vec<u8>,
    pub kinds: Vec<u32>,
    /// Of each kind the JSON of its fields, and of the key of the caller.
    pub kind_values: Vec<Vec<Span>>,
    pub callers: Column,
    /// Of each shape of an event, its keys in their order and what each value begins with,
    /// the number of one.
    pub samples: Vec<u32>,
    /// Of each event where the values of the texts, the objects and the places are.
    values: Vec<Span>,
    width: usize,
}

impl Columns {
    /// Return where the values of a field are, by its number among texts, objects, places.
    pub fn places(&self, field: usize) -> impl Iterator<Item = Span> {
        let events = self.values.chunks_exact(self.width.max(1));
        events.map(move |values| values[field])
    }

    /// Return how many texts, objects and places there are of an event.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Return the eventID of an event, in lower case.
    #[must_use]
    pub fn id(&self, event: usize) -> String {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = String::with_capacity(36);
        for (at, byte) in self.ids[event * 16..][..16].iter().enumerate() {
            if matches!(at, 4 | 6 | 8 | 10) {
                text.push('-');
            }
            text.push(DIGITS[usize::from(byte >> 4)].into());
            text.push(DIGITS[usize::from(byte & 15)].into());
        }
        text
    }

    /// Return where the value of a field of one event is, likewise.
    #[must_use]
    pub fn place(&self, event: usize, field: usize) -> Span {
        self.values[event * self.width + field]
    }

    /// Return the codes of the values of a field, which has the number `field`.
    #[must_use]
    pub fn column(&self, text: &[u8], field: usize) -> Column {
        let mut known = Codes::new();
        let code = |span| known.code(value_at(text, span), span);
        let codes = self.places(field).map(code).collect();
        Column {
            codes,
            values: known.values,
        }
    }
}

/// Return the JSON of a value; of one that is nowhere `null`.
#[must_use]
pub fn value_at(text: &[u8], [start, length]: Span) -> &[u8] {
    if length == 0 {
        return NULL;
    }
    &text[start as usize..][..length as usize]
}

/// The values that came, in the order in which they came first.
struct Codes<'t> {
    values: Vec<Span>,
    known: HashMap<&'t [u8], u32>,
    last: (&'t [u8], u32),
}

impl<'t> Codes<'t> {
    fn new() -> Self {
        Codes {
            values: vec![NOWHERE],
            known: HashMap::from_iter([(NULL, 0)]),
            last: (NULL, 0),
        }
    }

    /// Return the code of a value.
    #[inline]
    fn code(&mut self, value: &'t [u8], span: Span) -> u32 {
        if is_same(value, self.last.0) {
            return self.last.1;
        }
        let code = self.code_of_other(value, span);
        self.last = (value, code);
        code
    }

    fn code_of_other(&mut self, value: &'t [u8], span: Span) -> u32 {
        if let Some(&code) = self.known.get(value) {
            return code;
        }
        let code = self.values.len() as u32;
        self.known.insert(value, code);
        self.values.push(span);
        code
    }
}

/// Return whether two texts are equal: most are short, or have other lengths.
#[inline(always)]
fn is_same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let (Some(end), Some(other_end)) = (one.last_chunk::<8>(), other.last_chunk::<8>()) else {
        return one == other;
    };
    end == other_end && {
        let (chunks, other_chunks) = (one.as_chunks::<8>().0, other.as_chunks::<8>().0);
        chunks
            .iter()
            .zip(other_chunks)
            .all(|(one, other)| one == other)
    }
}

/// What a field is read for.
#[derive(Clone, Copy)]
pub(crate) enum Use {
    Kind(usize),
    Caller,
    /// The number is that among texts, objects and places.
    Text(usize),
    Object(usize),
    Place(usize),
    Absent,
    Id,
    Nothing,
}

impl Fields {
    /// Return what the field of a key, quotes included, is read for.
    fn use_of(&self, key: &[u8]) -> Use {
        self.use_of_name(&key[1..key.len() - 1])
    }

    /// Return what a field is read for.
    pub(crate) fn use_of_name(&self, name: &[u8]) -> Use {
        let place = |names: &[String]| names.iter().position(|each| each.as_bytes() == name);
        if let Some(at) = place(&self.kind) {
            Use::Kind(at)
        } else if let Some(at) = place(&self.texts) {
            Use::Text(at)
        } else if let Some(at) = place(&self.objects) {
            Use::Object(self.texts.len() + at)
        } else if let Some(at) = place(&self.places) {
            Use::Place(self.texts.len() + self.objects.len() + at)
        } else if name == self.caller.0.as_bytes() {
            Use::Caller
        } else if name == self.id.as_bytes() {
            Use::Id
        } else if place(&self.absent).is_some() {
            Use::Absent
        } else {
            Use::Nothing
        }
    }
}

/// Return the columns of a text; None for what the caller's reader has to look at.
#[must_use]
pub fn read(text: &[u8], shape: Shape, fields: &Fields) -> Option<Columns> {
    if text.len() > LONGEST {
        return None;
    }
    // Most texts are small: the room for the structure of one serves the next.
    let mut offsets = OFFSETS.take();
    let found = read_with(text, shape, fields, &mut offsets);
    if offsets.capacity() <= KEPT {
        OFFSETS.set(offsets);
    }
    found
}

fn read_with(
    text: &[u8],
    shape: Shape,
    fields: &Fields,
    offsets: &mut Vec<u32>,
) -> Option<Columns> {
    let is_ascii = structure(text, offsets)?;
    if !is_ascii && std::str::from_utf8(text).is_err() {
        return None;
    }
    let mut reader = Reader::new(fields, is_ascii);
    let mut walk = Walk::new(text, offsets);
    match shape {
        Shape::LogFile => reader.log_file(&mut walk)?,
        Shape::Lines => reader.lines(&mut walk)?,
    }
    let mut columns = reader.columns;
    columns.callers.values = reader.callers.values;
    (walk.offset() == text.len()).then_some(columns)
}

struct Reader<'f, 't> {
    fields: &'f Fields,
    columns: Columns,
    callers: Codes<'t>,
    /// The codes of the fields of the kind, each with what they stand for.
    parts: Vec<Codes<'t>>,
    /// By the code of a caller, that of the key which is a part of the kind.
    types: Vec<u32>,
    known_kinds: HashMap<Vec<u32>, u32>,
    /// The different keys, with what their fields are for.
    keys: HashMap<&'t [u8], (u32, Use)>,
    /// What came last at each place among the keys of an event: the next has it too.
    usual: Vec<(&'t [u8], u32, Use)>,
    known_shapes: HashSet<Vec<u32>>,
    shape: Vec<u32>,
    last_shape: Vec<u32>,
    kind: Vec<u32>,
}

impl<'f, 't> Reader<'f, 't> {
    fn new(fields: &'f Fields, is_ascii: bool) -> Self {
        let parts = fields.kind.len() + 1;
        let columns = Columns {
            is_ascii,
            width: fields.texts.len() + fields.objects.len() + fields.places.len(),
            ..Columns::default()
        };
        Reader {
            fields,
            columns,
            callers: Codes::new(),
            parts: (0..parts).map(|_| Codes::new()).collect(),
            types: vec![0],
            known_kinds: HashMap::new(),
            keys: HashMap::new(),
            usual: Vec::new(),
            known_shapes: HashSet::new(),
            shape: Vec::new(),
            last_shape: Vec::new(),
            kind: vec![0; parts],
        }
    }

    fn log_file(&mut self, walk: &mut Walk<'t, '_>) -> Option<()> {
        walk.expect(b'{')?;
        if walk.string()? != b"\"Records\"" {
            return None;
        }
        walk.expect(b':')?;
        let start = walk.expect(b'[')?;
        // A key of that name inside of an event is the caller's to look at.
        if memmem::find(walk.text.get(start..)?, b"\"Records\"").is_some() {
            return None;
        }
        if walk.peek() == b']' {
            walk.skip_byte();
        } else {
            self.event(walk)?;
            while walk.goes_on(b']')? {
                self.event(walk)?;
            }
        }
        walk.expect(b'}')?;
        Some(())
    }

    fn lines(&mut self, walk: &mut Walk<'t, '_>) -> Option<()> {
        self.event(walk)?;
        while walk.peek() == b'{' {
            let &[start, length] = self.columns.spans.last()?;
            let gap = walk.text.get((start + length) as usize..walk.offset())?;
            memchr(b'\n', gap)?;
            self.event(walk)?;
        }
        Some(())
    }

    fn event(&mut self, walk: &mut Walk<'t, '_>) -> Option<()> {
        self.kind.fill(0);
        self.shape.clear();
        let number = self.columns.kinds.len() as u32;
        let first_value = self.columns.values.len();
        let width = self.columns.width;
        self.columns.values.resize(first_value + width, NOWHERE);
        let (mut caller, mut id) = (0, None);
        let begin = walk.expect(b'{')?;
        loop {
            let key = walk.string()?;
            walk.expect(b':')?;
            let (code, use_) = self.key(key)?;
            let (point, start) = (walk.point(), walk.offset());
            let value = walk.value()?;
            let first = *value.first()?;
            let span = [start as u32, value.len() as u32];
            self.shape.push(code << 8 | u32::from(class(first)));
            match use_ {
                Use::Nothing => {}
                Use::Kind(at) if matches!(first, b'"' | b'n' | b't' | b'f') => {
                    self.kind[at] = self.parts[at].code(value, span);
                }
                Use::Text(at) if matches!(first, b'"' | b'n') => {
                    self.columns.values[first_value + at] = span;
                }
                Use::Object(at) if matches!(first, b'{' | b'n') => {
                    self.columns.values[first_value + at] = span;
                }
                Use::Place(at) => self.columns.values[first_value + at] = span,
                Use::Caller if first == b'{' => {
                    caller = self.callers.code(value, span);
                    if caller as usize == self.types.len() {
                        let code = self.type_of(&mut walk.again(point))?;
                        self.types.push(code);
                    }
                }
                Use::Id => id = guid(value),
                Use::Absent if first == b'n' => {}
                _ => return None,
            }
            if !walk.goes_on(b'}')? {
                break;
            }
        }
        let end = walk.again(walk.point() - 1).offset() + 1;
        if self.shape != self.last_shape {
            if !self.known_shapes.contains(&self.shape) {
                self.is_plain_shape()?;
                self.known_shapes.insert(self.shape.clone());
                self.columns.samples.push(number);
            }
            mem::swap(&mut self.shape, &mut self.last_shape);
        }
        if caller == 0 {
            return None;
        }
        if let Some(last) = self.kind.last_mut() {
            *last = self.types[caller as usize];
        }
        let kind = self.kind_code();
        let columns = &mut self.columns;
        columns.kinds.push(kind);
        columns.callers.codes.push(caller);
        columns.ids.extend_from_slice(&id?);
        columns.spans.push([begin as u32, (end - begin) as u32]);
        Some(())
    }

    /// Return the code of a key of an event, and what its field is for.
    #[inline]
    fn key(&mut self, key: &'t [u8]) -> Option<(u32, Use)> {
        let at = self.shape.len();
        if let Some(&(usual, code, use_)) = self.usual.get(at)
            && is_same(usual, key)
        {
            return Some((code, use_));
        }
        let (code, use_) = if let Some(&known) = self.keys.get(key) {
            known
        } else {
            // An escaped key may be any other.
            if self.keys.len() == KEYS || memchr(b'\\', key).is_some() {
                return None;
            }
            let new = (self.keys.len() as u32, self.fields.use_of(key));
            self.keys.insert(key, new);
            new
        };
        match self.usual.get_mut(at) {
            Some(usual) => *usual = (key, code, use_),
            None if at < KEYS => self.usual.push((key, code, use_)),
            None => return None,
        }
        Some((code, use_))
    }

    /// Check that no key of an event comes twice.
    fn is_plain_shape(&self) -> Option<()> {
        let mut keys: Vec<u32> = self.shape.iter().map(|each| each >> 8).collect();
        keys.sort_unstable();
        keys.is_sorted_by(|one, other| one < other).then_some(())
    }

    /// Return the code of the kind that `self.kind` is.
    fn kind_code(&mut self) -> u32 {
        if let Some(&code) = self.known_kinds.get(&self.kind[..]) {
            return code;
        }
        let code = self.known_kinds.len() as u32;
        self.known_kinds.insert(self.kind.clone(), code);
        let values = self.kind.iter().zip(&self.parts);
        let values = values.map(|(&code, part)| part.values[code as usize]);
        self.columns.kind_values.push(values.collect());
        code
    }

    /// Return the code of the key of a caller that is a part of the kind.
    fn type_of(&mut self, walk: &mut Walk<'t, '_>) -> Option<u32> {
        walk.expect(b'{')?;
        let mut found = None;
        if walk.peek() == b'}' {
            return Some(0);
        }
        loop {
            let key = walk.string()?;
            if memchr(b'\\', key).is_some() {
                return None;
            }
            walk.expect(b':')?;
            let start = walk.offset() as u32;
            let value = walk.value()?;
            if &key[1..key.len() - 1] == self.fields.caller.1.as_bytes() {
                if found.is_some() || !matches!(value.first()?, b'"' | b'n') {
                    return None;
                }
                found = Some((value, [start, value.len() as u32]));
            }
            if !walk.goes_on(b'}')? {
                break;
            }
        }
        let (value, span) = found.unwrap_or((NULL, NOWHERE));
        Some(self.parts.last_mut()?.code(value, span))
    }
}

/// Return what kind of value begins with a byte, by one byte for all of the kind.
fn class(first: u8) -> u8 {
    match first {
        b'-' | b'0'..=b'9' => b'0',
        b'f' => b't',
        _ => first,
    }
}

/// Return the 16 bytes of a GUID in lower case, quotes included.
fn guid(value: &[u8]) -> Option<[u8; 16]> {
    const DIGITS: [usize; 16] = [1, 3, 5, 7, 10, 12, 15, 17, 20, 22, 25, 27, 29, 31, 33, 35];
    let value: &[u8; 38] = value.try_into().ok()?;
    if [9, 14, 19, 24].iter().any(|&at| value[at] != b'-') {
        return None;
    }
    let mut id = [0; 16];
    let mut wrong = 0;
    for (byte, at) in id.iter_mut().zip(DIGITS) {
        let (high, low) = (digit(value[at]), digit(value[at + 1]));
        wrong |= (high | low) & 0xf0;
        *byte = high << 4 | low & 15;
    }
    (wrong == 0).then_some(id)
}

fn digit(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => byte - b'0',
        b'a'..=b'f' => byte - b'a' + 10,
        _ => 0xff,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "\"0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9\"";

    fn fields() -> Fields {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        Fields {
            kind: names(&["eventName", "readOnly"]),
            caller: ("userIdentity".into(), "type".into()),
            texts: names(&["userAgent"]),
            objects: names(&["tlsDetails"]),
            places: names(&["requestParameters"]),
            absent: names(&["addendum"]),
            id: "eventID".into(),
        }
    }

    fn event(more: &str) -> String {
        let is_given = more.contains("userIdentity");
        let identity = if is_given { "" } else { ",\"userIdentity\":{}" };
        format!("{{\"eventID\":{ID}{identity}{more}}}")
    }

    fn log_file(events: &[String]) -> String {
        format!("{{\"Records\":[{}]}}", events.join(","))
    }

    #[test]
    fn events_become_columns() {
        let text = log_file(&[
            event(",\"eventName\":\"A\",\"userIdentity\":{\"type\":\"Root\"}"),
            event(
                ",\"userAgent\":\"x\",\"eventName\":\"A\",\"userIdentity\":{\"x\":{},\"type\":\"Root\"}",
            ),
            event(",\"readOnly\":true"),
        ]);
        let found = read(text.as_bytes(), Shape::LogFile, &fields()).unwrap();
        assert_eq!(found.kinds, [0, 0, 1]);
        let json = |spans: &[Span]| -> Vec<_> {
            let values = spans.iter().map(|&span| value_at(text.as_bytes(), span));
            values.map(|value| str::from_utf8(value).unwrap()).collect()
        };
        assert_eq!(json(&found.kind_values[0]), ["\"A\"", "null", "\"Root\""]);
        assert_eq!(json(&found.kind_values[1]), ["null", "true", "null"]);
        assert_eq!(found.callers.codes, [1, 2, 3]);
        assert_eq!(
            json(&found.callers.values)[..2],
            ["null", "{\"type\":\"Root\"}"]
        );
        let texts = found.column(text.as_bytes(), 0);
        assert_eq!(texts.codes, [0, 1, 0]);
        assert_eq!(json(&texts.values), ["null", "\"x\""]);
        assert_eq!(found.ids[..4], [0x0a, 0x1b, 0x2c, 0x3d]);
        assert_eq!(format!("\"{}\"", found.id(2)), ID);
        assert_eq!(found.samples, [0, 1, 2]);
        assert_eq!(json(&found.spans)[2], event(",\"readOnly\":true"));
    }

    #[test]
    fn objects_are_coded_and_values_placed() {
        let text = log_file(&[
            event(",\"tlsDetails\":{\"a\":1},\"requestParameters\": [1, 2] "),
            event(",\"requestParameters\":null,\"tlsDetails\":{\"a\":1}"),
            event(""),
        ]);
        let found = read(text.as_bytes(), Shape::LogFile, &fields()).unwrap();
        let objects = found.column(text.as_bytes(), 1);
        assert_eq!(objects.codes, [1, 1, 0]);
        let value = |span| value_at(text.as_bytes(), span);
        assert_eq!(
            objects
                .values
                .iter()
                .copied()
                .map(value)
                .collect::<Vec<_>>(),
            [NULL, &b"{\"a\":1}"[..]]
        );
        let places: Vec<_> = found.places(2).collect();
        assert_eq!(value(places[0]), b"[1, 2]");
        assert_eq!([places[1][1], places[2][1]], [4, 0]);
    }

    #[test]
    fn texts_of_every_length_are_compared_whole() {
        let text = b"abcdefghijklmnopqrstuvwxyz";
        for length in 0..text.len() {
            let mut other = text[..length].to_vec();
            assert!(is_same(&text[..length], &other));
            assert!(!is_same(&text[..=length], &other));
            for at in 0..length {
                other[at] ^= 1;
                assert!(!is_same(&text[..length], &other));
                other[at] ^= 1;
            }
        }
    }

    #[test]
    fn lines_are_read_like_a_log_file() {
        let (one, other) = (event(",\"eventName\":\"A\""), event(""));
        for text in [format!("{one}\n{other}"), format!(" {one} \r\n\n{other}\n")] {
            let found = read(text.as_bytes(), Shape::Lines, &fields()).unwrap();
            assert_eq!(found.kinds, [0, 1]);
        }
        for text in [
            format!("{one}{other}"),
            format!("{one},\n{other}"),
            format!("{one}\n1"),
            String::new(),
        ] {
            assert!(
                read(text.as_bytes(), Shape::Lines, &fields()).is_none(),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_odd_is_refused() {
        for more in [
            ",\"eventName\":1",
            ",\"eventName\":\"A\",\"eventName\":\"A\"",
            ",\"x\":1,\"x\":2",
            ",\"event\\u004eame\":\"A\"",
            ",\"userAgent\":true",
            ",\"userIdentity\":\"x\"",
            ",\"userIdentity\":null",
            ",\"userIdentity\":{\"type\":1}",
            ",\"userIdentity\":{\"type\":\"A\",\"type\":\"B\"}",
            ",\"userIdentity\":{\"typ\\u0065\":\"A\"}",
            ",\"addendum\":{}",
            ",\"tlsDetails\":[]",
            ",\"tlsDetails\":\"{}\"",
            ",\"x\":{\"Records\":[]}",
            ",\"x\":\"\u{1}\"",
            ",",
        ] {
            let text = log_file(&[event(more)]);
            assert!(
                read(text.as_bytes(), Shape::LogFile, &fields()).is_none(),
                "{more}"
            );
        }
        for text in [
            "{}",
            "[]",
            "{\"Records\":{}}",
            "{\"Records\":[{}]}",
            "{\"Records\":[],\"x\":1}",
            "{\"Records\":[]} 1",
        ] {
            assert!(
                read(text.as_bytes(), Shape::LogFile, &fields()).is_none(),
                "{text}"
            );
        }
        let upper = log_file(&[event("")]).replace("0a1b", "0A1B");
        assert!(read(upper.as_bytes(), Shape::LogFile, &fields()).is_none());
        let broken = [log_file(&[event(",\"x\":\"")]).as_bytes(), b"\xff\"}]}"].concat();
        assert!(read(&broken, Shape::LogFile, &fields()).is_none());
    }
}
