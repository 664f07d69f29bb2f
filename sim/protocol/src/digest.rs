//! 128-bit fingerprints of states.
//!
//! The engines store explored states as fingerprints. Two different states of one run share a
//! fingerprint with a probability of about n² / 2¹²⁹ for n states: for ten million states less than
//! one in 10²⁴. The hash keys are fixed, so every run computes the same fingerprints.

use std::hash::{Hash, Hasher};

use calloff_model::Ticks;
use siphasher::sip128::{Hasher128, SipHasher13};

/// The fingerprint of a value.
pub fn fingerprint(value: &impl Hash) -> u128 {
    Clock { hand: None, is_read: false }.fingerprint(value)
}

/// The fingerprint of a value in which points in time count by how far they are from now, and
/// whether there are any. What is longer ago than `oldest` counts as just that.
pub fn fingerprint_at(now: Ticks, oldest: u64, value: &impl Hash) -> (u128, bool) {
    let mut clock = Clock { hand: Some((now, oldest)), is_read: false };
    let fingerprint = clock.fingerprint(value);
    (fingerprint, clock.is_read)
}

/// How points in time are hashed.
struct Clock {
    hand: Option<(Ticks, u64)>,
    is_read: bool,
}

impl Clock {
    fn fingerprint(&mut self, value: &impl Hash) -> u128 {
        let hash = SipHasher13::new_with_keys(0x6361_6c6c_6f66_6631, 0x6b31_6b32_6b33_6b34);
        let mut hasher = Digest { hash, clock: self };
        value.hash(&mut hasher);
        hasher.hash.finish128().into()
    }
}

struct Digest<'c> {
    hash: SipHasher13,
    clock: &'c mut Clock,
}

impl Hasher for Digest<'_> {
    fn finish(&self) -> u64 {
        self.hash.finish()
    }

    fn write(&mut self, bytes: &[u8]) {
        self.hash.write(bytes);
    }

    fn write_u8(&mut self, value: u8) {
        self.hash.write_u8(value);
    }

    fn write_u32(&mut self, value: u32) {
        self.hash.write_u32(value);
    }

    fn write_u64(&mut self, value: u64) {
        self.hash.write_u64(value);
    }

    fn write_usize(&mut self, value: usize) {
        self.hash.write_usize(value);
    }

    /// A point in time; see [`Ticks`].
    fn write_i128(&mut self, time: i128) {
        self.clock.is_read = true;
        let Some((now, oldest)) = self.clock.hand else {
            return self.hash.write_u64(time as u64);
        };
        self.hash.write_i64((time - i128::from(now.0)).max(-i128::from(oldest)) as i64);
    }
}

/// A hasher for maps whose keys are fingerprints: it does not hash them again.
#[derive(Clone, Copy, Default, Debug)]
pub struct FingerprintHasher(u64);

impl Hasher for FingerprintHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        let mut low = [0; 8];
        low[..bytes.len().min(8)].copy_from_slice(&bytes[..bytes.len().min(8)]);
        self.0 ^= u64::from_le_bytes(low);
    }

    fn write_u128(&mut self, fingerprint: u128) {
        self.0 = fingerprint as u64;
    }
}

/// A map with a fast hash, for whoever looks things up and never goes through them in order.
pub(crate) type FastMap<K, V> = std::collections::HashMap<K, V, rustc_hash::FxBuildHasher>;

/// A map whose keys are fingerprints.
pub type FingerprintMap<V> =
    std::collections::HashMap<u128, V, std::hash::BuildHasherDefault<FingerprintHasher>>;

/// A set of fingerprints.
pub type FingerprintSet =
    std::collections::HashSet<u128, std::hash::BuildHasherDefault<FingerprintHasher>>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_counts_by_how_far_it_is_from_now() {
        let at = |now, time| fingerprint_at(Ticks(now), 3, &(7_u64, Ticks(time)));
        assert_eq!(at(10, 12), at(20, 22));
        assert_ne!(at(10, 12), at(20, 23));
        assert_ne!(at(10, 8), at(10, 7));
        assert_eq!(at(10, 7), at(10, 2));
        assert!(at(10, 12).1 && !fingerprint_at(Ticks(1), 3, &7_u64).1);
    }
}
