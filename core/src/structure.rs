//! Finds where the structure of a JSON text is, 64 bytes at a time.
//!
//! That is the offset of each of `{}[]:,` outside of strings, of each opening quote, and
//! of the first byte of each other scalar.  The method is that of simdjson, stage 1.
//! <https://arxiv.org/abs/1902.08318>

const BLOCK: usize = 64;

/// What one block leaves for the next: whether its last byte escapes, is in a string, is
/// part of a scalar.
#[derive(Default)]
struct Carry {
    escaped: u64,
    in_string: u64,
    scalar: u64,
}

/// What the bytes of a block are, one bit each.
#[derive(Default)]
struct Bits {
    quote: u64,
    backslash: u64,
    operator: u64,
    space: u64,
    control: u64,
    high: u64,
}

/// Put the structure of a text into `offsets`, with the length of the text at the end, and
/// return whether the text is ASCII; None where it is not plain JSON.
///
/// A text with a structural byte in more than every other byte is refused: that bounds
/// the memory, and no event is so dense.
pub fn structure(text: &[u8], offsets: &mut Vec<u32>) -> Option<bool> {
    offsets.resize(text.len() / 5 + BLOCK, 0);
    let mut scan = Scan {
        text,
        offsets,
        found: 0,
        most: text.len() / 2 + BLOCK,
        carry: Carry::default(),
        high: 0,
    };
    let (blocks, rest) = text.as_chunks::<BLOCK>();
    scan.blocks(blocks)?;
    let mut last = [b' '; BLOCK];
    last[..rest.len()].copy_from_slice(rest);
    scan.block(&classify(&last), blocks.len() * BLOCK, prefix_xor)?;
    if scan.carry.in_string != 0 || scan.carry.escaped != 0 {
        return None;
    }
    let (found, is_ascii) = (scan.found, scan.high == 0);
    offsets.truncate(found);
    offsets.push(text.len() as u32);
    Some(is_ascii)
}

struct Scan<'t> {
    text: &'t [u8],
    /// Longer than what was found so far.
    offsets: &'t mut Vec<u32>,
    found: usize,
    most: usize,
    carry: Carry,
    high: u64,
}

impl Scan<'_> {
    fn blocks(&mut self, blocks: &[[u8; BLOCK]]) -> Option<()> {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("pclmulqdq")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("popcnt")
        {
            // SAFETY: the processor has each feature that the function is compiled for,
            // which is all that it asks of its caller.
            return unsafe { self.blocks_avx2(blocks) };
        }
        for (number, block) in blocks.iter().enumerate() {
            self.block(&classify(block), number * BLOCK, prefix_xor)?;
        }
        Some(())
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,pclmulqdq,bmi1,bmi2,popcnt")]
    fn blocks_avx2(&mut self, blocks: &[[u8; BLOCK]]) -> Option<()> {
        for (number, block) in blocks.iter().enumerate() {
            let bits = avx2::classify(block);
            self.block(&bits, number * BLOCK, |x| avx2::prefix_xor(x))?;
        }
        Some(())
    }

    #[inline]
    fn block(&mut self, bits: &Bits, base: usize, xor: impl Fn(u64) -> u64) -> Option<()> {
        let carry = &mut self.carry;
        let escaped = escaped(bits.backslash, carry);
        if escaped != 0 {
            are_escapes(self.text, base, escaped)?;
        }
        let quote = bits.quote & !escaped;
        let in_string = xor(quote) ^ carry.in_string;
        carry.in_string = ((in_string as i64) >> 63) as u64;
        if bits.control & in_string != 0 || bits.backslash & !in_string != 0 {
            return None;
        }
        let scalar = !(bits.operator | bits.space);
        let unquoted = scalar & !quote;
        let follows = unquoted << 1 | carry.scalar;
        carry.scalar = unquoted >> 63;
        let inside = in_string ^ quote;
        self.high |= bits.high;
        self.push((bits.operator | (scalar & !follows)) & !inside, base as u32)
    }

    /// Add the offsets of the bits of a block.
    #[inline]
    fn push(&mut self, mut bits: u64, base: u32) -> Option<()> {
        let count = bits.count_ones() as usize;
        // Some more than there are, without a branch for each: the next ones overwrite them.
        let end = self.found + BLOCK;
        if end > self.offsets.len() {
            self.offsets.resize(end + self.offsets.len(), 0);
        }
        for four in self.offsets[self.found..end].chunks_exact_mut(4) {
            if bits == 0 {
                break;
            }
            for each in four {
                *each = base + bits.trailing_zeros();
                bits &= bits.wrapping_sub(1);
            }
        }
        self.found += count;
        (self.found <= self.most).then_some(())
    }
}

