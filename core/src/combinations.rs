//! Codes of the values of some fields together, the same over many texts.

use crate::columns::{Columns, Fields, Use, value_at};
use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;

/// The longest values, in bytes, that get a code of their own.
const LONGEST: usize = 2048;

/// Where the value of a field is read.
#[derive(Clone, Copy)]
enum Place {
    Kind(usize),
    Caller,
    Value(usize),
}

/// The combinations of the values of some fields that came, and the code of each.
///
/// They are kept, so that nothing is taken for the same that only has the same hash.
pub struct Combinations {
    places: Vec<Place>,
    /// The code of each, without the values.
    codes: HashTable<u32>,
    /// Of each code where its values end, and their hash; the first is that of code 0.
    ends: Vec<(usize, u64)>,
    /// The values of all, each after its length.
    values: Vec<u8>,
    hasher: DefaultHashBuilder,
    key: Vec<u8>,
}

impl Combinations {
    /// Begin with none; None where one of the fields is not read of an event.
    #[must_use]
    pub fn new(fields: &Fields, names: &[String]) -> Option<Self> {
        let place = |name: &String| match fields.use_of_name(name.as_bytes()) {
            Use::Kind(at) => Some(Place::Kind(at)),
            Use::Caller => Some(Place::Caller),
            Use::Text(at) | Use::Object(at) | Use::Place(at) => Some(Place::Value(at)),
            Use::Absent | Use::Id | Use::Nothing => None,
        };
        Some(Combinations {
            places: names.iter().map(place).collect::<Option<_>>()?,
            codes: HashTable::new(),
            ends: vec![(0, 0)],
            values: Vec::new(),
            hasher: DefaultHashBuilder::default(),
            key: Vec::new(),
        })
    }

    /// Return the code of what some events have, from 1 on; 0 for what is too long.
    ///
    /// # Panics
    ///
    /// Where there is no event of a number.
    pub fn codes(&mut self, text: &[u8], columns: &Columns, events: &[u32]) -> Vec<u32> {
        let code = |&event| self.code(text, columns, event as usize);
        events.iter().map(code).collect()
    }

    /// Forget all of them.
    pub fn clear(&mut self) {
        self.codes = HashTable::new();
        self.ends.truncate(1);
        self.values = Vec::new();
    }

    /// Return how many bytes the values of all take.
    #[must_use]
    pub fn size(&self) -> usize {
        self.values.len()
    }

    fn code(&mut self, text: &[u8], columns: &Columns, event: usize) -> u32 {
        self.key.clear();
        for &place in &self.places {
            let value = value_at(
                text,
                match place {
                    Place::Kind(at) => columns.kind_values[columns.kinds[event] as usize][at],
                    Place::Caller => columns.callers.value(event),
                    Place::Value(at) => columns.place(event, at),
                },
            );
            if self.key.len() + value.len() > LONGEST {
                return 0;
            }
            self.key
                .extend_from_slice(&(value.len() as u32).to_ne_bytes());
            self.key.extend_from_slice(value);
        }
        let (key, ends, values) = (&self.key, &self.ends, &self.values);
        let hash = self.hasher.hash_one(&key[..]);
        let is_same = |&code: &u32| {
            let at = code as usize;
            ends[at].1 == hash && values[ends[at - 1].0..ends[at].0] == key[..]
        };
        if let Some(&code) = self.codes.find(hash, is_same) {
            return code;
        }
        let code = self.ends.len() as u32;
        self.values.extend_from_slice(&self.key);
        self.ends.push((self.values.len(), hash));
        let ends = &self.ends;
        self.codes
            .insert_unique(hash, code, |&code| ends[code as usize].1);
        code
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::{Shape, read};

    const ID: &str = "\"eventID\":\"0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9\"";

    fn fields() -> Fields {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        Fields {
            kind: names(&["eventName"]),
            caller: ("userIdentity".into(), "type".into()),
            texts: names(&["userAgent"]),
            objects: Vec::new(),
            places: names(&["requestParameters"]),
            absent: names(&["addendum"]),
            id: "eventID".into(),
        }
    }

    fn of(names: &[&str]) -> Option<Combinations> {
        let names: Vec<_> = names.iter().map(ToString::to_string).collect();
        Combinations::new(&fields(), &names)
    }

    fn codes(of: &mut Combinations, events: &[&str]) -> Vec<u32> {
        let events: Vec<_> = events
            .iter()
            .map(|each| format!("{{{ID},\"userIdentity\":{{}}{each}}}"))
            .collect();
        let text = format!("{{\"Records\":[{}]}}", events.join(","));
        let columns = read(text.as_bytes(), Shape::LogFile, &fields()).unwrap();
        let all: Vec<_> = (0..events.len() as u32).collect();
        of.codes(text.as_bytes(), &columns, &all)
    }

    #[test]
    fn the_same_values_have_the_same_code_in_every_text() {
        let mut some = of(&["eventName", "userAgent", "requestParameters"]).unwrap();
        let one = ",\"eventName\":\"A\",\"requestParameters\":{\"x\":1}";
        let other = ",\"eventName\":\"A\",\"requestParameters\":{\"x\":2}";
        let another = ",\"requestParameters\":{\"x\":1},\"more\":1,\"eventName\":\"A\"";
        assert_eq!(codes(&mut some, &[one, other, one]), [1, 2, 1]);
        assert_eq!(codes(&mut some, &["", another, other, ""]), [3, 1, 2, 3]);
        some.clear();
        assert_eq!(some.size(), 0);
        assert_eq!(codes(&mut some, &[other, one]), [1, 2]);
    }

    #[test]
    fn values_do_not_run_into_each_other() {
        let mut some = of(&["eventName", "userAgent"]).unwrap();
        let found = codes(
            &mut some,
            &[
                ",\"eventName\":\"ab\",\"userAgent\":\"c\"",
                ",\"eventName\":\"a\",\"userAgent\":\"bc\"",
                ",\"eventName\":\"a\"",
                ",\"userAgent\":\"a\"",
            ],
        );
        assert_eq!(found, [1, 2, 3, 4]);
    }

    #[test]
    fn many_are_told_apart() {
        let mut some = of(&["userAgent", "userIdentity"]).unwrap();
        let events: Vec<_> = (0..5000)
            .map(|n| format!(",\"userAgent\":\"{n}\""))
            .collect();
        let events: Vec<_> = events.iter().map(String::as_str).collect();
        let found = codes(&mut some, &events);
        assert_eq!(found, (1..=5000).collect::<Vec<_>>());
        assert_eq!(codes(&mut some, &events), found);
    }

    #[test]
    fn what_is_long_has_no_code() {
        let mut some = of(&["userAgent"]).unwrap();
        let long = format!(",\"userAgent\":\"{}\"", "x".repeat(LONGEST));
        assert_eq!(codes(&mut some, &[&long, ""]), [0, 1]);
    }

    #[test]
    fn only_what_is_read_can_be_asked_for() {
        assert!(of(&["requestParameters", "more"]).is_none());
        assert!(of(&["eventID"]).is_none());
        assert!(of(&["addendum"]).is_none());
    }
}
