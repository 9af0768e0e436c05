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

/// So many combinations of one subject are kept before it is asked whether some come again.
const PATIENCE: u64 = 4_000;

/// To judge an event costs so much more than to keep what it says.
const WORTH: u64 = 8;

/// What is asked about: some fields, and how often what they hold had come before.
struct Subject {
    places: Vec<Place>,
    came: u64,
    missed: u64,
}

impl Subject {
    /// Return whether hardly anything comes again, so that to keep it is of no use.
    fn is_hopeless(&self) -> bool {
        self.missed > PATIENCE && self.missed / WORTH > self.came
    }
}

/// The combinations of the values of some fields that came, and the code of each.
///
/// They are kept, so that nothing is taken for the same that only has the same hash.
pub struct Combinations {
    /// By their numbers; 0 is none.
    subjects: Vec<Subject>,
    /// The code of each, without the values.
    codes: HashTable<u32>,
    /// Of each code where its values end, their hash, and whether events that have them
    /// are passed over; the first is that of code 0.
    entries: Vec<(usize, u64, bool)>,
    /// The values of all, each after its length, behind the number of the subject.
    values: Vec<u8>,
    hasher: DefaultHashBuilder,
    key: Vec<u8>,
}

impl Default for Combinations {
    fn default() -> Self {
        Combinations {
            subjects: vec![Subject {
                places: Vec::new(),
                came: 0,
                missed: u64::MAX,
            }],
            codes: HashTable::new(),
            entries: vec![(0, 0, false)],
            values: Vec::new(),
            hasher: DefaultHashBuilder::default(),
            key: Vec::new(),
        }
    }
}

impl Combinations {
    /// Return the number of a new subject; None where one of its fields is not read.
    pub fn add(&mut self, fields: &Fields, names: &[String]) -> Option<u32> {
        let place = |name: &String| match fields.use_of_name(name.as_bytes()) {
            Use::Kind(at) => Some(Place::Kind(at)),
            Use::Caller => Some(Place::Caller),
            Use::Text(at) | Use::Object(at) | Use::Place(at) => Some(Place::Value(at)),
            Use::Absent | Use::Id | Use::Nothing => None,
        };
        let places = names.iter().map(place).collect::<Option<_>>()?;
        self.subjects.push(Subject {
            places,
            came: 0,
            missed: 0,
        });
        Some(self.subjects.len() as u32 - 1)
    }

    /// Return how many subjects there are, 0 included.
    #[must_use]
    pub fn subjects(&self) -> usize {
        self.subjects.len()
    }

    /// Return the codes of some events, each for the subject in its place.
    ///
    /// They begin with 1; what is too long, or of no use to keep, has code 0.
    ///
    /// # Panics
    ///
    /// Where there is no event or no subject of a number.
    pub fn codes(
        &mut self,
        text: &[u8],
        columns: &Columns,
        events: &[u32],
        subjects: &[u32],
    ) -> Vec<u32> {
        let each = events.iter().zip(subjects);
        each.map(|(&event, &subject)| self.code(text, columns, event as usize, subject as usize))
            .collect()
    }

    /// Return the events of which the kind has a subject, and their codes, likewise.
    ///
    /// `subjects` are those of the kinds.  Events that are passed over are not among them.
    ///
    /// # Panics
    ///
    /// Where there is no subject of a number, or not one for each kind.
    pub fn of_kinds(
        &mut self,
        text: &[u8],
        columns: &Columns,
        subjects: &[u32],
    ) -> (Vec<u32>, Vec<u32>) {
        let (mut events, mut codes) = (Vec::new(), Vec::new());
        for (event, &kind) in columns.kinds.iter().enumerate() {
            let subject = subjects[kind as usize];
            if subject > 0 {
                let code = self.code(text, columns, event, subject as usize);
                if !self.entries[code as usize].2 {
                    events.push(event as u32);
                    codes.push(code);
                }
            }
        }
        (events, codes)
    }

    /// Have events of a code passed over from now on.
    pub fn pass_over(&mut self, code: u32) {
        if let Some(entry) = self.entries.get_mut(code as usize).filter(|_| code > 0) {
            entry.2 = true;
        }
    }

    /// Forget all codes, and how often any came.
    pub fn clear(&mut self) {
        self.codes = HashTable::new();
        self.entries.truncate(1);
        self.values = Vec::new();
        for subject in &mut self.subjects[1..] {
            (subject.came, subject.missed) = (0, 0);
        }
    }