/// Return which bytes a backslash escapes.
#[inline]
fn escaped(backslash: u64, carry: &mut Carry) -> u64 {
    const ODD: u64 = 0xAAAA_AAAA_AAAA_AAAA;
    if backslash == 0 && carry.escaped == 0 {
        return 0;
    }
    let potential = backslash & !carry.escaped;
    let both = ((potential << 1) | ODD).wrapping_sub(potential) ^ ODD;
    let found = both ^ (backslash | carry.escaped);
    carry.escaped = (both & backslash) >> 63;
    found
}

/// Check what follows backslashes.  Surrogates are left to the caller's reader.
#[cold]
fn are_escapes(text: &[u8], base: usize, mut escaped: u64) -> Option<()> {
    while escaped != 0 {
        let at = base + escaped.trailing_zeros() as usize;
        escaped &= escaped - 1;
        match text.get(at)? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
            b'u' => {
                let hex = text.get(at + 1..at + 5)?;
                let surrogate = hex[0] | 0x20 == b'd' && hex[1] >= b'8';
                if surrogate || !hex.iter().all(u8::is_ascii_hexdigit) {
                    return None;
                }
            }
            _ => return None,
        }
    }
    Some(())
}

fn classify(block: &[u8; BLOCK]) -> Bits {
    let mut bits = Bits::default();
    for (n, &byte) in block.iter().enumerate() {
        let bit = 1u64 << n;
        match byte {
            b'"' => bits.quote |= bit,
            b'\\' => bits.backslash |= bit,
            b'{' | b'}' | b'[' | b']' | b':' | b',' => bits.operator |= bit,
            b' ' | b'\t' | b'\n' | b'\r' => bits.space |= bit,
            _ => {}
        }
        if byte < 0x20 {
            bits.control |= bit;
        }
        if byte >= 0x80 {
            bits.high |= bit;
        }
    }
    bits
}

