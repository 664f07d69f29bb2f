//! Touches of memory at random places, as the table of a search makes them.

use std::hint::black_box;

fn mix(word: u64) -> u64 {
    let word = word.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (word ^ (word >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93)
}

/// A table of at least that many entries, all of which are in memory.
pub fn table(entries: u64) -> Vec<u64> {
    let entries = usize::try_from(entries.next_power_of_two().max(2)).expect("fits into memory");
    // Zeroes would be promised, and given only when they are touched.
    let mut table = vec![1; entries];
    black_box(&mut table);
    table
}

fn shift(table: &[u64]) -> u32 {
    u64::BITS - table.len().trailing_zeros()
}

/// Changes entries at places that are known beforehand, so that the processor can wait for several
/// of them at once.
pub fn independent(table: &mut [u64], times: u64) {
    let shift = shift(table);
    for i in 0..times {
        table[(mix(i) >> shift) as usize] += 1;
    }
    black_box(table);
}

/// Changes entries each of which says where the next one is.
pub fn dependent(table: &mut [u64], times: u64) {
    let (shift, mut at) = (shift(table), 0_u64);
    for i in 0..times {
        let entry = &mut table[(at >> shift) as usize];
        *entry += 1;
        at = mix(at.wrapping_add(i).wrapping_add(*entry));
    }
    black_box(table);
}