    /// Return how many codes there are, 0 included.
    #[must_use]
    pub fn count(&self) -> usize {
        self.entries.len()
    }

    /// Return how many bytes the values of all take.
    #[must_use]
    pub fn size(&self) -> usize {
        self.values.len()
    }

    fn code(&mut self, text: &[u8], columns: &Columns, event: usize, subject: usize) -> u32 {
        let about = &mut self.subjects[subject];
        if about.is_hopeless() {
            return 0;
        }
        self.key.clear();
        self.key.extend_from_slice(&(subject as u32).to_ne_bytes());
        for &place in &about.places {
            let value = value_at(
                text,
                match place {
                    Place::Kind(at) => columns.kind_values[columns.kinds[event] as usize][at],
                    Place::Caller => columns.callers.value(event),
                    Place::Value(at) => columns.place(event, at),
                },
            );
            if self.key.len() + value.len() > LONGEST {
                about.missed += 1;
                return 0;
            }
            let length = value.len() as u32;
            self.key.extend_from_slice(&length.to_ne_bytes());
            self.key.extend_from_slice(value);
        }
        let (key, entries, values) = (&self.key, &self.entries, &self.values);
        let hash = self.hasher.hash_one(&key[..]);
        let is_same = |&code: &u32| {
            let at = code as usize;
            entries[at].1 == hash && values[entries[at - 1].0..entries[at].0] == key[..]
        };
        if let Some(&code) = self.codes.find(hash, is_same) {
            about.came += 1;
            return code;
        }
        about.missed += 1;
        let code = self.entries.len() as u32;
        self.values.extend_from_slice(&self.key);
        self.entries.push((self.values.len(), hash, false));
        let entries = &self.entries;
        self.codes
            .insert_unique(hash, code, |&code| entries[code as usize].1);
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

    fn add(to: &mut Combinations, names: &[&str]) -> Option<u32> {
        let names: Vec<_> = names.iter().map(ToString::to_string).collect();
        to.add(&fields(), &names)
    }

    fn text_of(events: &[&str]) -> String {
        let events: Vec<_> = events
            .iter()
            .map(|each| format!("{{{ID},\"userIdentity\":{{}}{each}}}"))
            .collect();
        format!("{{\"Records\":[{}]}}", events.join(","))
    }

    fn columns_of(text: &str) -> Columns {
        read(text.as_bytes(), Shape::LogFile, &fields()).unwrap()
    }

    fn agents(numbers: std::ops::Range<u32>) -> Vec<String> {
        numbers.map(|n| format!(",\"userAgent\":\"{n}\"")).collect()
    }

    fn codes(of: &mut Combinations, subject: u32, events: &[impl AsRef<str>]) -> Vec<u32> {
        let events: Vec<_> = events.iter().map(AsRef::as_ref).collect();
        let text = text_of(&events);
        let all: Vec<_> = (0..events.len() as u32).collect();
        let subjects = vec![subject; all.len()];
        of.codes(text.as_bytes(), &columns_of(&text), &all, &subjects)
    }

    #[test]
    fn the_same_values_have_the_same_code_in_every_text() {
        let mut some = Combinations::default();
        let all = add(&mut some, &["eventName", "userAgent", "requestParameters"]).unwrap();
        let one = ",\"eventName\":\"A\",\"requestParameters\":{\"x\":1}";
        let other = ",\"eventName\":\"A\",\"requestParameters\":{\"x\":2}";
        let another = ",\"requestParameters\":{\"x\":1},\"more\":1,\"eventName\":\"A\"";
        assert_eq!(codes(&mut some, all, &[one, other, one]), [1, 2, 1]);
        assert_eq!(
            codes(&mut some, all, &["", another, other, ""]),
            [3, 1, 2, 3]
        );
        some.clear();
        assert_eq!((some.size(), some.count()), (0, 1));
        assert_eq!(codes(&mut some, all, &[other, one]), [1, 2]);
    }

    #[test]
    fn values_do_not_run_into_each_other() {
        let mut some = Combinations::default();
        let both = add(&mut some, &["eventName", "userAgent"]).unwrap();
        let found = codes(
            &mut some,
            both,
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
    fn subjects_have_codes_of_their_own() {
        let mut some = Combinations::default();
        let one = add(&mut some, &["eventName"]).unwrap();
        let other = add(&mut some, &["eventName"]).unwrap();
        assert_eq!(codes(&mut some, one, &["", ""]), [1, 1]);
        assert_eq!(codes(&mut some, other, &["", ""]), [2, 2]);
        assert_eq!(codes(&mut some, 0, &["", ""]), [0, 0]);
    }

    #[test]
    fn many_are_told_apart() {
        let mut some = Combinations::default();
        let both = add(&mut some, &["userAgent", "userIdentity"]).unwrap();
        let events: Vec<_> = (0..300)
            .map(|n| format!(",\"userAgent\":\"{n}\""))
            .collect();
        let events: Vec<_> = events.iter().map(String::as_str).collect();
        let found = codes(&mut some, both, &events);
        assert_eq!(found, (1..=300).collect::<Vec<_>>());
        assert_eq!(codes(&mut some, both, &events), found);
    }

    #[test]
    fn what_hardly_comes_again_is_kept_no_more() {
        let mut some = Combinations::default();
        let agent = add(&mut some, &["userAgent"]).unwrap();
        let name = add(&mut some, &["eventName"]).unwrap();
        let events = agents(0..PATIENCE as u32 + 100);
        let found = codes(&mut some, agent, &events);
        let last = PATIENCE as usize;
        let most = PATIENCE as u32 + 1;
        assert_eq!(found[last..last + 3], [most, 0, 0]);
        assert_eq!(some.count(), most as usize + 1);
        assert_eq!(codes(&mut some, name, &events)[..2], [most + 1, most + 1]);
        some.clear();
        assert_eq!(codes(&mut some, agent, &["", "", ""]), [1, 1, 1]);
    }

    #[test]
    fn what_comes_again_after_much_that_is_new_is_kept() {
        let mut some = Combinations::default();
        let agent = add(&mut some, &["userAgent"]).unwrap();
        let events = agents(0..PATIENCE as u32);
        let found = codes(&mut some, agent, &events);
        let again = PATIENCE / WORTH;
        assert_eq!(
            codes(&mut some, agent, &events[..again as usize]),
            found[..again as usize]
        );
        let more = agents(PATIENCE as u32..(PATIENCE + WORTH) as u32 + 1);
        let new = codes(&mut some, agent, &more);
        assert_eq!(new[0], PATIENCE as u32 + 1);
        assert_eq!(new.last(), Some(&0));
    }

    #[test]
    fn events_of_kinds_are_found_but_for_those_that_are_passed_over() {
        let mut some = Combinations::default();
        let agent = add(&mut some, &["userAgent"]).unwrap();
        let text = text_of(&[
            ",\"eventName\":\"A\",\"userAgent\":\"x\"",
            ",\"eventName\":\"B\",\"userAgent\":\"x\"",
            ",\"eventName\":\"A\"",
            ",\"eventName\":\"A\",\"userAgent\":\"x\"",
        ]);
        let columns = columns_of(&text);
        let mut found = || some.of_kinds(text.as_bytes(), &columns, &[agent, 0]);
        assert_eq!(found(), (vec![0, 2, 3], vec![1, 2, 1]));
        some.pass_over(1);
        some.pass_over(0);
        some.pass_over(99);
        assert_eq!(
            some.of_kinds(text.as_bytes(), &columns, &[agent, agent]),
            (vec![2], vec![2])
        );
        some.clear();
        let again = some.of_kinds(text.as_bytes(), &columns, &[agent, 0]);
        assert_eq!(again, (vec![0, 2, 3], vec![1, 2, 1]));
    }

    #[test]
    fn what_is_long_has_no_code() {
        let mut some = Combinations::default();
        let agent = add(&mut some, &["userAgent"]).unwrap();
        let long = format!(",\"userAgent\":\"{}\"", "x".repeat(LONGEST));
        assert_eq!(codes(&mut some, agent, &[&long, ""]), [0, 1]);
    }

    #[test]
    fn only_what_is_read_can_be_asked_for() {
        let mut some = Combinations::default();
        assert!(add(&mut some, &["requestParameters", "more"]).is_none());
        assert!(add(&mut some, &["eventID"]).is_none());
        assert!(add(&mut some, &["addendum"]).is_none());
        assert_eq!(some.subjects(), 1);
    }
}
