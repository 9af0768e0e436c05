//! Reads the text of `CloudTrail` events into columns of codes, eventIDs and offsets.
//!
//! It knows no rules.  What is odd in any way is refused as a whole, and the caller's own
//! reader reads it instead.  Time and memory are linear in the text.

#![allow(clippy::inline_always)] // measured: a tenth of the time

pub mod columns;
pub mod combinations;
#[cfg(feature = "python")]
mod python;
mod structure;
mod walk;