/// Return for each bit whether an odd number of bits is set up to it.
fn prefix_xor(mut bits: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use super::{BLOCK, Bits};
    use std::arch::x86_64::{
        __m256i, _mm_clmulepi64_si128, _mm_cvtsi128_si64, _mm_set_epi64x, _mm_set1_epi8,
        _mm256_cmpeq_epi8, _mm256_max_epu8, _mm256_movemask_epi8, _mm256_or_si256,
        _mm256_set_epi64x, _mm256_set1_epi8, _mm256_setr_epi8, _mm256_shuffle_epi8,
    };

    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn classify(block: &[u8; BLOCK]) -> Bits {
        let (low, high) = block.split_at(BLOCK / 2);
        let (low, high) = (half(low), half(high));
        Bits {
            quote: low.quote | high.quote << 32,
            backslash: low.backslash | high.backslash << 32,
            operator: low.operator | high.operator << 32,
            space: low.space | high.space << 32,
            control: low.control | high.control << 32,
            high: low.high | high.high << 32,
        }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn half(bytes: &[u8]) -> Bits {
        // A byte is white space, or an operator, if it equals what its low four bits
        // look up here (simdjson's tables).
        let spaces = _mm256_setr_epi8(
            32, 100, 100, 100, 17, 100, 113, 2, 100, 9, 10, 112, 100, 13, 100, 100, //
            32, 100, 100, 100, 17, 100, 113, 2, 100, 9, 10, 112, 100, 13, 100, 100,
        );
        let operators = _mm256_setr_epi8(
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 58, 123, 44, 125, 0, 0, //
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 58, 123, 44, 125, 0, 0,
        );
        let value = load(bytes);
        let curled = _mm256_or_si256(value, _mm256_set1_epi8(0x20));
        let last_control = _mm256_set1_epi8(0x1f);
        let control = equal(_mm256_max_epu8(value, last_control), last_control);
        Bits {
            quote: equal(value, _mm256_set1_epi8(b'"' as i8)),
            backslash: equal(value, _mm256_set1_epi8(b'\\' as i8)),
            // Some control characters look like one.
            operator: equal(curled, _mm256_shuffle_epi8(operators, curled)) & !control,
            space: equal(value, _mm256_shuffle_epi8(spaces, value)),
            control,
            high: mask(value),
        }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn load(bytes: &[u8]) -> __m256i {
        let (words, _) = bytes.as_chunks::<8>();
        let word = |n: usize| i64::from_le_bytes(words[n]);
        _mm256_set_epi64x(word(3), word(2), word(1), word(0))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn equal(one: __m256i, other: __m256i) -> u64 {
        mask(_mm256_cmpeq_epi8(one, other))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn mask(value: __m256i) -> u64 {
        u64::from(_mm256_movemask_epi8(value) as u32)
    }

    #[inline]
    #[target_feature(enable = "pclmulqdq")]
    pub fn prefix_xor(bits: u64) -> u64 {
        let bits = _mm_set_epi64x(0, bits as i64);
        _mm_cvtsi128_si64(_mm_clmulepi64_si128(bits, _mm_set1_epi8(-1), 0)) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_classified_as_without_vectors() {
        let mut blocks = Vec::new();
        for start in 0..=u8::MAX {
            let mut block = [0u8; BLOCK];
            for (n, byte) in block.iter_mut().enumerate() {
                *byte = start.wrapping_add((n * 37) as u8);
            }
            blocks.push(block);
        }
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("pclmulqdq") {
            for block in &blocks {
                let plain = classify(block);
                // SAFETY: the processor has what they are compiled for.
                let (bits, xor) =
                    unsafe { (avx2::classify(block), avx2::prefix_xor(plain.control)) };
                assert_eq!(bits.quote, plain.quote);
                assert_eq!(bits.backslash, plain.backslash);
                assert_eq!(bits.operator, plain.operator);
                assert_eq!(bits.space, plain.space);
                assert_eq!(bits.control, plain.control);
                assert_eq!(bits.high, plain.high);
                assert_eq!(xor, prefix_xor(plain.control));
            }
        }
    }

    #[test]
    fn the_structure_is_found_wherever_it_is_in_a_block() {
        for pad in 0..130 {
            let text = format!("{}{{\"a\\\"\\\\\":[1, \"x,}}\"]}}", " ".repeat(pad));
            let mut offsets = Vec::new();
            assert_eq!(structure(text.as_bytes(), &mut offsets), Some(true));
            let at: Vec<_> = offsets.iter().map(|&each| each as usize - pad).collect();
            assert_eq!(at, [0, 1, 8, 9, 10, 11, 13, 18, 19, 20]);
        }
    }

    #[test]
    fn what_is_not_plain_is_refused() {
        for text in [
            "\"a",
            "\"\\x\"",
            "\"\\u12g4\"",
            "\"\\ud83d\\ude00\"",
            "\"\t\"",
            "\\n",
            "\"a\\",
        ] {
            assert!(
                structure(text.as_bytes(), &mut Vec::new()).is_none(),
                "{text}"
            );
        }
        assert!(structure("[".repeat(1000).as_bytes(), &mut Vec::new()).is_none());
    }
}
