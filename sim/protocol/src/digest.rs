//! 128-bit fingerprints of states.
//!
//! The engines store explored states as fingerprints. Two different states of one run share a
//! fingerprint with a probability of about n² / 2¹²⁹ for n states: for ten million states less than
//! one in 10²⁴. The hash keys are fixed, so every run computes the same fingerprints.

use std::hash::{Hash, Hasher};

use siphasher::sip128::{Hasher128, SipHasher13};

/// The fingerprint of a value.
pub fn fingerprint(value: &impl Hash) -> u128 {
    let mut hasher = SipHasher13::new_with_keys(0x6361_6c6c_6f66_6631, 0x6b31_6b32_6b33_6b34);
    value.hash(&mut hasher);
    hasher.finish128().into()
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
